/* Customers in the command palette: by an identifier, or by the beginning of their name. */
import { api } from '@/api'
import type { SearchSource } from '@/app/page'
import { orderFor } from './query'

const source: SearchSource = {
  async find(text, signal) {
    const { items } = await api.customer.search({ text, sort: orderFor(text, 'newest'), limit: 8 }, { signal })
    return items.map((c) => ({ title: c.name ?? `#${c.id}`, detail: [c.mobile, c.city].filter(Boolean).join(' · '), to: { name: 'customer', params: { id: c.id } } }))
  },
}
export default source
