/* Life cycle and stickiness: the question, the answer, how both are said and drawn (src/engine/query.h, "Life cycle and stickiness"). */
import { language, say, type Words } from '@/i18n'
import { formatNumber } from '@/i18n/format'
import type { useCatalogue } from '@/lib/catalogue'
import { instantWords } from '@/lib/days'
import { peopleInWords, sentence } from './funnel'
import { daysOf, rangeInWords, readRange } from './range'
import { emptyMatch, matchAsked, readBreakdowns, readChoice, readMatch, readNumber, readPeople, without, type Breakdown, type Common, type GroupKey, type Match, type Question } from './types'
import { breakdownName } from './values'
import { matchInWords, matchIsWhole } from './where'

export const views = ['life', 'stickiness'] as const
export type View = (typeof views)[number]
export const units = ['day', 'week', 'month'] as const
export type Unit = (typeof units)[number]
/** How many periods a window of stickiness may have; the engine takes 2 … 366. */
export const windows: Record<Unit, number[]> = { day: [7, 14, 28, 30], week: [4, 13, 26], month: [3, 6, 12] }
const WINDOW_MAX = 366

export interface Activity extends Common {
  kind: View
  of: Match
  unit: Unit
  window: number
  /** Of stickiness: how many days people are active, or the course of it */
  shape: 'days' | 'course'
  /** By what people are: events have nothing to say of somebody who does not come */
  breakdown: Breakdown[]
}
export interface ActivityPoint {
  start: string
  complete: boolean
  active: number
  new?: number
  returning?: number
  resurrected?: number
  dormant?: number
  recent?: number
}
export interface ActivityGroup {
  key?: GroupKey
  people: number
  points: ActivityPoint[]
  days?: number[]
}
export interface ActivityAnswer {
  groups: ActivityGroup[]
}

/** People come back to a shop in months, and to an app in days. */
const usual: Record<View, Pick<Activity, 'unit' | 'range'>> = { life: { unit: 'month', range: '365d' }, stickiness: { unit: 'day', range: '30d' } }
export function readActivity(raw: Record<string, unknown>): Activity {
  const kind = readChoice(raw.kind, views, 'life')
  const unit = readChoice(raw.unit, units, usual[kind].unit)
  return {
    kind,
    of: raw.of ? readMatch(raw.of) : emptyMatch('order.paid'),
    unit,
    window: Math.min(WINDOW_MAX, Math.max(2, Math.round(readNumber(raw.window, windows[unit][0]!)))),
    shape: readChoice(raw.shape, ['days', 'course'], 'days'),
    breakdown: readBreakdowns(raw.breakdown, 1).filter((b) => !('prop' in b)),
    people: readPeople(raw.people),
    range: readRange(raw.range, usual[kind].range),
  }
}
export const withView = (a: Activity, kind: View): Activity => ({ ...a, kind, ...usual[kind], window: windows[usual[kind].unit][0]! })
export const withUnit = (a: Activity, unit: Unit): Activity => ({ ...a, unit, window: windows[unit][0]! })
export const activityIsWhole = (a: Activity): boolean => matchIsWhole(a.of)
export function activityQuestion(a: Activity): Question {
  return { kind: a.kind, ...daysOf(a.range), of: matchAsked(a.of), unit: a.unit, ...(a.kind === 'stickiness' ? { window: a.window } : {}), ...without({ people: a.people, breakdown: a.breakdown }) }
}
/** With a breakdown, everybody too: people may be in several of its groups, or count in one figure and not in the other. */
export function activityQuestions(a: Activity): Question[] {
  const q = activityQuestion(a)
  return a.breakdown.length ? [q, { ...q, breakdown: undefined }] : [q]
}

const w = (zh: string, en: string): Words => ({ zh, en })
export const viewWords: Record<View, Words> = { life: w('生命周期', 'Life cycle'), stickiness: w('粘性', 'Stickiness') }
export const unitWords: Record<Unit, Words> = { day: w('天', 'day'), week: w('周', 'week'), month: w('月', 'month') }
const units_: Record<Unit, Words> = { day: w('天', 'days'), week: w('周', 'weeks'), month: w('个月', 'months') }
/** "7 天", "4 weeks" */
export const spanOf = (unit: Unit, n: number): string => `${formatNumber(n, 1)} ${say(n === 1 && language.value === 'en' ? unitWords[unit] : units_[unit])}`

