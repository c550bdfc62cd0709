/* RFM of any kind of event: the question, the answer, and how both are said (src/engine/query.h, "Scores by how long ago"). */
import { say, type Words } from '@/i18n'
import type { useCatalogue } from '@/lib/catalogue'
import { axes, inDays, inMoney, inNumbers, inTimes, SCORES, shades, type Axis, type Cuts, type GridCell, type Measures, type Shade } from '@/lib/rfm'
import { peopleInWords, sentence } from './funnel'
import { isMoney, propName } from './kinds'
import { daysOf, rangeInWords, readRange } from './range'
import { emptyMatch, matchAsked, readChoice, readMatch, readPeople, readText, without, type Common, type Match, type Question } from './types'
import { matchInWords, matchIsWhole } from './where'

export interface Rfm extends Common {
  of: Match
  /** Property that is summed up; '': nothing is worth anything */
  value: string
  /** What takes of the sum; null: nothing does */
  refund: Match | null
  /** Cut points that stay; of a figure without them the quantiles of the people asked about */
  cuts: Partial<Cuts>
  /** Of the page: by what the grid is shaded */
  shade: Shade
}
export interface RfmCell {
  r: number
  f: number
  m: number
  class: string
  people: number
  facts: number
  value: number
}
export interface RfmAnswer {
  reference_at: string
  people: number
  cuts: Cuts
  means: Record<Axis, number>
  cells: RfmCell[]
}

const CUTS = 4
const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x)
const isCuts = (x: unknown): x is number[] => Array.isArray(x) && x.length === CUTS && x.every((n, i) => typeof n === 'number' && (i === 0 || n >= (x[i - 1] as number)))
const readCuts = (raw: unknown): Partial<Cuts> => (isObject(raw) ? Object.fromEntries(axes.filter((a) => isCuts(raw[a])).map((a) => [a, raw[a]])) : {})

export function readRfm(raw: Record<string, unknown>): Rfm {
  // Of a question that a machine saved, what is absent is not asked.
  const begun = raw.of !== undefined
  return {
    of: begun ? readMatch(raw.of) : emptyMatch('order.paid'), value: readText(raw.value, begun ? '' : 'amount_fen'), refund: raw.refund ? readMatch(raw.refund) : null,
    cuts: readCuts(raw.cuts), shade: readChoice(raw.shade, shades, 'people'), people: readPeople(raw.people), range: readRange(raw.range, '365d'),
  }
}
export const rfmIsWhole = (x: Rfm): boolean => matchIsWhole(x.of) && (!x.refund || matchIsWhole(x.refund))
export function rfmQuestion(x: Rfm): Question {
  // Without a value there is nothing to take of.
  return { kind: 'rfm', ...daysOf(x.range), of: matchAsked(x.of), ...without({ value: x.value || null, refund: x.value && x.refund ? matchAsked(x.refund) : null, cuts: x.cuts, people: x.people }) }
}

/** Those of an answer, to stay: the same people have the same scores, since days and times are whole and values in thousandths. */
export function cutsKept(cuts: Cuts): Cuts {
  const whole = (n: number): number => Math.floor(n)
  return { r: cuts.r.map(whole), f: cuts.f.map(whole), m: cuts.m.map((n) => Math.floor(n * 1000 + 1e-6) / 1000) }
}
/** All 25 cells of R and F. */
export function gridOf(answer: RfmAnswer): GridCell[] {
  return SCORES.flatMap((r) => SCORES.map((f): GridCell => {
    const here = answer.cells.filter((c) => c.r === r && c.f === f)
    return {
      r, f, people: here.reduce((sum, c) => sum + c.people, 0), worth: here.reduce((sum, c) => sum + c.value, 0),
      byM: SCORES.map((m) => here.find((c) => c.m === m)?.people ?? 0),
    }
  }))
}
/** The classes from the best; without a value nobody is above the mean of M. */
const classKeys = ['111', '110', '101', '100', '011', '010', '001', '000']
export interface ClassSum {
  key: string
  people: number
  value: number
}
export function classesOf(x: Rfm, answer: RfmAnswer): ClassSum[] {
  return classKeys.filter((key) => x.value !== '' || key.endsWith('0')).map((key) => {
    const here = answer.cells.filter((c) => c.class === key)
    return { key, people: here.reduce((sum, c) => sum + c.people, 0), value: here.reduce((sum, c) => sum + c.value, 0) }
  })
}
export const totalOf = (answer: RfmAnswer, of: 'facts' | 'value'): number => answer.cells.reduce((sum, c) => sum + c[of], 0)
export const measuresOf = (x: Rfm): Measures => ({ r: inDays, f: inTimes, m: isMoney(x.value) ? inMoney : inNumbers })

const w = (zh: string, en: string): Words => ({ zh, en })
export function rfmInWords(x: Rfm, book: ReturnType<typeof useCatalogue>): string {
  const what = matchInWords(x.of, book)
  const fixed = axes.filter((a) => x.cuts[a] && (a !== 'm' || x.value))
  return sentence([
    say(w(`${peopleInWords(x.people, book)}里在${rangeInWords(x.range)}做过“${what}”的人，按最近一次是多久以前（R）、做了多少次（F）${x.value ? `、${propName(x.value)}之和（M）` : ''}各打 1 到 5 分`,
      `Of ${peopleInWords(x.people, book)}, who did “${what}” in ${rangeInWords(x.range)}: scored from 1 to 5 by how long ago they last did (R), how often (F)${x.value ? ` and the sum of ${propName(x.value)} (M)` : ''}`)),
    x.value && x.refund ? say(w(`M 扣除“${matchInWords(x.refund, book)}”的${propName(x.value)}`, `“${matchInWords(x.refund, book)}” is subtracted from M`)) : '',
    fixed.length ? say(w(`${fixed.map((a) => a.toUpperCase()).join('、')} 的切分点是固定的`, `the cut points of ${fixed.map((a) => a.toUpperCase()).join(', ')} are fixed`)) : say(w('切分点取这些人的 20%、40%、60%、80% 分位', 'the cut points are the 20, 40, 60 and 80 % quantiles of these people')),
  ])
}
