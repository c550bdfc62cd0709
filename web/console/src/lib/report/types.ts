/* A question to the engine as the pages of reports hold it: the document of POST /api/v1/query (src/engine/query.h is its law), but
 * for the range, which is kept as it was chosen ("the last 30 days") and turned into days when it is asked. */
import type { Condition } from '@/lib/people'

export type Scalar = string | number | boolean
/** One comparison; what is begun and not filled in has an empty value ('' or []). */
export type Where = { prop: string } & Record<string, unknown>
export interface Match {
  event: string
  where: Where[]
}
export type Breakdown = { attr: string } | { prop: string } | { set: string }
export type GroupKey = Scalar | null

export type Question = Record<string, unknown> & { kind: string }
/** What every report has beside its own. */
export interface Common {
  people: Condition
  range: string
}
export const SOURCES = ['attr', 'prop', 'set'] as const
export type Source = (typeof SOURCES)[number]
export const sourceOf = (b: Breakdown): [Source, string] => Object.entries(b)[0] as [Source, string]

export const emptyMatch = (event = ''): Match => ({ event, where: [] })

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x)

/* What comes from an address or a saved report is taken as far as it can be understood. */
export function readMatch(raw: unknown): Match {
  if (typeof raw === 'string') return emptyMatch(raw) // as machines may write an event without conditions
  if (!isObject(raw)) return emptyMatch()
  return {
    event: typeof raw.event === 'string' ? raw.event : '',
    where: Array.isArray(raw.where) ? raw.where.filter((x): x is Where => isObject(x) && typeof x.prop === 'string') : [],
  }
}
export const readMatches = (raw: unknown, least: number): Match[] => {
  const list = Array.isArray(raw) ? raw.map(readMatch) : []
  while (list.length < least) list.push(emptyMatch())
  return list
}
export function readBreakdowns(raw: unknown, most: number): Breakdown[] {
  if (!Array.isArray(raw)) return []
  return raw.filter((b): b is Breakdown => isObject(b) && Object.keys(b).length === 1 && (SOURCES as readonly string[]).includes(Object.keys(b)[0]!) && typeof Object.values(b)[0] === 'string').slice(0, most)
}
export const readPeople = (raw: unknown): Condition => (isObject(raw) ? raw : {})
export const readChoice = <const C extends string>(raw: unknown, choices: readonly C[], otherwise: NoInfer<C>): C => choices.find((c) => c === raw) ?? otherwise
export const readText = (raw: unknown, otherwise = ''): string => (typeof raw === 'string' ? raw : otherwise)
export const readNumber = (raw: unknown, otherwise: number): number => (typeof raw === 'number' && Number.isFinite(raw) ? raw : otherwise)
export const readFlag = (raw: unknown): boolean => raw === true

/** A match as it is asked: without an empty list. */
export const matchAsked = (m: Match): Record<string, unknown> => (m.where.length ? { event: m.event, where: m.where } : { event: m.event })
/** The members that are there: what says nothing is left out. */
export const without = (q: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(q).filter(([, v]) => v !== undefined && v !== null && v !== false && !(Array.isArray(v) && !v.length) && !(isObject(v) && !Object.keys(v).length)))
