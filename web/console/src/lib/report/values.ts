/* Values as a person reads them: of a property or an attribute, which may be a name, an amount of money, or the number of something
 * that has a name. */
import { language, say, type Words } from '@/i18n'
import { formatDay, formatMoney, formatNumber } from '@/i18n/format'
import { useCatalogue } from '@/lib/catalogue'
import { fieldsOf, flat, type Field } from '@/lib/condition/fields'
import { channels, label, rfmClasses, tagSources, tiers } from '@/lib/labels'
import { isMoney, propName } from './kinds'
import { sourceOf, type Breakdown, type GroupKey, type Scalar } from './types'

const none: Words = { zh: '（无）', en: '(none)' }
const yes: Words = { zh: '是', en: 'yes' }
const no: Words = { zh: '否', en: 'no' }

type Book = ReturnType<typeof useCatalogue>
/** Properties that name something of the catalogue. */
const propValues: Record<string, (value: Scalar, book: Book) => string | undefined> = {
  tag_id: (v, book) => book.tag(Number(v))?.name,
  from_id: (v, book) => book.stageName(Number(v)) || undefined,
  to_id: (v, book) => book.stageName(Number(v)) || undefined,
  staff_id: (v, book) => book.staff(Number(v))?.name,
  channel: (v) => label(channels, String(v)),
  source: (v) => label(tagSources, String(v)),
  tier: (v) => label(tiers, String(v)),
  tier_before: (v) => label(tiers, String(v)),
  class: (v) => label(rfmClasses, String(v)),
  class_before: (v) => label(rfmClasses, String(v)),
}

const plain = (value: Scalar): string => (typeof value === 'boolean' ? say(value ? yes : no) : typeof value === 'number' ? formatNumber(value, 3) : value)

/** A figure of a property: money in its unit. */
export const amountText = (prop: string, value: number): string => (isMoney(prop) ? formatMoney(value) : formatNumber(value, 3))

export function propValue(prop: string, value: Scalar, book: Book): string {
  if (typeof value === 'number' && isMoney(prop)) return formatMoney(value)
  return propValues[prop]?.(value, book) ?? plain(value)
}

/** Attributes as the engine calls them, with their fields: what a report can be broken down by. */
const kinds = ['choice', 'department', 'choices', 'yes']
const more = ['attr.city']
const engineName = (f: Field): string => (f.subject === 'attr' ? f.name : `${f.subject}.${f.name}`)
export interface Dimension {
  breakdown: Breakdown
  label: string
}
export function attributeDimensions(book: Book): Dimension[] {
  return fieldsOf(book.all).filter((f) => (f.subject === 'attr' || f.subject === 'rfm') && (kinds.includes(f.kind) || more.includes(f.key)))
    .map((f) => ({ breakdown: { attr: engineName(f) }, label: f.label }))
}
export function setDimensions(book: Book): Dimension[] {
  return fieldsOf(book.all).filter((f) => f.subject === 'tag' || f.subject === 'identity').map((f) => ({ breakdown: { set: f.subject }, label: f.label }))
}

export function breakdownName(b: Breakdown, book: Book): string {
  const [source, name] = sourceOf(b)
  if (source === 'prop') return propName(name)
  const field = fieldsOf(book.all).find((f) => (source === 'attr' ? engineName(f) === name : f.subject === name))
  return field?.label ?? name
}

const DAY = /^\d{4}-\d\d-\d\d$/
/** What a group of a breakdown is called. */
export function groupName(b: Breakdown, key: GroupKey, book: Book): string {
  if (key === null) return say(none)
  const [source, name] = sourceOf(b)
  if (source === 'prop') return propValue(name, key, book)
  const field = fieldsOf(book.all).find((f) => (source === 'attr' ? engineName(f) === name : f.subject === name))
  const option = flat(field?.choices).find((o) => String(o.value) === String(key))
  if (option) return option.label
  if (field?.money && typeof key === 'number') return formatMoney(key)
  return typeof key === 'string' && DAY.test(key) ? formatDay(key) : plain(key)
}

/** "3 天 4 小时", "12 minutes": two parts at most. */
export function spanText(ms: number): string {
  const parts: Array<[number, string, string]> = [[86_400_000, '天', 'd'], [3_600_000, '小时', 'h'], [60_000, '分', 'min'], [1000, '秒', 's']]
  const at = Math.max(0, parts.findIndex(([size]) => ms >= size))
  if (ms < 1000) return language.value === 'en' ? '< 1 s' : '不到 1 秒'
  const [size, zh, en] = parts[at]!
  const unit = (n: number, z: string, e: string): string => (language.value === 'en' ? `${formatNumber(n)} ${e}` : `${formatNumber(n)} ${z}`)
  const whole = Math.floor(ms / size)
  const next = parts[at + 1]
  const rest = next ? Math.floor((ms - whole * size) / next[0]) : 0
  return next && rest ? `${unit(whole, zh, en)} ${unit(rest, next[1], next[2])}` : unit(whole, zh, en)
}

/** "7d" → 7 and d; what a window may be given in. */
export const spanUnits = ['min', 'h', 'd'] as const
export type SpanUnit = (typeof spanUnits)[number]
export const unitWords: Record<SpanUnit, Words> = { min: { zh: '分钟', en: 'minutes' }, h: { zh: '小时', en: 'hours' }, d: { zh: '天', en: 'days' } }
/** At most 366 days. */
export const spanMost: Record<SpanUnit, number> = { min: 527_040, h: 8784, d: 366 }
export function readSpan(text: unknown, otherwise: string): string {
  return typeof text === 'string' && /^[1-9]\d*(min|h|d)$/.test(text) ? text : otherwise
}
export function spanParts(text: string): [number, SpanUnit] {
  const m = /^(\d+)(min|h|d)$/.exec(text)
  return m ? [Number(m[1]), m[2] as SpanUnit] : [7, 'd']
}
export function spanInWords(text: string): string {
  const [n, unit] = spanParts(text)
  return `${formatNumber(n)} ${say(unitWords[unit])}`
}
