/* Civil days (2026-03-02) in the business zone, for pages that step through time. */
import { business } from '@/i18n/format'
import { language, localeOf } from '@/i18n'

const DAY_MS = 86_400_000

const utc = (day: string): number => Date.parse(`${day}T00:00:00Z`)
const text = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

/** How far the clock of the business zone is ahead of UTC at that instant, in milliseconds. */
function ahead(ms: number): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: business.zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  }).formatToParts(ms)
  const of = (type: string): number => Number(parts.find((p) => p.type === type)!.value)
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) - Math.floor(ms / 1000) * 1000
}

/** The civil day of an instant. */
export function dayOf(instant: number | string): string {
  const ms = new Date(instant).getTime()
  return text(ms + ahead(ms))
}
export const today = (): string => dayOf(Date.now())
export const addDays = (day: string, n: number): string => text(utc(day) + n * DAY_MS)

/** The same day n months on, or the last of that month. */
export function addMonths(day: string, n: number): string {
  const [y, m, d] = day.split('-').map(Number) as [number, number, number]
  const last = new Date(Date.UTC(y, m + n, 0)).getUTCDate()
  return text(Date.UTC(y, m - 1 + n, Math.min(d, last)))
}

/** The Monday of its week. */
export const monday = (day: string): string => addDays(day, -((new Date(utc(day)).getUTCDay() + 6) % 7))

/** A day in words of one's choice: { month: 'long', year: 'numeric' } */
export function dayWords(day: string, parts: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(localeOf[language.value], { timeZone: 'UTC', ...parts }).format(utc(day))
}
/** The same of an instant, in the business zone. */
export function instantWords(instant: string, parts: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(localeOf[language.value], { timeZone: business.zone, hourCycle: 'h23', ...parts }).format(new Date(instant))
}

/** When the zone's clocks show that: `wall` is the instant at which those of UTC do. What they skip is when they have. */
function wallTime(wall: number): string {
  const first = wall - ahead(wall)
  const second = wall - ahead(first)
  return new Date(second + ahead(second) === wall ? second : Math.max(first, second)).toISOString()
}
/** When a civil day (or one n days on) begins in the business zone, or so many hours after, as an instant. */
export const dayStart = (day: string, n = 0, hour = 0): string => wallTime(utc(addDays(day, n)) + hour * 3_600_000)
