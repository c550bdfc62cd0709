/* Which values a property has had lately: offered where one is to be chosen. The most frequent first; kept for five minutes. */
import { addDays, today } from '@/lib/days'
import { askOnce } from './ask'
import type { GroupKey, Scalar } from './types'

const KEPT_MS = 300_000
const LOOK_BACK_DAYS = 90
const VALUES_MAX = 200

export interface Suggestion {
  value: Scalar
  count: number
}
interface TrendAnswer {
  groups: Array<{ keys: GroupKey[]; total: { count: number } }>
}
const known = new Map<string, { at: number; list: Promise<Suggestion[]> }>()

export function suggestValues(event: string, prop: string): Promise<Suggestion[]> {
  const key = JSON.stringify([event, prop])
  const had = known.get(key)
  if (had && Date.now() - had.at < KEPT_MS) return had.list
  const question = { kind: 'trend', of: { event }, figure: 'count', unit: 'month', since: addDays(today(), -LOOK_BACK_DAYS), until: addDays(today(), 1), breakdown: [{ prop }] }
  const list = askOnce<TrendAnswer>(question)
    .then(({ result }) => result.groups.filter((g) => g.keys[0] !== null).slice(0, VALUES_MAX).map((g) => ({ value: g.keys[0] as Scalar, count: g.total.count })))
    .catch(() => {
      known.delete(key) // without suggestions a value can still be typed
      return []
    })
  known.set(key, { at: Date.now(), list })
  return list
}
