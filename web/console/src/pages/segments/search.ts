/* Segments in the command palette, by a part of their name. */
import { api } from '@/api'
import type { SearchSource } from '@/app/page'
import { counted } from '@/i18n/format'
import { word } from '@/i18n'

const source: SearchSource = {
  async find(text, signal) {
    const { items } = await api.segment.list({ q: text, limit: 8 }, { signal })
    return items.map((s) => ({ title: s.name, detail: word('condition.people', counted(s.people)), to: { name: 'segment', params: { id: s.id } } }))
  },
}
export default source
