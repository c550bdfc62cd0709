/* Figures, money and times as a person reads them: in the language of the console, the currency and the business zone of the
 * instance (app/session.ts takes both from `me`). Each function reads reactive state, so what a template shows follows a switch of
 * language. Components for templates: ui/Num.vue, ui/Money.vue, ui/When.vue. */
import { reactive } from 'vue'
import { language, localeOf } from './index'

/** Set once a person is known. */
export const business = reactive({ currency: 'CNY', zone: 'Asia/Shanghai' })

// Making one costs about 50 µs, and a list makes thousands of texts.
const made = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>()
function cached<T extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>(key: string, make: (locale: string) => T): T {
  const locale = localeOf[language.value]
  const full = `${locale} ${key}`
  let f = made.get(full)
  if (!f) made.set(full, (f = make(locale)))
  return f as T
}

export function formatNumber(value: number, digits = 0): string {
  return cached(`n${digits}`, (l) => new Intl.NumberFormat(l, { maximumFractionDigits: digits })).format(value)
}

/** For texts that count: t('people', counted(n)). An English text has both forms, '{n} customer | {n} customers'. */
export const counted = (n: number): { n: string; count: number } => ({ n: formatNumber(n), count: n })

/** 12,345,678 → 1,234.6万 or 12.3M, for charts and tiles; 1,234 is 1,234 or 1.2K. */
export function formatShort(value: number): string {
  // The British million is a small m, which is read as a metre or a thousandth.
  return cached('short', (l) => new Intl.NumberFormat(l === 'en-GB' ? 'en-US' : l, { notation: 'compact', maximumFractionDigits: 1, useGrouping: true })).format(value)
}

const EXACT = 1e-9 // nearer to nothing or to all than this is it
/** 0.1234 → 12.3 %. What is a few of very many is not none (0.00004 → <0.1 %), and nearly all is not all. */
export function formatShare(value: number, digits = 1): string {
  const show = (v: number): string => cached(`p${digits}`, (l) => new Intl.NumberFormat(l, { style: 'percent', maximumFractionDigits: digits })).format(v)
  const least = 10 ** -(digits + 2)
  if (value > EXACT && value < least / 2) return `<${show(least)}`
  if (value < 1 - EXACT && value >= 1 - least / 2) return `>${show(1 - least)}`
  return show(value)
}

/** `fen` is 1/100 of the currency's unit, as everywhere in the API. */
export function formatMoney(fen: number, { whole = false } = {}): string {
  const { currency } = business
  const digits = whole ? 0 : 2
  return cached(`m${currency}${digits}`, (l) =>
    new Intl.NumberFormat(l, { style: 'currency', currency, currencyDisplay: 'narrowSymbol', minimumFractionDigits: digits, maximumFractionDigits: digits }),
  ).format(fen / 100)
}

/** 人民币, Chinese yuan: beside a field that takes an amount. */
export const currencyName = (): string => new Intl.DisplayNames(localeOf[language.value], { type: 'currency' }).of(business.currency) ?? business.currency

type Clock = 'minutes' | 'seconds'
/** An instant (RFC 3339) in the business zone: 2026年3月2日 10:00 or 2 Mar 2026, 10:00. */
export function formatInstant(instant: string, clock: Clock = 'minutes'): string {
  const { zone } = business
  return cached(`i${zone}${clock}`, (l) =>
    new Intl.DateTimeFormat(l, {
      timeZone: zone, year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
      ...(clock === 'seconds' ? { second: '2-digit' as const } : {}),
    }),
  ).format(new Date(instant))
}

/** A civil day (2026-03-02), which has no zone. */
export function formatDay(day: string): string {
  return cached('d', (l) => new Intl.DateTimeFormat(l, { timeZone: 'UTC', year: 'numeric', month: 'short', day: 'numeric' })).format(
    new Date(`${day}T00:00:00Z`),
  )
}

const steps: Array<[Intl.RelativeTimeFormatUnit, number]> = [
  ['year', 31_557_600], ['month', 2_629_800], ['week', 604_800], ['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1],
]
/** 3 小时前, in 2 days; seconds only as "now". */
export function formatRelative(instant: string, now: number = Date.now()): string {
  const seconds = Math.round((Date.parse(instant) - now) / 1000)
  const [unit, size] = steps.find(([u, s]) => u !== 'second' && Math.abs(seconds) >= s) ?? ['second', 1]
  const f = cached('r', (l) => new Intl.RelativeTimeFormat(l, { numeric: 'auto' }))
  return f.format(unit === 'second' ? 0 : Math.trunc(seconds / size), unit)
}

const sizes = ['B', 'KB', 'MB', 'GB', 'TB']
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(sizes.length - 1, Math.floor(Math.log(bytes) / Math.log(1024)))
  return `${formatNumber(bytes / 1024 ** power, power ? 1 : 0)} ${sizes[power]}`
}
