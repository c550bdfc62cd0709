/** A condition that all meet: none, or one that asks nothing. */
export const everybody = { all: [] }
export function isEverybody(condition: unknown): boolean {
  const c = condition as { all?: unknown[] } | null
  return !c || (Array.isArray(c.all) && !c.all.length)
}
