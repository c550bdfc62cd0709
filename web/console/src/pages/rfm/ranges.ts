/* Cut points in words: which values have which score. A score grows by one with each cut point below the value; of R it falls. */
import { counted, formatMoney, formatNumber } from '@/i18n/format'

type Say = (key: string, values?: Record<string, unknown>) => string
export type Axis = 'r' | 'f' | 'm'

const unit: Record<Axis, (t: Say, n: number) => string> = {
  r: (t, n) => t('days', counted(n)),
  f: (t, n) => t('times', counted(n)),
  m: (_, n) => formatMoney(n, { whole: n % 100 === 0 }),
}
const bare: Record<Axis, (n: number) => string> = { r: (n) => formatNumber(n), f: (n) => formatNumber(n), m: (n) => formatMoney(n, { whole: n % 100 === 0 }) }

/** Of a score from 1 to 5; null: no value has it, as when many people share one. */
export function rangeOf(t: Say, axis: Axis, cuts: number[], score: number): string | null {
  const step = axis === 'r' ? 5 - score : score - 1 // cut points below the value
  const [over, upTo] = [cuts[step - 1], cuts[step]]
  if (over !== undefined && upTo !== undefined && over >= upTo) return null
  if (over === undefined) return t('atMost', { n: unit[axis](t, upTo!) })
  if (upTo === undefined) return t('over', { n: unit[axis](t, over) })
  const from = axis === 'm' ? over + 1 : Math.floor(over) + 1
  return axis !== 'm' && from === Math.floor(upTo) ? unit[axis](t, from) : t('between', { from: bare[axis](axis === 'm' ? over : from), to: unit[axis](t, axis === 'm' ? upTo : Math.floor(upTo)) })
}