/** What people are in a period: `as` of a bar, its name, its colour, and which way it is drawn. */
export interface Part {
  as: 'new' | 'returning' | 'resurrected' | 'dormant'
  name: Words
  colour: string
  down?: boolean
}
export const parts: Part[] = [
  { as: 'returning', name: w('留下', 'Stayed'), colour: 'chart-1' },
  { as: 'new', name: w('新增', 'New'), colour: 'chart-4' },
  { as: 'resurrected', name: w('回流', 'Came back'), colour: 'chart-3' },
  { as: 'dormant', name: w('沉默', 'Went quiet'), colour: 'chart-8', down: true },
]
export const partOf = (p: ActivityPoint | undefined, as: Part['as']): number => p?.[as] ?? 0
/** Came and went. */
export const netOf = (p: ActivityPoint): number => partOf(p, 'new') + partOf(p, 'resurrected') - partOf(p, 'dormant')
/** Of those who were here before the period. */
export const beforeOf = (p: ActivityPoint): number => partOf(p, 'returning') + partOf(p, 'dormant')
export const ratioOf = (p: ActivityPoint): number | null => (p.recent ? p.active / p.recent : null)
/** How many periods each of the last window's people was active in, on average. */
export function daysEach(days: number[]): number | null {
  const people = days.reduce((sum, n) => sum + n, 0)
  return people ? days.reduce((sum, n, i) => sum + n * (i + 1), 0) / people : null
}

/** Up to the most that anybody was active, and the first few in any case. */
const DAYS_LEAST = 7
export const daysShown = (group: ActivityGroup): number[] => (group.days ?? []).slice(0, Math.max(DAYS_LEAST, (group.days ?? []).findLastIndex((n) => n > 0) + 1))
export const daysPeople = (group: ActivityGroup | null | undefined): number => (group?.days ?? []).reduce((sum, n) => sum + n, 0)
export const pointAt = (group: ActivityGroup, start: string | undefined): ActivityPoint | undefined => group.points.find((p) => p.start === start)

const labels: Record<Unit, Intl.DateTimeFormatOptions> = { day: { month: 'short', day: 'numeric' }, week: { month: 'short', day: 'numeric' }, month: { year: 'numeric', month: 'short' } }
export const periodName = (unit: Unit, start: string): string => instantWords(start, labels[unit])
export function periodLong(unit: Unit, start: string): string {
  const day = instantWords(start, unit === 'month' ? labels.month : { year: 'numeric', month: 'short', day: 'numeric' })
  return unit === 'week' ? say(w(`${day}起一周`, `Week of ${day}`)) : day
}
export const activeName = (unit: Unit): string => say({ day: w('当天活跃', 'Active that day'), week: w('当周活跃', 'Active that week'), month: w('当月活跃', 'Active that month') }[unit])
export const recentName = (a: Activity): string => say(w(`近 ${spanOf(a.unit, a.window)}活跃`, `Active in ${spanOf(a.unit, a.window)}`))

export function activityInWords(a: Activity, book: ReturnType<typeof useCatalogue>): string {
  const what = matchInWords(a.of, book)
  const unit = say(unitWords[a.unit])
  const broken = a.breakdown[0] ? say(w(`按${breakdownName(a.breakdown[0], book)}拆分`, `broken down by ${breakdownName(a.breakdown[0], book)}`)) : ''
  if (a.kind === 'life')
    return sentence([
      say(w(`${peopleInWords(a.people, book)}在${rangeInWords(a.range)}，每${unit}做过“${what}”的人（活跃）`, `Of ${peopleInWords(a.people, book)}, who did “${what}” in each ${unit} of ${rangeInWords(a.range)} (active)`)),
      say(w(`有生以来第一次的是新增，上一${unit}也做过的是留下，更早做过、上一${unit}没做的是回流`, `new: for the first time ever; stayed: also in the ${unit} before; came back: earlier, but not in the ${unit} before`)),
      say(w(`上一${unit}做过、这一${unit}没做的是沉默`, `went quiet: in the ${unit} before and not in this one`)),
      broken,
    ])
  return sentence([
    say(w(`${peopleInWords(a.people, book)}在${rangeInWords(a.range)}，每${unit}有多少人做过“${what}”，占近 ${spanOf(a.unit, a.window)}做过的人的几成`, `Of ${peopleInWords(a.people, book)} in ${rangeInWords(a.range)}: how many did “${what}” in each ${unit}, and what share that is of those who did in ${spanOf(a.unit, a.window)}`)),
    say(w(`最近 ${spanOf(a.unit, a.window)}里，做过 1、2……${formatNumber(a.window)} ${unit}的各有多少人`, `in the latest ${spanOf(a.unit, a.window)}, how many people did in 1, 2 … ${formatNumber(a.window)} of them`)),
    broken,
  ])
}

/** What stands in a tooltip, made of safe texts. */
export const bold = (n: number): string => `<b>${formatNumber(n)}</b>`

/** Both ways of adding up: who is active is one of three, and who was active before stayed or went quiet. */
export function identity(p: ActivityPoint): [string, string] {
  const [stayed, fresh, back, quiet] = parts.map((x) => `${say(x.name)} ${bold(partOf(p, x.as))}`) as [string, string, string, string]
  return [
    say(w(`活跃 ${bold(p.active)} ＝ ${stayed} ＋ ${fresh} ＋ ${back}`, `Active ${bold(p.active)} = ${stayed} + ${fresh} + ${back}`)),
    say(w(`上一期活跃 ${bold(beforeOf(p))} ＝ ${stayed} ＋ ${quiet}`, `Active before ${bold(beforeOf(p))} = ${stayed} + ${quiet}`)),
  ]
}
