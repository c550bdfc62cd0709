/* All groups and tags: at most 10,000 tags, which a page wants at once for searching and ordering. */
import type { Tag, TagGroup } from '@api/client.mjs'
import { api } from '@/api'
import { everything } from '@/lib/all'

export async function fetchTags(signal?: AbortSignal): Promise<{ groups: TagGroup[]; tags: Tag[] }> {
  const [groups, tags] = await Promise.all([
    everything((page) => api.tagGroup.list(page, { signal })),
    everything((page) => api.tag.list(page, { signal })),
  ])
  return { groups, tags }
}
