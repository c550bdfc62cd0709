/* AARRR: five stages a customer passes, each somebody's own definition: a kind of event with conditions, and who of those that do it
 * counts. Each is a segment; they are asked together, of the stretch and of the one before. Saved, they are a report of their own
 * kind (src/domain/report/stages.c). */
import { say, type Words } from '@/i18n'
import { formatShare } from '@/i18n/format'
import type { useCatalogue } from '@/lib/catalogue'
import { fieldsOf } from '@/lib/condition/fields'
import { inWords } from '@/lib/condition/words'
import type { Condition } from '@/lib/people'
import type { Answer } from './ask'
import { peopleInWords, sentence } from './funnel'
import { kinds } from './kinds'
import { daysOf, fixedDays, rangeInWords, readRange, type Days } from './range'
import { stretchBefore } from './trend'
import { emptyMatch, matchAsked, readChoice, readMatch, readPeople, type Common, type Match, type Question } from './types'
import { matchInWords, matchIsWhole } from './where'

export const stageKeys = ['acquisition', 'activation', 'retention', 'revenue', 'referral'] as const
export type StageKey = (typeof stageKeys)[number]
/** Of those who do it in the stretch: all, those who had never done it before, those who had. */
export const whos = ['anyone', 'first', 'again'] as const
export type Who = (typeof whos)[number]
export interface Stage {
  of: Match
  who: Who
  /** People the API set in a way that has no row here: kept and asked as they are */
  given?: Condition
}
export interface Aarrr extends Common {
  /** A stage without an event is not defined, and not asked */
  stages: Record<StageKey, Stage>
  /** Beside the stretch before */
  compare: boolean
}

const usual: Record<StageKey, [event: string, who: Who]> = {
  acquisition: ['customer.created', 'anyone'], activation: ['order.paid', 'first'], retention: ['order.paid', 'again'], revenue: ['order.paid', 'anyone'], referral: ['', 'anyone'],
}
const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x)
function readStage(raw: unknown, key: StageKey): Stage {
  const [event, who] = usual[key]
  return isObject(raw) ? { of: readMatch(raw.of), who: readChoice(raw.who, whos, who), ...(isObject(raw.given) ? { given: raw.given } : {}) } : { of: emptyMatch(event), who }
}
/** From the people of a stage: as stagePeople() makes them, or given. */
function stageOf(people: unknown): Stage {
  const list = isObject(people) && Array.isArray(people.all) ? (people.all as unknown[]) : [people]
  const [leaf, more, ...rest] = list as Array<Record<string, unknown> | undefined>
  const known = (x: unknown, ...members: string[]): boolean => isObject(x) && typeof x.event === 'string' && Object.keys(x).every((k) => ['event', 'where', ...members].includes(k))
  const same = (x: unknown): boolean => known(x, 'until') && JSON.stringify([leaf!.event, leaf!.where]) === JSON.stringify([(x as Match).event, (x as Match).where])
  const who = more === undefined ? 'anyone' : isObject(more) && same(more.not) && Object.keys(more).length === 1 ? 'first' : same(more) ? 'again' : null
  if (!known(leaf, 'since', 'until') || !who || rest.length) return { of: emptyMatch(), who: 'anyone', given: readPeople(people) }
  return { of: readMatch(leaf), who }
}
/** Of one that a machine saved, what stands in its questions; a stage that is not there is not defined. */
function stagesOf(list: unknown[]): Record<string, unknown> {
  const found = list.filter(isObject).map((x) => [x.stage, stageOf(isObject(x.query) ? x.query.people : null)])
  return { ...Object.fromEntries(stageKeys.map((k) => [k, { of: emptyMatch(), who: 'anyone' }])), ...(Object.fromEntries(found) as object) }
}
export function readAarrr(raw: Record<string, unknown>): Aarrr {
  const stages = Array.isArray(raw.stages) ? stagesOf(raw.stages) : isObject(raw.stages) ? raw.stages : {}
  return {
    stages: Object.fromEntries(stageKeys.map((k) => [k, readStage(stages[k], k)])) as Record<StageKey, Stage>,
    compare: raw.compare !== false,
    people: readPeople(raw.people),
    range: readRange(raw.range, '30d'),
  }
}
export const definedStages = (a: Aarrr): StageKey[] => stageKeys.filter((k) => a.stages[k].of.event !== '' || a.stages[k].given)
export const aarrrIsWhole = (a: Aarrr): boolean => definedStages(a).length > 0 && definedStages(a).every((k) => a.stages[k].given || matchIsWhole(a.stages[k].of))

/** The people of a stage in a stretch. */
export function stagePeople(s: Stage, days: Days, people: Condition): Condition {
  if (s.given) return Object.keys(people).length ? ({ all: [people, s.given] } as Condition) : s.given
  const event = matchAsked(s.of)
  const earlier = { ...event, until: days.since }
  const more = { anyone: [], first: [{ not: earlier }], again: [earlier] }[s.who]
  return { all: [...(Object.keys(people).length ? [people] : []), { ...event, ...days }, ...more] } as Condition
}
const MOVING = /^([2-9]|\d\d+)d$/ // the last days; today alone is no stretch that moves
const OF_SEGMENTS = /"segment\.(entered|left)"/ // what no segment may look at
/** The people of a stage as a segment that keeps itself: of named days in those days, of the last days in a window that moves. Null: no
 * condition says it, as of calendar weeks and months, and of the stretch before the last days. */
