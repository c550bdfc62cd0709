/* Tags in the command palette. They are fetched once and kept for a minute: there are at most 10,000. */
import type { Tag, TagGroup } from '@api/client.mjs'
import type { SearchSource } from '@/app/page'
import { fetchTags } from './fetch'

const FRESH_MS = 60_000
let kept: { at: number; groups: TagGroup[]; tags: Tag[] } | null = null

const source: SearchSource = {
  async find(text, signal) {
    if (!kept || Date.now() - kept.at > FRESH_MS) kept = { at: Date.now(), ...(await fetchTags(signal)) }
    const { groups, tags } = kept
    const groupName = new Map(groups.map((g) => [g.id, g.name]))
    const has = (name: string): boolean => name.toLowerCase().includes(text)
    return [
      ...groups.filter((g) => has(g.name)).map((g) => ({ title: g.name, to: { name: 'tags', query: { group: g.id } } })),
      ...tags.filter((x) => has(x.name)).map((x) => ({ title: x.name, detail: groupName.get(x.group_id), to: { name: 'tags', query: { group: x.group_id, q: x.name } } })),
    ].slice(0, 8)
  },
}
export default source
