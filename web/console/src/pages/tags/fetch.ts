/* All groups and tags: at most 10,000 tags, which a page wants at once for searching and ordering. */
import type { Tag, TagGroup } from '@api/client.mjs'
import { api } from '@/api'

const PAGE = 200

async function everything<T>(list: (page: { cursor?: string; limit: number }) => Promise<{ items: T[]; next: string | null }>): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const page = await list(cursor === undefined ? { limit: PAGE } : { cursor, limit: PAGE })
    items.push(...page.items)
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return items
}

export async function fetchTags(signal?: AbortSignal): Promise<{ groups: TagGroup[]; tags: Tag[] }> {
  const [groups, tags] = await Promise.all([
    everything((page) => api.tagGroup.list(page, { signal })),
    everything((page) => api.tag.list(page, { signal })),
  ])
  return { groups, tags }
}
