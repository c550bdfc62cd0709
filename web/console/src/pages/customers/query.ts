/* What the list is asked for, as it stands in the address. */
import { choice, number, text } from '@/lib/query'
import type { Condition } from '@/lib/condition/tree'

export const sorts = ['newest', 'seen', 'name', 'amount', 'orders', 'last_order'] as const
export type SortKey = (typeof sorts)[number]

function readCondition(from: string): Condition {
  try {
    const c: unknown = JSON.parse(from)
    return typeof c === 'object' && c !== null && !Array.isArray(c) ? (c as Condition) : {}
  } catch {
    return {} // cut off on its way through a chat
  }
}
export const isEverybody = (c: Condition): boolean => Object.keys(c).length === 0
const condition = { otherwise: {} as Condition, read: readCondition, write: (c: Condition) => (isEverybody(c) ? '' : JSON.stringify(c)) }

export const spec = { q: text(), condition, sort: choice(sorts, 'newest'), view: number() }

/** Names are found in their own order, which an index has; a number belongs to one person, who may have no name. */
export const orderFor = (searched: string, sort: SortKey): SortKey | undefined => (searched && sort === 'newest' && !/\d/.test(searched) ? undefined : sort)
