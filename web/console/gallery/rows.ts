/* Rows for the tables of the gallery, made by a rule so that a test knows what the 99,999th is. */
import type { Loaded } from '@/lib/useList'

export interface Row {
  id: number
  name: string
  city: string
  orders: number
  amount_fen: number
  last_at: string
}
const cities = ['杭州', '上海', '成都', '广州', '北京', '西安', '武汉', '长沙']
export const START = Date.parse('2026-03-02T02:00:00Z')

export function row(id: number): Row {
  return { id, name: `顾客 ${id}`, city: cities[id % cities.length]!, orders: (id * 7) % 43, amount_fen: ((id * 7919) % 1_000_000) + 1, last_at: new Date(START - id * 3_600_000).toISOString() }
}
export const rows = (count: number): Row[] => Array.from({ length: count }, (_, i) => row(i + 1))

const PAUSE_MS = 60
/** As the API would page through `count` rows whose name has the text. */
export async function pageOf(count: number, text: string, page: { cursor?: string; limit: number }, signal: AbortSignal): Promise<Loaded<Row>> {
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  signal.throwIfAborted()
  const found = rows(count).filter((r) => r.name.includes(text))
  const from = Number(page.cursor ?? 0)
  const items = found.slice(from, from + page.limit)
  return { items, next: from + page.limit < found.length ? String(from + page.limit) : null, total: found.length }
}
