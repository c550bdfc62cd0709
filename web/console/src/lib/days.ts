/* Civil days (2026-03-02) in the business zone, for pages that step through time. */
import { business } from '@/i18n/format'
import { language, localeOf } from '@/i18n'

const DAY_MS = 86_400_000

/** The civil day of an instant. */
export function dayOf(instant: number | string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: business.zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date(instant))
}
export const today = (): string => dayOf(Date.now())

const utc = (day: string): number => Date.parse(`${day}T00:00:00Z`)
const text = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
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

/** When a civil day (or one n days on) begins in the business zone, as an instant. */
export function dayStart(day: string, n = 0, hour = 0): string {
  const wanted = utc(addDays(day, n)) + hour * 3_600_000
  // The zone's offset is asked of the clock there; the second look is for a day on which it changes.
  const offset = (at: number): number => {
    const p = Object.fromEntries(new Intl.DateTimeFormat('en-US', { timeZone: business.zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' }).formatToParts(new Date(at)).map((x) => [x.type, Number(x.value)])) as Record<string, number>
    return Date.UTC(p.year!, p.month! - 1, p.day, p.hour, p.minute, p.second) - at
  }
  const first = wanted - offset(wanted)
  return new Date(wanted - offset(first)).toISOString()
}
