// Figures, money and times in words of both languages.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { load } from '../lib/source.mjs'

const f = await load('i18n/format.ts', 'i18n/index.ts', 'lib/days.ts')
const says = (cases) => {
  for (const language of ['zh', 'en']) {
    f.setLanguage(language)
    for (const [value, zh, en] of cases) assert.equal(value().replace(/[\u00a0\u202f]/g, ' '), language === 'zh' ? zh : en)
  }
}

test('figures', () =>
  says([
    [() => f.formatNumber(1234567), '1,234,567', '1,234,567'],
    [() => f.formatNumber(12.345, 2), '12.35', '12.35'],
    // Whether four digits are grouped here depends on the version of Unicode's data.
    [() => f.formatShort(12345678).replace(',', ''), "1234.6万", "12.3M"],
    [() => f.formatShort(1234).replace(',', ''), "1234", "1.2K"],
    [() => f.formatShare(0.1234), '12.3%', '12.3%'],
    [() => f.formatShare(0), '0%', '0%'],
    [() => f.formatShare(47 / 1e6), '<0.1%', '<0.1%'],
    [() => f.formatShare(0.0005), '0.1%', '0.1%'],
    [() => f.formatShare(0.004, 0), '<1%', '<1%'],
    [() => f.formatShare(0.9999), '>99.9%', '>99.9%'],
    [() => f.formatShare(1 - 1e-12), '100%', '100%'],
    [() => f.formatShare(-0.25), '-25%', '-25%'],
    [() => f.formatBytes(0), '0 B', '0 B'],
    [() => f.formatBytes(1536), '1.5 KB', '1.5 KB'],
    [() => f.formatBytes(5 * 1024 ** 5), '5,120 TB', '5,120 TB'],
  ]))

test('money is 1/100 of the unit, in the currency of the instance', () => {
  says([
    [() => f.formatMoney(123456789), '¥1,234,567.89', '¥1,234,567.89'],
    [() => f.formatMoney(-5), '-¥0.05', '-¥0.05'],
    [() => f.formatMoney(1234567, { whole: true }), '¥12,346', '¥12,346'],
    [() => f.formatMoney(1234567890123456), '¥12,345,678,901,234.56', '¥12,345,678,901,234.56'],
  ])
  f.business.currency = 'GBP'
  says([[() => f.formatMoney(100), '£1.00', '£1.00']])
  f.business.currency = 'CNY'
})

test('an instant stands in the business zone, wherever the reader is', () => {
  says([[() => f.formatInstant('2026-03-01T16:30:00Z'), '2026年3月2日 00:30', '2 Mar 2026, 00:30']])
  f.business.zone = 'Europe/London'
  says([[() => f.formatInstant('2026-03-01T16:30:05Z', 'seconds'), '2026年3月1日 16:30:05', '1 Mar 2026, 16:30:05']])
  f.business.zone = 'Asia/Shanghai'
})

test('a civil day has no zone', () => says([[() => f.formatDay('1990-06-01'), '1990年6月1日', '1 Jun 1990']]))

test('how long ago, and in how long', () => {
  const now = Date.parse('2026-03-02T02:00:00Z')
  const at = (iso) => () => f.formatRelative(iso, now)
  says([
    [at('2026-03-02T02:00:20Z'), '现在', 'now'],
    [at('2026-03-02T01:58:59Z'), '1分钟前', '1 minute ago'],
    [at('2026-03-01T23:00:00Z'), '3小时前', '3 hours ago'],
    [at('2026-03-01T01:00:00Z'), '昨天', 'yesterday'],
    [at('2026-03-05T03:00:00Z'), '3天后', 'in 3 days'],
    [at('2025-01-01T00:00:00Z'), '去年', 'last year'],
  ])
})

test('a day begins at midnight of the business zone, in summer and in winter, and where midnight is skipped', () => {
  for (const [day, zone, plus, instant] of [
    ['2026-03-02', 'Asia/Shanghai', 0, '2026-03-01T16:00:00.000Z'],
    ['2026-03-02', 'Asia/Shanghai', 1, '2026-03-02T16:00:00.000Z'],
    ['2026-07-01', 'Europe/London', 0, '2026-06-30T23:00:00.000Z'],
    ['2026-01-01', 'Europe/London', 0, '2026-01-01T00:00:00.000Z'],
    ['2026-03-29', 'Europe/London', 1, '2026-03-29T23:00:00.000Z'],
    ['2026-03-08', 'America/New_York', 1, '2026-03-09T04:00:00.000Z'],
    ['2026-09-06', 'America/Santiago', 0, '2026-09-06T04:00:00.000Z'],
  ]) {
    f.business.zone = zone
    assert.equal(f.dayStart(day, plus), instant, `${day} ${zone}`)
    assert.equal(f.dayOf(instant), f.addDays(day, plus), `the day of ${instant} in ${zone}`)
  }
})
