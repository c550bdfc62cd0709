/* Scores from 1 to 5 by how long ago (R), how often (F) and for how much (M): cut points in words, and what a grid of R and F is drawn
 * from. A score grows by one with each cut point below the value; of R it falls. */
import { language, say, type Words } from '@/i18n'
import { formatMoney, formatNumber, formatShort } from '@/i18n/format'

export const axes = ['r', 'f', 'm'] as const
export type Axis = (typeof axes)[number]
export const SCORES = [1, 2, 3, 4, 5]
export type Cuts = Record<Axis, number[]>

/** How the values of a score are said. */
export interface Measure {
  text(n: number): string
  /** Without its unit */
  bare(n: number): string
  /** Whole numbers: what is over 3 begins with 4 */
  whole: boolean
}
/** Of a sum, too: in full, and as short as a cell is wide. */
export interface Worth extends Measure {
  sum(n: number): string
  short(n: number): string
}
export interface Measures {
  r: Measure
  f: Measure
  m: Worth
}
const w = (zh: string, en: string): Words => ({ zh, en })
const bare = (n: number): string => formatNumber(n)
const counted = (one: Words, many: Words): Measure => ({ bare, whole: true, text: (n) => `${formatNumber(n)} ${say(n === 1 ? one : many)}` })
export const inDays = counted(w('天', 'day'), w('天', 'days'))
export const inOrders = counted(w('单', 'order'), w('单', 'orders'))
export const inTimes = counted(w('次', 'time'), w('次', 'times'))
const moneyText = (n: number): string => formatMoney(n, { whole: n % 100 === 0 })
export const inMoney: Worth = {
  text: moneyText, bare: moneyText, whole: false, sum: (n) => formatMoney(n, { whole: true }),
  short: (n) => formatMoney(0, { whole: true }).replace('0', formatShort(n / 100)),
}
const plain = (n: number): string => formatNumber(n, 3)
export const inNumbers: Worth = { text: plain, bare: plain, whole: false, sum: plain, short: (n) => formatShort(n) }

// As a Chinese text is set: no room between two of its characters.
const withEnd = (text: string, end: string): string => (/\p{Script=Han}$/u.test(text) ? text + end : `${text} ${end}`)

/** The values that have a score; null: none has it, as when many people share one. */
export function rangeOf(measure: Measure, axis: Axis, cuts: number[], score: number): string | null {
  const step = axis === 'r' ? 5 - score : score - 1 // cut points below the value
  const [over, upTo] = [cuts[step - 1], cuts[step]]
  if (over !== undefined && upTo !== undefined && over >= upTo) return null
  const most = (n: number): string => measure.text(measure.whole ? Math.floor(n) : n)
  if (over === undefined) return say(w(`不超过 ${most(upTo!)}`, `up to ${most(upTo!)}`))
  if (upTo === undefined) return say(w(withEnd(most(over), '以上'), `over ${most(over)}`))
  const [from, to] = measure.whole ? [Math.floor(over) + 1, Math.floor(upTo)] : [over, upTo]
  if (measure.whole && from === to) return measure.text(from)
  return `${measure.bare(from)} ${language.value === 'en' ? 'to' : '至'} ${measure.text(to)}`
}

export interface GridCell {
  r: number
  f: number
  people: number
  worth: number
  /** How many of them have each score of M */
  byM: number[]
}
export const shades = ['people', 'worth'] as const
export type Shade = (typeof shades)[number]
export const DEEPEST = 54 // per cent of the brand colour that text on it still bears
const PALEST = 6
const weigh = (c: GridCell, shade: Shade): number => Math.max(0, c[shade])
/** Per cent of the brand colour behind a cell: by the square root, since few cells have most of the people. */
export function depths(cells: GridCell[], shade: Shade): number[] {
  const most = Math.max(1, ...cells.map((c) => weigh(c, shade)))
  return cells.map((c) => (c.people ? PALEST + Math.sqrt(weigh(c, shade) / most) * (DEEPEST - PALEST) : 0))
}
