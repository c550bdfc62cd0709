/* A trend: its question (or two: another measure to divide by), the answer, and how both are said (src/engine/query.h, "Trend"). */
import { say, type Words } from '@/i18n'
import { formatMoney, formatNumber, formatShort } from '@/i18n/format'
import type { useCatalogue } from '@/lib/catalogue'
import { addDays, addMonths } from '@/lib/days'
import { peopleInWords, sentence } from './funnel'
import { isMoney, propName } from './kinds'
import { daysBefore, daysOf, lengthOf, rangeInWords, readRange, type Days } from './range'
import { emptyMatch, matchAsked, readBreakdowns, readChoice, readFlag, readMatch, readPeople, readText, without, type Breakdown, type Common, type GroupKey, type Match, type Question } from './types'
import { breakdownName } from './values'
import { matchInWords, matchIsWhole } from './where'

export const figures = ['count', 'people', 'per_person', 'sum', 'average', 'median', 'p90'] as const
export type FigureKind = (typeof figures)[number]
export const periods = ['hour', 'day', 'week', 'month'] as const
export type Period = (typeof periods)[number]
export const needsProp = (f: FigureKind): boolean => ['sum', 'average', 'median', 'p90'].includes(f)

export interface Measure {
  of: Match
  figure: FigureKind
  prop: string
}
export interface Trend extends Common, Measure {
  unit: Period
  breakdown: Breakdown[]
  compare: boolean
  marks: boolean
  shape: 'line' | 'bar'
  /** What the first is divided by */
  over: Measure | null
}
export interface Point {
  start: string
  count: number
  people: number
  sum?: number
  numbers?: number
  quantile?: number | null
}
export interface TrendGroup {
  keys: GroupKey[]
  total: Point
  points: Point[]
}
export interface TrendAnswer {
  groups: TrendGroup[]
}

function readMeasure(raw: Record<string, unknown>, otherwise: string): Measure {
  const figure = readChoice(raw.figure, figures, 'count')
  return { of: raw.of ? readMatch(raw.of) : emptyMatch(otherwise), figure, prop: needsProp(figure) ? readText(raw.prop) : '' }
}
const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x)
export function readTrend(raw: Record<string, unknown>): Trend {
  return {
    ...readMeasure(raw, 'order.paid'),
    unit: readChoice(raw.unit, periods, 'day'),
    breakdown: readBreakdowns(raw.breakdown, 2),
    people: readPeople(raw.people),
    range: readRange(raw.range, '30d'),
    compare: readFlag(raw.compare),
    marks: raw.marks !== false,
    shape: readChoice(raw.shape, ['line', 'bar'], 'line'),
    over: isObject(raw.over) ? readMeasure(raw.over, '') : null,
  }
}
/** An hour's curve of a year has more points than a screen. */
const HOURS_DAYS_MAX = 62
export function settleTrend(t: Trend): Trend {
  const clean = (m: Measure): Measure => ({ ...m, prop: needsProp(m.figure) ? m.prop : '' })
  const long = t.unit === 'hour' && lengthOf(daysOf(t.range)) > HOURS_DAYS_MAX
  return { ...t, ...clean(t), unit: long ? 'day' : t.unit, over: t.over && clean(t.over) }
}
const measureIsWhole = (m: Measure): boolean => matchIsWhole(m.of) && (!needsProp(m.figure) || m.prop !== '')
export const trendIsWhole = (t: Trend): boolean => measureIsWhole(t) && (!t.over || measureIsWhole(t.over))

const questionOf = (t: Trend, m: Measure, days: Days, breakdown: Breakdown[]): Question => ({
  kind: 'trend', ...days, of: matchAsked(m.of), figure: m.figure, unit: t.unit, ...without({ prop: m.prop || null, people: t.people, breakdown }),
})

/** The first of its questions, by which a saved trend is known. */
export const trendQuestion = (t: Trend): Question => questionOf(t, t, daysOf(t.range), t.breakdown)

/** The stretch before: as many days; of whole months, as many months. */
export function stretchBefore(range: string, unit: Period): Days {
  const days = daysOf(range)
  const months = unit === 'month' || (days.since.endsWith('-01') && days.until.endsWith('-01'))
  if (!months) return daysBefore(days)
  const [a, b] = [days.since, days.until].map((d) => Number(d.slice(0, 4)) * 12 + Number(d.slice(5, 7)))
  return { since: addMonths(days.since, a! - b! || -1), until: days.since }
}
const BAND_DAYS = 56
export const marked = (t: Trend): boolean => t.marks && t.unit === 'day' && !t.breakdown.length

