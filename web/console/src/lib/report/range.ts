/* Which days a report is about. Kept as one text, in addresses and saved reports: "30d" are the last 30 days with today, "month" this
 * month; "2026-01-01..2026-01-31" are these days, both included. A question has the first day and the day after the last. */
import { language, say, type Words } from '@/i18n'
import { formatDay } from '@/i18n/format'
import { addDays, addMonths, monday, today } from '@/lib/days'

export interface Days {
  since: string
  /** Not included */
  until: string
}
const last = (n: number) => (): Days => ({ since: addDays(today(), 1 - n), until: addDays(today(), 1) })
const month = (n: number) => (): Days => {
  const first = addMonths(`${today().slice(0, 7)}-01`, n)
  return { since: first, until: addMonths(first, 1) }
}

export interface Preset {
  key: string
  label: Words
  days: () => Days
}
export const presets: Preset[] = [
  { key: '1d', label: { zh: '今天', en: 'Today' }, days: last(1) },
  { key: '7d', label: { zh: '近 7 天', en: 'Last 7 days' }, days: last(7) },
  { key: '14d', label: { zh: '近 14 天', en: 'Last 14 days' }, days: last(14) },
  { key: '30d', label: { zh: '近 30 天', en: 'Last 30 days' }, days: last(30) },
  { key: '90d', label: { zh: '近 90 天', en: 'Last 90 days' }, days: last(90) },
  { key: '180d', label: { zh: '近 180 天', en: 'Last 180 days' }, days: last(180) },
  { key: '365d', label: { zh: '近 365 天', en: 'Last 365 days' }, days: last(365) },
  { key: 'week', label: { zh: '本周', en: 'This week' }, days: () => ({ since: monday(today()), until: addDays(monday(today()), 7) }) },
  { key: 'last_week', label: { zh: '上周', en: 'Last week' }, days: () => ({ since: addDays(monday(today()), -7), until: monday(today()) }) },
  { key: 'month', label: { zh: '本月', en: 'This month' }, days: month(0) },
  { key: 'last_month', label: { zh: '上月', en: 'Last month' }, days: month(-1) },
]

const FIXED = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/
const isDay = (day: string): boolean => !Number.isNaN(Date.parse(`${day}T00:00:00Z`))

/** The first and last day, if the range names days. */
export function fixedDays(range: string): [string, string] | null {
  const m = FIXED.exec(range)
  return m && isDay(m[1]!) && isDay(m[2]!) && m[1]! <= m[2]! ? [m[1]!, m[2]!] : null
}
export const fixedRange = (from: string, to: string): string => `${from}..${to}`
export const readRange = (raw: unknown, otherwise: string): string => (typeof raw === 'string' && (fixedDays(raw) || presets.some((p) => p.key === raw)) ? raw : otherwise)

export function daysOf(range: string): Days {
  const fixed = fixedDays(range)
  if (fixed) return { since: fixed[0], until: addDays(fixed[1], 1) }
  return (presets.find((p) => p.key === range) ?? presets.find((p) => p.key === '30d')!).days()
}
export const lengthOf = ({ since, until }: Days): number => Math.round((Date.parse(until) - Date.parse(since)) / 86_400_000)
/** As many days, just before. */
export const daysBefore = (days: Days): Days => ({ since: addDays(days.since, -lengthOf(days)), until: days.since })

export function rangeInWords(range: string): string {
  const preset = presets.find((p) => p.key === range)
  const { since, until } = daysOf(range)
  const span = since === addDays(until, -1) ? formatDay(since) : `${formatDay(since)} – ${formatDay(addDays(until, -1))}`
  return preset ? (language.value === 'en' ? `${say(preset.label).toLowerCase()} (${span})` : `${say(preset.label)}（${span}）`) : span
}