export function stageLive(a: Aarrr, key: StageKey, before: boolean): Condition | null {
  const s = a.stages[key]
  const days = before ? stretchBefore(a.range, 'day') : daysOf(a.range)
  const within = a.range
  let who = s.given || fixedDays(a.range) ? stagePeople(s, days, a.people) : null
  if (!who && !before && MOVING.test(within)) {
    const event = matchAsked(s.of)
    const more = { anyone: [{ ...event, within }], first: [{ ...event, first: { within } }], again: [{ ...event, within }, { ...event, first: { before: within } }] }[s.who]
    who = { all: [...(Object.keys(a.people).length ? [a.people] : []), ...more] }
  }
  return who && !OF_SEGMENTS.test(JSON.stringify(who)) ? who : null
}
const stageQuestion = (a: Aarrr, key: StageKey, days: Days): Question => ({ kind: 'segment', people: stagePeople(a.stages[key], days, a.people) })
/** What is saved. */
export const aarrrQuestion = (a: Aarrr): Question => ({ kind: 'aarrr', ...daysOf(a.range), stages: definedStages(a).map((stage) => ({ stage, query: stageQuestion(a, stage, daysOf(a.range)) })) })

export interface AarrrPlan {
  parts: Array<{ key: StageKey; before: boolean }>
  questions: Question[]
}
export function aarrrPlan(a: Aarrr): AarrrPlan {
  const stretches = [{ before: false, days: daysOf(a.range) }, ...(a.compare ? [{ before: true, days: stretchBefore(a.range, 'day') }] : [])]
  // What was given names its own days: there is none before it.
  const all = stretches.flatMap(({ before, days }) => definedStages(a).filter((key) => !before || !a.stages[key].given).map((key) => ({ key, before, days })))
  return { parts: all.map(({ key, before }) => ({ key, before })), questions: all.map(({ key, days }) => stageQuestion(a, key, days)) }
}
/** A stage and its answer; share: of the stage defined before it. */
export interface StageRow {
  key: StageKey
  people: number
  before: number | null
  change: number | null
  share: number | null
  question: Question
  questionBefore: Question | null
}
export function stageRows(a: Aarrr, answers: Answer<unknown>[]): StageRow[] {
  const { parts } = aarrrPlan(a)
  const find = (key: StageKey, before: boolean): Answer<unknown> | undefined => answers[parts.findIndex((p) => p.key === key && p.before === before)]
  const rows = definedStages(a).map((key): StageRow => {
    const now = find(key, false)
    const then = find(key, true)
    const [people, before] = [now?.count ?? 0, then?.count ?? null]
    return { key, people, before, change: before ? (people - before) / before : null, share: null, question: now!.question, questionBefore: then?.question ?? null }
  })
  return rows.map((r, i) => ({ ...r, share: rows[i - 1]?.people ? r.people / rows[i - 1]!.people : null }))
}

const w = (zh: string, en: string): Words => ({ zh, en })
export const stageWords: Record<StageKey, Words> = {
  acquisition: w('获取', 'Acquisition'), activation: w('激活', 'Activation'), retention: w('留存', 'Retention'), revenue: w('变现', 'Revenue'), referral: w('推荐', 'Referral'),
}
export const stageMeaning: Record<StageKey, Words> = {
  acquisition: w('新来的人', 'who comes for the first time'), activation: w('第一次尝到好处的人', 'who finds out what it is good for'), retention: w('再回来的人', 'who comes again'), revenue: w('付钱的人', 'who pays'), referral: w('带来别人的人', 'who brings others'),
}
export const whoWords: Record<Who, Words> = { anyone: w('做过的所有人', 'everybody who did it'), first: w('从前没做过的人', 'who never did it before'), again: w('从前也做过的人', 'who did it before') }
type Book = ReturnType<typeof useCatalogue>
export function stageInWords(s: Stage, book: Book): string {
  if (s.given) return inWords(s.given, fieldsOf(book.all, kinds.items))
  const what = matchInWords(s.of, book)
  return say({ anyone: w(`做过“${what}”`, `did “${what}”`), first: w(`第一次做“${what}”`, `did “${what}” for the first time ever`), again: w(`又做了“${what}”`, `did “${what}” again`) }[s.who])
}
export function aarrrInWords(a: Aarrr, book: Book): string {
  return sentence([
    say(w(`${peopleInWords(a.people, book)}在${rangeInWords(a.range)}，各阶段有多少人`, `Of ${peopleInWords(a.people, book)}: how many are in each stage in ${rangeInWords(a.range)}`)),
    ...definedStages(a).map((k) => `${say(stageWords[k])}${say(w('：', ': '))}${stageInWords(a.stages[k], book)}`),
    a.compare ? say(w('与上一段同样长的时间相比', 'beside the stretch before of the same length')) : '',
  ])
}
export const signedShare = (share: number): string => `${share > 0 ? '+' : ''}${formatShare(share)}`
