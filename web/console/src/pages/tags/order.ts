/* The order people give to groups and tags: a number `sort` each, smaller first, equal ones by age. */

export interface Sorted {
  id: number
  sort: number
}
export const SORT_MAX = 9999
/** Room left between neighbours, so that most moves change one row. */
const GAP = 10

export function inOrder<T extends Sorted>(items: T[]): T[] {
  return [...items].sort((a, b) => a.sort - b.sort || a.id - b.id)
}

/** For one more at the end. */
export function sortAfter(items: Sorted[]): number {
  return Math.min(SORT_MAX, items.reduce((most, i) => Math.max(most, i.sort), 0) + GAP)
}

/** Moves the item at `from` to `to` in a list that is in order; the new `sort` of each item that needs one: as few as there can be. */
export function moved<T extends Sorted>(items: T[], from: number, to: number): Array<{ item: T; sort: number }> {
  if (from === to || !items[from] || to < 0 || to >= items.length) return []
  const list = [...items]
  const [item] = list.splice(from, 1)
  list.splice(to, 0, item!)
  const low = to > 0 ? list[to - 1]!.sort : -1
  const high = to < list.length - 1 ? list[to + 1]!.sort : Math.min(SORT_MAX + 1, low + 2 * GAP)
  if (high - low >= 2) return [{ item: item!, sort: Math.floor((low + high) / 2) }]
  const step = Math.max(1, Math.min(GAP, Math.floor(SORT_MAX / (list.length + 1))))
  return list.map((i, n) => ({ item: i, sort: Math.min(SORT_MAX, (n + 1) * step) })).filter((c) => c.item.sort !== c.sort)
}
