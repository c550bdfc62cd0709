/** A condition that all meet: none, or one that asks nothing. */
export function isEverybody(condition: unknown): boolean {
  const c = condition as { all?: unknown[] } | null | undefined
  return !c || !Object.keys(c).length || (Array.isArray(c.all) && !c.all.length)
}
