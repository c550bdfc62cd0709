/* Paths: their question, the answer, and how both are said (src/engine/query.h, "Paths"). */
import { say, type Words } from '@/i18n'
import { formatNumber } from '@/i18n/format'
import type { useCatalogue } from '@/lib/catalogue'
import { peopleInWords, sentence } from './funnel'
import { kindName, propName } from './kinds'
import { daysOf, rangeInWords, readRange } from './range'
import { emptyMatch, matchAsked, readChoice, readFlag, readMatch, readNumber, readPeople, readText, without, type Common, type GroupKey, type Match, type Question } from './types'
import { groupName, readSpan, spanInWords } from './values'
import { matchInWords, matchIsWhole } from './where'

export const LEVELS_MAX = 10
export const TOP_MAX = 20
export const AMONG_MAX = 50
export const ends = ['from', 'to'] as const
export type End = (typeof ends)[number]

export interface Paths extends Common {
  /** Do they begin with the event, or lead to it? */
  end: End
  match: Match
  /** Events that are told beside it; none: all */
  among: string[]
  /** Property that tells nodes of an event apart; '': none */
  by: string
  levels: number
  top: number
  every: boolean
  collapse: boolean
  /** '': whatever lies between */
  gap: string
}
/** A node as the engine names it; `other`: all that are not told by name. */
export interface PathNode {
  event?: string
  key?: GroupKey
  other?: boolean
  paths: number
  ends: number
}
export interface PathLevel {
  nodes: PathNode[]
  /** Places among the nodes of this level and of the next */
  links: Array<{ from: number; to: number; paths: number }>
}
export interface PathsAnswer {
  people: number
  paths: number
  levels: PathLevel[]
}

const between = (raw: unknown, least: number, most: number, otherwise: number): number => Math.min(most, Math.max(least, Math.round(readNumber(raw, otherwise))))
const texts = (raw: unknown): string[] => [...new Set((Array.isArray(raw) ? raw : [raw]).filter((x): x is string => typeof x === 'string' && x !== ''))]
const matchOf = (raw: unknown): Match => (typeof raw === 'string' ? emptyMatch(raw) : readMatch(raw))
export function readPaths(raw: Record<string, unknown>): Paths {
  const end = readChoice(raw.end, ends, raw.from ? 'from' : 'to')
  const match = raw.match ?? raw[end]
  // Of a question that a machine saved, what is absent is as the engine has it.
  const saved = raw.match === undefined && match !== undefined
  return {
    end, match: match ? matchOf(match) : emptyMatch('order.paid'), among: texts(raw.among).slice(0, AMONG_MAX), by: readText(raw.by),
    levels: between(raw.levels, 2, LEVELS_MAX, 5), top: between(raw.top, 1, TOP_MAX, saved ? 10 : 6),
    every: readFlag(raw.every), collapse: raw.collapse === undefined ? !saved : readFlag(raw.collapse),
    gap: raw.gap === '' || (raw.gap === undefined && saved) ? '' : readSpan(raw.gap, '30min'),
    people: readPeople(raw.people), range: readRange(raw.range, '30d'),
  }
}
export const pathsIsWhole = (p: Paths): boolean => matchIsWhole(p.match)

export function pathsQuestion(p: Paths): Question {
  return {
    kind: 'paths', ...daysOf(p.range), [p.end]: matchAsked(p.match), levels: p.levels, top: p.top,
    ...without({ people: p.people, among: p.among, by: p.by || null, every: p.every, collapse: p.collapse, gap: p.gap || null }),
  }
}

/** A node as `behind` names it. */
export const nodeAsked = (p: Paths, n: PathNode): Record<string, unknown> => (n.other ? { other: true } : { event: n.event, ...(p.by ? { key: n.key ?? null } : {}) })
export const otherWords: Words = { zh: '其他', en: 'Others' }
/** A path that goes no further: of those that lead to the event it began there. */
export const endedWords: Record<End, Words> = { from: { zh: '到此为止', en: 'Nothing more' }, to: { zh: '从这里开始', en: 'Began here' } }
type Book = ReturnType<typeof useCatalogue>
export function nodeName(p: Paths, n: PathNode, book: Book): string {
  if (n.other) return say(otherWords)
  const name = kindName(n.event ?? '')
  return p.by && n.key != null ? `${name} · ${groupName({ prop: p.by }, n.key, book)}` : name
}
/** The same for the same event (and value), whatever level it stands on. */
export const nodeId = (n: PathNode): string => (n.other ? 'other' : JSON.stringify([n.event, n.key ?? null]))

/** A place in the palette for each node by name: the one its name falls on, the next free one if that is taken. Who comes first chooses: the
 * events in their order in the catalogue, of one event the values of most paths. So an event keeps its colour from level to level, and from
 * question to question unless another one that comes before it is new there. */
export function coloursOf(levels: PathLevel[], palette: number, catalogue: string[]): Map<string, number> {
  const shown = new Map<string, { rank: number; paths: number }>()
  for (const n of levels.flatMap((l) => l.nodes)) {
    if (n.other) continue
    const at = catalogue.indexOf(n.event ?? '')
    shown.set(nodeId(n), { rank: at < 0 ? catalogue.length : at, paths: (shown.get(nodeId(n))?.paths ?? 0) + n.paths })
  }
  const taken = new Map<string, number>()
  const used = new Set<number>()
  for (const [id] of [...shown].sort((a, b) => a[1].rank - b[1].rank || b[1].paths - a[1].paths || (a[0] < b[0] ? -1 : 1))) {
    let at = [...id].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) >>> 0, 7) % palette
    for (let tries = 0; used.has(at) && tries < palette; tries++) at = (at + 1) % palette
    used.add(at)
    taken.set(id, at)
  }
  return taken
}

const w = (zh: string, en: string): Words => ({ zh, en })
export function pathsInWords(p: Paths, book: Book): string {
  const who = peopleInWords(p.people, book)
  const event = matchInWords(p.match, book)
  const range = rangeInWords(p.range)
  const n = formatNumber(p.levels)
  const first = p.every ? w('每次', 'each time') : w('第一次', 'the first time')
  return sentence([
    p.end === 'from'
      ? say(w(`${who}在${range}${first.zh}做“${event}”，之后一步步做了什么`, `What ${who} did step by step after “${event}”, ${first.en} they did it in ${range}`))
      : say(w(`${who}在${range}${first.zh}做“${event}”，之前一步步做了什么`, `What ${who} did step by step before “${event}”, ${first.en} they did it in ${range}`)),
    say(w(`连同它看 ${n} 步，每步列出最多的 ${formatNumber(p.top)} 种，其余合为“其他”`, `${n} steps with it, of each the ${formatNumber(p.top)} most frequent and the others as one`)),
    p.among.length ? say(w(`只看 ${p.among.map(kindName).join('、')}`, `of these only: ${p.among.map(kindName).join(', ')}`)) : say(w('看所有事件', 'of all events')),
    p.by ? say(w(`同一事件按${propName(p.by)}分开`, `an event apart by ${propName(p.by)}`)) : '',
    p.collapse ? say(w('连续重复的算一步', 'the same one after the other is one step')) : '',
    p.gap ? say(w(`隔了 ${spanInWords(p.gap)}以上就到此为止`, `a path ends where more than ${spanInWords(p.gap)} pass`)) : '',
  ])
}