export interface TrendPlan {
  /** The questions to ask, and what each is for, in the same order */
  questions: Question[]
  parts: Array<'main' | 'over' | 'before' | 'beforeOver' | 'past' | 'pastOver'>
}
export function trendPlan(t: Trend): TrendPlan {
  const plan: TrendPlan = { questions: [], parts: [] }
  const add = (part: TrendPlan['parts'][number], days: Days, breakdown: Breakdown[]): void => {
    plan.parts.push(part)
    plan.questions.push(questionOf(t, part.toLowerCase().endsWith('over') ? t.over! : t, days, breakdown))
  }
  const days = daysOf(t.range)
  add('main', days, t.breakdown)
  if (t.over) add('over', days, t.breakdown)
  if (t.compare && !t.breakdown.length) {
    add('before', stretchBefore(t.range, t.unit), [])
    if (t.over) add('beforeOver', stretchBefore(t.range, t.unit), [])
  }
  if (marked(t)) {
    const past = { since: addDays(days.since, -BAND_DAYS), until: days.since }
    add('past', past, [])
    if (t.over) add('pastOver', past, [])
  }
  return plan
}

/** The figure of a point; null where there is none. */
export function figureOf(f: FigureKind, p: Point | undefined): number | null {
  if (!p) return null
  if (f === 'count') return p.count
  if (f === 'people') return p.people
  if (f === 'per_person') return p.people ? p.count / p.people : null
  if (f === 'sum') return p.sum ?? 0
  if (f === 'average') return p.numbers ? (p.sum ?? 0) / p.numbers : null
  return p.quantile ?? null
}
export const dividedBy = (a: number | null, b: number | null): number | null => (a === null || !b ? null : a / b)

/** What a value of the trend is of: money stays money unless it is divided by money. */
export function valueText(t: Trend, value: number | null, short = false): string {
  if (value === null) return '—'
  const money = isMoney(t.prop) && !(t.over && isMoney(t.over.prop))
  if (money) return short ? formatShort(value / 100) : formatMoney(value)
  return short ? formatShort(value) : formatNumber(value, Number.isInteger(value) ? 0 : Math.abs(value) < 1 ? 4 : 2)
}
/** In a file: money in its unit. */
export const valueRaw = (t: Trend, value: number | null): number | string => (value === null ? '' : isMoney(t.prop) && !(t.over && isMoney(t.over.prop)) ? value / 100 : value)

const w = (zh: string, en: string): Words => ({ zh, en })
export const figureWords: Record<FigureKind, Words> = {
  count: w('次数', 'Count'), people: w('人数', 'People'), per_person: w('人均次数', 'Count a person'), sum: w('合计', 'Sum'), average: w('平均', 'Average'), median: w('中位数', 'Median'), p90: w('90 分位', '90th percentile'),
}
export const periodWords: Record<Period, Words> = { hour: w('小时', 'hour'), day: w('天', 'day'), week: w('周', 'week'), month: w('月', 'month') }
type Book = ReturnType<typeof useCatalogue>
export function measureName(m: Measure, book: Book): string {
  const of = matchInWords(m.of, book)
  return m.prop ? say(w(`${of}的${propName(m.prop)}${say(figureWords[m.figure])}`, `${say(figureWords[m.figure])} of ${propName(m.prop)} of ${of}`)) : say(w(`${of}的${say(figureWords[m.figure])}`, `${say(figureWords[m.figure])} of ${of}`))
}
export function trendInWords(t: Trend, book: Book): string {
  const what = measureName(t, book) + (t.over ? ` ÷ ${measureName(t.over, book)}` : '')
  return sentence([
    say(w(`${peopleInWords(t.people, book)}在${rangeInWords(t.range)}，每${say(periodWords[t.unit])}${what}`, `Of ${peopleInWords(t.people, book)} in ${rangeInWords(t.range)}, by ${say(periodWords[t.unit])}: ${what}`)),
    t.breakdown.length ? say(w(`按${t.breakdown.map((b) => breakdownName(b, book)).join('、')}拆分`, `broken down by ${t.breakdown.map((b) => breakdownName(b, book)).join(', ')}`)) : '',
    t.compare && !t.breakdown.length ? say(w('与上一段同样长的时间相比', 'beside the stretch before of the same length')) : '',
    marked(t) ? say(w('圈出与前 8 周同一星期几相比异常的日子（均值 ± 2 个标准差之外）', 'days are marked that lie outside the same weekday of the 8 weeks before (mean ± 2 standard deviations)')) : '',
  ])
}
