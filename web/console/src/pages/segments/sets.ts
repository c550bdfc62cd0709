/* Segments made of segments. */
import type { Condition } from '@/lib/condition/tree'

export const ways = ['union', 'intersection', 'difference'] as const
export type Way = (typeof ways)[number]

const inIt = (id: number): Condition => ({ segment: id, is: true })
/** Of the difference the first one counts, without who is in the others. */
const made: Record<Way, (ids: number[]) => Condition> = {
  union: (ids) => ({ any: ids.map(inIt) }),
  intersection: (ids) => ({ all: ids.map(inIt) }),
  difference: ([first, ...others]) => ({ all: [inIt(first!), { not: others.length === 1 ? inIt(others[0]!) : { any: others.map(inIt) } }] }),
}
export const combined = (way: Way, ids: number[]): Condition => made[way](ids)

/** Does the condition name this segment? */
export function names(condition: unknown, id: number): boolean {
  if (Array.isArray(condition)) return condition.some((c) => names(c, id))
  if (typeof condition !== 'object' || condition === null) return false
  return (condition as Condition).segment === id || Object.values(condition).some((c) => names(c, id))
}
