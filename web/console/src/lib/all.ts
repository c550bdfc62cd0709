/* Every page of a list that is known to be short: tags, stages, departments. */

const PAGE = 200

export async function everything<T>(list: (page: { cursor?: string; limit: number }) => Promise<{ items: T[]; next: string | null }>, limit = PAGE): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const page = await list(cursor === undefined ? { limit } : { cursor, limit })
    items.push(...page.items)
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return items
}
