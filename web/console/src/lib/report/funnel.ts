/* A funnel: its question, the answer, and how both are said (src/engine/query.h, "Funnel"). */
import { language, say, type Words } from '@/i18n'
import { fieldsOf } from '@/lib/condition/fields'
import { inWords } from '@/lib/condition/words'
import type { useCatalogue } from '@/lib/catalogue'
import { propName, kinds } from './kinds'
import { daysOf, rangeInWords, readRange } from './range'
import { emptyMatch, matchAsked, readBreakdowns, readChoice, readMatch, readMatches, readNumber, readPeople, without, type Breakdown, type Common, type GroupKey, type Match, type Question } from './types'
import { breakdownName, readSpan, spanInWords } from './values'
import { matchInWords, matchIsWhole } from './where'

export const STEPS_MAX = 20
export const EXCLUSIONS_MAX = 20
export const orders = ['in_order', 'strict', 'any'] as const
export const entries = ['any', 'first'] as const
export interface Exclusion extends Match {
  after: number
}
export interface Funnel extends Common {
  steps: Match[]
  window: string
  order: (typeof orders)[number]
  entry: (typeof entries)[number]
  /** Or once for each value of a property that stays the same through the chain */
  count: 'person' | 'entry' | { prop: string }
  exclude: Exclusion[]
  breakdown: Breakdown[]
}
export interface FunnelGroup {
  key?: GroupKey
  steps: Array<{ reached: number; quartiles_ms?: Array<number | null> }>
  total_ms?: Array<number | null>
}
export interface FunnelAnswer {
  groups: FunnelGroup[]
}

const counts = (raw: unknown): Funnel['count'] => {
  if (typeof raw === 'object' && raw !== null && typeof (raw as { prop?: unknown }).prop === 'string') return { prop: (raw as { prop: string }).prop }
  return readChoice(raw, ['person', 'entry'], 'person')
}
export function readFunnel(raw: Record<string, unknown>): Funnel {
  const steps = Array.isArray(raw.steps) && raw.steps.length ? readMatches(raw.steps, 2).slice(0, STEPS_MAX) : [emptyMatch('customer.created'), emptyMatch('order.paid')]
  return {
    steps,
    window: readSpan(raw.window, '30d'),
    order: readChoice(raw.order, orders, 'in_order'),
    entry: readChoice(raw.entry, entries, 'any'),
    count: counts(raw.count),
    exclude: (Array.isArray(raw.exclude) ? raw.exclude : []).slice(0, EXCLUSIONS_MAX).map((x: Record<string, unknown>) => ({ ...readMatch(x), after: Math.min(steps.length - 1, Math.max(1, readNumber(x?.after, 1))) })),
    breakdown: readBreakdowns(raw.breakdown, 1),
    people: readPeople(raw.people),
    range: readRange(raw.range, '30d'),
  }
}
/** What the other choices leave no room for is put right: entries and exclusions go with steps in order only. */
export function settle(f: Funnel): Funnel {
  if (f.order === 'in_order') return f
  return { ...f, exclude: [], count: f.count === 'entry' ? 'person' : f.count }
}
export const funnelIsWhole = (f: Funnel): boolean => [...f.steps, ...f.exclude].every(matchIsWhole) && (typeof f.count === 'string' || f.count.prop !== '')

export function funnelQuestion(f: Funnel): Question {
  return {
    kind: 'funnel',
    ...daysOf(f.range),
    ...without({
      people: f.people,
      order: f.order === 'in_order' ? null : f.order,
      entry: f.entry === 'any' ? null : f.entry,
      count: f.count === 'person' ? null : f.count,
      exclude: f.exclude.map((x) => ({ ...matchAsked(x), after: x.after })),
      breakdown: f.breakdown,
    }),
    steps: f.steps.map(matchAsked),
    window: f.window,
  }
}

const w = (zh: string, en: string): Words => ({ zh, en })
export const orderWords: Record<Funnel['order'], Words> = {
  in_order: w('按顺序完成，中间可以做别的事', 'in this order, other things may come between'),
  strict: w('严格按顺序，中间不能有其他步骤', 'strictly in this order, no other step between'),
  any: w('不分先后', 'in any order'),
}
/** The names of the two ways in which an entry is chosen, as the picture has them, and what they mean. */
export const entryWords: Record<Funnel['entry'], Words> = { any: w('任一次进入', 'Any entry'), first: w('首次进入', 'First entry') }
export const entryMeaning: Record<Funnel['entry'], Words> = {
  any: w('每次做第一步都可以算作进入，取走得最远的一次', 'whenever the first step is done one may enter; what went furthest counts'),
  first: w('只从时间范围内第一次做第一步算起，之后再做不重新计时', 'one enters by the first step done for the first time; doing it again does not begin anew'),
}
export const unitWords = (f: Funnel): Words => (f.count === 'person' ? w('人数', 'People') : f.count === 'entry' ? w('次数', 'Entries') : w('组数', 'Cases'))
export const countWords = (f: Funnel): Words =>
  f.count === 'person' ? w('每人只计一次', 'each person counts once') : f.count === 'entry' ? w('每次进入计一次', 'each entry counts') : w(`每人每个“${propName(f.count.prop)}”计一次`, `each person counts once for each “${propName(f.count.prop)}”`)

type Book = ReturnType<typeof useCatalogue>
/** Whose events, at the beginning of a sentence. */
export function peopleInWords(people: Common['people'], book: Book): string {
  if (!Object.keys(people).length) return say(w('所有客户', 'all customers'))
  return say(w('符合以下条件的客户：', 'customers who fit: ')) + inWords(people, fieldsOf(book.all, kinds.items))
}
export const sentence = (parts: string[]): string => parts.filter(Boolean).join(language.value === 'en' ? '; ' : '；') + (language.value === 'en' ? '.' : '。')

export function funnelInWords(f: Funnel, book: Book): string {
  const steps = f.steps.map((m) => matchInWords(m, book)).join(' → ')
  return sentence([
    say(w(`${peopleInWords(f.people, book)}在${rangeInWords(f.range)}做了第一步、随后 ${spanInWords(f.window)}内走过 ${steps} 的各有多少`, `Of ${peopleInWords(f.people, book)}: how many did the first step in ${rangeInWords(f.range)} and then, within ${spanInWords(f.window)}, went through ${steps}`)),
    say(orderWords[f.order]),
    `${say(entryWords[f.entry])}${say(w('：', ': '))}${say(entryMeaning[f.entry])}`,
    say(countWords(f)),
    ...f.exclude.map((x) => say(w(`第 ${x.after} 步之后做了“${matchInWords(x, book)}”的不再继续`, `who did “${matchInWords(x, book)}” after step ${x.after} goes no further`))),
    f.breakdown[0] ? say(w(`按${breakdownName(f.breakdown[0], book)}拆分`, `broken down by ${breakdownName(f.breakdown[0], book)}`)) : '',
  ])
}
