/* The engine answers of a condition's nodes in preorder; which node is which place. A segment that is named stands there with all it
 * is made of, which has no place of its own. */
import type { Condition } from './operators'

export interface KnownSegment {
  id: number
  kind: string
  condition: unknown
}
const DEPTH_MAX = 20

const isObject = (x: unknown): x is Condition => typeof x === 'object' && x !== null && !Array.isArray(x)

/** How many nodes a segment is made of; NaN: it is not known here. */
function sizeOf(id: unknown, segments: KnownSegment[], depth: number): number {
  const s = segments.find((x) => x.id === id)
  if (!s || depth > DEPTH_MAX) return NaN
  const everybody = isObject(s.condition) && !Object.keys(s.condition).length
  return s.kind === 'list' || everybody ? 1 : countOf(s.condition, segments, depth + 1)
}
function countOf(c: unknown, segments: KnownSegment[], depth: number): number {
  if (!isObject(c)) return NaN
  const list = Array.isArray(c.all) ? c.all : Array.isArray(c.any) ? c.any : 'not' in c ? [c.not] : null
  if (list) return 1 + (list as unknown[]).reduce<number>((sum, x) => sum + countOf(x, segments, depth), 0)
  return 'segment' in c ? (c.is === false ? 1 : 0) + sizeOf(c.segment, segments, depth) : 1
}

/** The place of each node; none for what a named segment is made of. null: a named segment is not known here. */
export function nodesOf(condition: Condition, segments: KnownSegment[]): Array<string | undefined> | null {
  const nodes: Array<string | undefined> = []
  const walk = (c: unknown, at: string): boolean => {
    if (!isObject(c)) return false
    nodes.push(at)
    const below = (name: string): string => `${at}${at && '.'}${name}`
    for (const k of ['all', 'any']) if (Array.isArray(c[k])) return (c[k] as unknown[]).every((x, n) => walk(x, below(`${k}[${n}]`)))
    if ('not' in c) return walk(c.not, below('not'))
    if (!('segment' in c)) return true
    const size = countOf(c, segments, 0)
    if (!Number.isFinite(size)) return false
    nodes.push(...Array.from({ length: size - 1 }, () => undefined))
    return true
  }
  return walk(condition, '') ? nodes : null
}

/** What was answered, by place; nothing when the answer is of another tree. */
export function byPlace<T>(condition: Condition, segments: KnownSegment[], answered: T[]): Map<string, T> {
  const nodes = nodesOf(condition, segments)
  const map = new Map<string, T>()
  if (nodes?.length === answered.length) nodes.forEach((at, n) => at !== undefined && map.set(at, answered[n]!))
  return map
}
