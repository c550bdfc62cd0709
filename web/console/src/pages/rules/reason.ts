/* What was found about a person when a rule looked, in words. */
import { say } from '@/i18n'
import { formatDay, formatInstant, formatMoney, formatNumber } from '@/i18n/format'
import { flat, type Field } from '@/lib/condition/fields'
import type { Condition } from '@/lib/condition/tree'

const subjects = ['attr', 'order', 'rfm'] as const

export function valueInWords(leaf: Condition, value: unknown, fields: Field[]): string {
  const subject = subjects.find((s) => s in leaf)
  const field = subject && fields.find((f) => f.subject === subject && f.name === leaf[subject])
  // Of a tag or an identifier it is there or not, which the mark says already.
  if (!field || value === undefined || typeof value === 'object') return value === null && field ? say({ zh: '没有', en: 'none' }) : ''
  const choice = flat(field.choices).find((c) => c.value === value)
  if (choice) return choice.label
  if (typeof value === 'boolean') return say(value ? { zh: '是', en: 'yes' } : { zh: '否', en: 'no' })
  if (typeof value === 'number') return field.money ? formatMoney(value) : formatNumber(value, 3)
  if (/^\d{4}-\d\d-\d\d$/.test(String(value))) return formatDay(String(value))
  return /^\d{4}-\d\d-\d\dT/.test(String(value)) ? formatInstant(String(value)) : String(value)
}
