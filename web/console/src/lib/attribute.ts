/* What a customer has in a custom attribute, as a person reads it. */
import type { Attribute } from '@api/client.mjs'
import { say, word } from '@/i18n'
import { formatDay, formatMoney, formatNumber } from '@/i18n/format'

const DIGITS = 6
export function attributeText(attribute: Attribute, value: unknown): string {
  if (value == null) return ''
  if (Array.isArray(value)) return value.join(say({ zh: '、', en: ', ' }))
  if (typeof value === 'boolean') return word(value ? 'common.yes' : 'common.no')
  if (attribute.type === 'date') return formatDay(String(value))
  if (typeof value === 'number') return attribute.type === 'money' ? formatMoney(value) : formatNumber(value, DIGITS)
  return String(value)
}
