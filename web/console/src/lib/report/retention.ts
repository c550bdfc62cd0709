/* Retention: its question, the answer, and how both are said (src/engine/query.h, "Retention"). */
import { say, type Words } from '@/i18n'
import { formatNumber } from '@/i18n/format'
import type { useCatalogue } from '@/lib/catalogue'
import { peopleInWords, sentence } from './funnel'
import { propName } from './kinds'
import { daysOf, rangeInWords, readRange } from './range'
import { emptyMatch, matchAsked, readBreakdowns, readChoice, readFlag, readMatch, readNumber, readPeople, readText, without, type Breakdown, type Common, type GroupKey, type Match, type Question } from './types'
import { breakdownName } from './values'
import { matchInWords, matchIsWhole } from './where'

export const units = ['day', 'week', 'month', '24h'] as const
export type Unit = (typeof units)[number]
/** How many periods are looked at, at most and unless told. */
export const PERIODS_MAX: Record<Unit, number> = { day: 90, week: 52, month: 24, '24h': 90 }
const PERIODS: Record<Unit, number> = { day: 15, week: 9, month: 7, '24h': 15 }

export interface Retention extends Common {
  start: Match
  return: Match
  unit: Unit
  periods: number
  /** Every period in which somebody began, not only the first ever */
  every: boolean
  or_after: boolean
  /** Property that is summed; '': people are counted */
  value: string
  breakdown: Breakdown[]
}
export interface Cohort {
  start?: string
  people: number
  cells: number[]
  /** Those who could be in the cell; 0: not complete yet */
  base: number[]
}
export interface RetentionGroup {
  key?: GroupKey
  overall: Cohort
  cohorts: Cohort[]
}
export interface RetentionAnswer {
  groups: RetentionGroup[]
}

export function readRetention(raw: Record<string, unknown>): Retention {
  const unit = readChoice(raw.unit, units, 'week')
  return {
    start: raw.start ? readMatch(raw.start) : emptyMatch('order.paid'),
    return: raw.return ? readMatch(raw.return) : emptyMatch('order.paid'),
    unit,
    periods: Math.min(PERIODS_MAX[unit], Math.max(2, Math.round(readNumber(raw.periods, PERIODS[unit])))),
    every: readFlag(raw.every) && unit !== '24h',
    or_after: readFlag(raw.or_after),
    value: readText(raw.value),
    breakdown: readBreakdowns(raw.breakdown, 1),
    people: readPeople(raw.people),
    range: readRange(raw.range, '90d'),
  }
}
/** Another unit brings its own number of periods. */
export const withUnit = (r: Retention, unit: Unit): Retention => ({ ...r, unit, periods: PERIODS[unit], every: r.every && unit !== '24h' })
export const retentionIsWhole = (r: Retention): boolean => matchIsWhole(r.start) && matchIsWhole(r.return)

export function retentionQuestion(r: Retention): Question {
  return {
    kind: 'retention', ...daysOf(r.range), start: matchAsked(r.start), return: matchAsked(r.return), unit: r.unit, periods: r.periods,
    ...without({ people: r.people, every: r.every, or_after: r.or_after, value: r.value || null, breakdown: r.breakdown }),
  }
}

const w = (zh: string, en: string): Words => ({ zh, en })
export const unitNames: Record<Unit, Words> = { day: w('天', 'day'), week: w('周', 'week'), month: w('月', 'month'), '24h': w('24 小时', '24 hours') }
export const cellName = (r: Retention, n: number): string =>
  say({ day: w(`第 ${n} 天`, `Day ${n}`), week: w(`第 ${n} 周`, `Week ${n}`), month: w(`第 ${n} 月`, `Month ${n}`), '24h': w(`第 ${n} 个 24 h`, `${n} × 24 h`) }[r.unit])

export function retentionInWords(r: Retention, book: ReturnType<typeof useCatalogue>): string {
  const start = matchInWords(r.start, book)
  const back = matchInWords(r.return, book)
  const unit = say(unitNames[r.unit])
  return sentence([
    r.every
      ? say(w(`${peopleInWords(r.people, book)}在${rangeInWords(r.range)}每${unit}做了“${start}”的为一批`, `Of ${peopleInWords(r.people, book)}, each ${unit}’s group is whoever did “${start}” in it, in ${rangeInWords(r.range)}`))
      : say(w(`${peopleInWords(r.people, book)}在${rangeInWords(r.range)}第一次做“${start}”，按${unit}分批`, `Of ${peopleInWords(r.people, book)}, those who did “${start}” for the first time ever in ${rangeInWords(r.range)}, grouped by ${unit}`)),
    r.value
      ? say(w(`之后每${unit}“${back}”的${propName(r.value)}合计`, `the sum of ${propName(r.value)} of “${back}” in each ${unit} after`))
      : r.or_after
        ? say(w(`到第 N ${unit}或之后还做了“${back}”的人`, `who did “${back}” in the N-th ${unit} after or later`))
        : say(w(`之后第 N ${unit}又做了“${back}”的人，看 ${formatNumber(r.periods)} 期`, `who did “${back}” again in the N-th ${unit} after, for ${formatNumber(r.periods)} periods`)),
    say(w('还没过完的格子不计入整体', 'cells whose time is not over do not count to the whole')),
    r.breakdown[0] ? say(w(`按${breakdownName(r.breakdown[0], book)}拆分`, `broken down by ${breakdownName(r.breakdown[0], book)}`)) : '',
  ])
}
