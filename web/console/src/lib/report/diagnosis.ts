/* Why people stop at a step of a funnel (src/engine/query.h, "Diagnosis"): which step to look at, what is asked, and of the answer what
 * sets those who stopped apart from those who went on, strongest first, in words. */
import { say, type Words } from '@/i18n'
import { formatNumber, formatShare } from '@/i18n/format'
import type { Funnel } from './funnel'
import type { Question, Scalar } from './types'

/** What of a person is looked at beside what they did in between. */
export const ATTRS = ['gender', 'city', 'channel', 'stage', 'rfm.tier']
export const SETS = ['tag']
/** What goes together less than this says nothing. */
export const PHI_LEAST = 0.05

export interface Counted {
  event?: string
  attr?: string
  set?: string
  value?: Scalar
  went_on: number
  stopped: number
  /** Only of enough people. Of an event: how it goes together with going on; of a value: with having stopped */
  phi?: number
  odds?: number
  odds_low?: number
  odds_high?: number
}
export interface DiagnosisAnswer {
  went_on: number
  stopped: number
  events: Counted[]
  values: Counted[]
}
/** Something that sets the two apart. */
export interface Reason {
  of: Counted
  /** Of those with it, and of the others: the share that went on */
  here: number
  there: number
  /** How it goes together with going on, of an event and of a value alike */
  phi: number
  odds: number
  low: number
  high: number
}

/** It can be told where each person counts once and the steps have an order. */
export const canTell = (f: Funnel): boolean => f.steps.length > 1 && f.count === 'person' && f.order !== 'any'
/** Steps (from 1) somebody came to the step before of. */
export const stepsToTell = (reached: number[]): number[] => reached.flatMap((_, i) => (i && reached[i - 1]! > 0 ? [i + 1] : []))
/** The step (from 1) that the smallest part of those before it take; the first of several alike. Nobody stops anywhere: none. */
export function worstStep(reached: number[]): number | null {
  let worst: number | null = null
  let least = 1
  for (const step of stepsToTell(reached)) {
    const part = reached[step - 1]! / reached[step - 2]!
    if (part < least) [worst, least] = [step, part]
  }
  return worst
}

/** Of the funnel's question, without what has no place here. */
export function diagnosisQuestion({ breakdown: _, count: __, ...funnel }: Question, step: number): Question {
  return { ...funnel, kind: 'diagnosis', step, attrs: ATTRS, sets: SETS }
}

function reasonOf(c: Counted, all: DiagnosisAnswer): Reason | null {
  const have = c.went_on + c.stopped
  const others = all.went_on + all.stopped - have
  if (c.phi === undefined || !c.odds || !c.odds_low || !c.odds_high || !have || !others) return null
  const parts = { of: c, here: c.went_on / have, there: (all.went_on - c.went_on) / others }
  return c.event !== undefined ? { ...parts, phi: c.phi, odds: c.odds, low: c.odds_low, high: c.odds_high } : { ...parts, phi: -c.phi, odds: 1 / c.odds, low: 1 / c.odds_high, high: 1 / c.odds_low }
}
const byStrength = (a: Reason, b: Reason): number => Math.abs(b.phi) - Math.abs(a.phi)

export interface Reasons {
  /** More of them stopped, more went on: each the strongest first */
  stopped: Reason[]
  wentOn: Reason[]
}
export interface Told {
  did: Reasons
  are: Reasons
  /** There was something with enough people on each side */
  enough: boolean
}
export function tell(all: DiagnosisAnswer, most: number): Told {
  const found = (rows: Counted[]): Reason[] => rows.flatMap((c) => reasonOf(c, all) ?? [])
  const split = (rows: Reason[]): Reasons => {
    const strong = rows.filter((r) => Math.abs(r.phi) >= PHI_LEAST).sort(byStrength)
    return { stopped: strong.filter((r) => r.phi < 0).slice(0, most), wentOn: strong.filter((r) => r.phi > 0).slice(0, most) }
  }
  const [did, are] = [found(all.events), found(all.values)]
  return { did: split(did), are: split(are), enough: did.length + are.length > 0 }
}
export const isTelling = (told: Told): boolean => [told.did, told.are].some((r) => r.stopped.length + r.wentOn.length > 0)
/** What is named first: the strongest of what goes with stopping. */
export const firstReason = (told: Told): Reason | null => [...told.did.stopped, ...told.are.stopped].sort(byStrength)[0] ?? null

const w = (zh: string, en: string): Words => ({ zh, en })
/** What an event or a tag is called; what an attribute is called, and its value. */
export interface Names {
  name: string
  value?: string
}
const whole = (part: number): string => formatShare(part, 0)
/** "Of people with “Shipping fee shown” 35% went on, of those without it 73%." */
export function reasonInWords(r: Reason, { name, value = '' }: Names): string {
  const here = whole(r.here)
  const there = whole(r.there)
  if (r.of.event !== undefined) return say(w(`有过“${name}”的人里 ${here} 继续，没有的 ${there}`, `Of people with “${name}” ${here} went on, of those without it ${there}`))
  if (r.of.set !== undefined) return say(w(`有标签“${name}”的人里 ${here} 继续，没有的 ${there}`, `Of people with the tag “${name}” ${here} went on, of those without it ${there}`))
  return say(w(`${name}是“${value}”的人里 ${here} 继续，其他人 ${there}`, `Of people whose ${name} is “${value}” ${here} went on, of the others ${there}`))
}
/** For who knows the trade. */
export const strengthInWords = (r: Reason): string => {
  const n = (x: number): string => formatNumber(x, Math.abs(x) < 0.1 ? 3 : 2)
  return say(w(`φ ${n(r.phi)} · 优势比 ${n(r.odds)}（95% 区间 ${n(r.low)} – ${n(r.high)}）`, `φ ${n(r.phi)} · odds ratio ${n(r.odds)} (95% interval ${n(r.low)} – ${n(r.high)})`))
}
