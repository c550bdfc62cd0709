// RFM of events: cut points in words, kept ones, the grid and the classes of an answer, what is asked.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { load } from '../lib/source.mjs'

globalThis.window = { addEventListener() {} } // the session listens to other tabs
const { classesOf, cutsKept, depths, gridOf, inDays, inMoney, inNumbers, inTimes, rangeOf, readRfm, rfmQuestion, setLanguage } = await load('lib/rfm.ts', 'lib/report/rfm.ts', 'i18n/index.ts')

test('cut points in words: the values that have a score', () => {
  setLanguage('zh')
  const days = [10.6, 10.6, 12.4, 30]
  assert.deepEqual([5, 4, 3, 2, 1].map((s) => rangeOf(inDays, 'r', days, s)), ['不超过 10 天', null, '11 至 12 天', '13 至 30 天', '30 天以上'])
  assert.deepEqual([1, 2, 3].map((s) => rangeOf(inTimes, 'f', [1, 2, 4.8, 9], s)), ['不超过 1 次', '2 次', '3 至 4 次'])
  assert.deepEqual([1, 2, 5].map((s) => rangeOf(inNumbers, 'm', [0.5, 1.25, 2, 3], s)), ['不超过 0.5', '0.5 至 1.25', '3 以上'])
  setLanguage('en')
  assert.deepEqual([1, 2].map((s) => rangeOf(inTimes, 'f', [1, 2, 3, 4], s)), ['up to 1 time', '2 times'])
  assert.equal(rangeOf(inMoney, 'm', [10000, 20050, 30000, 40000], 2), '¥100 to ¥200.50')
  setLanguage('zh')
})

test('kept cut points score as those they were taken of', () => {
  const score = (cuts, v) => 1 + cuts.filter((c) => c < v).length
  const cuts = { r: [10, 11.8, 12.2, 30], f: [1, 1, 2.6, 3], m: [9000.2, 0.0004 + 10000, 14000.8, 22000.0016] }
  const kept = cutsKept(cuts)
  assert.deepEqual(kept, { r: [10, 11, 12, 30], f: [1, 1, 2, 3], m: [9000.2, 10000, 14000.8, 22000.001] })
  for (const n of [0, 1, 2, 3, 4, 10, 11, 12, 13, 30, 31]) assert.deepEqual([score(kept.r, n), score(kept.f, n)], [score(cuts.r, n), score(cuts.f, n)], String(n))
  for (const n of [9000.2, 9000.201, 10000, 10000.001, 14000.8, 22000.001, 22000.002]) assert.equal(score(kept.m, n), score(cuts.m, n), String(n))
})

test('the grid and the classes add up cells; the deepest has most', () => {
  const answer = { cells: [
    { r: 5, f: 4, m: 5, class: '111', people: 3, facts: 9, value: 900 }, { r: 5, f: 4, m: 1, class: '110', people: 1, facts: 2, value: -50 }, { r: 1, f: 1, m: 1, class: '000', people: 9, facts: 9, value: 10 },
  ] }
  const grid = gridOf(answer)
  assert.equal(grid.length, 25)
  assert.deepEqual(grid.filter((c) => c.people), [{ r: 1, f: 1, people: 9, worth: 10, byM: [9, 0, 0, 0, 0] }, { r: 5, f: 4, people: 4, worth: 850, byM: [1, 0, 0, 0, 3] }])
  const deepest = (shade) => grid.map((c, i) => [depths(grid, shade)[i], c.r]).sort((a, b) => b[0] - a[0])[0]
  assert.deepEqual([deepest('people'), deepest('worth')], [[54, 1], [54, 5]])
  assert.deepEqual(classesOf({ value: 'amount_fen' }, answer).filter((c) => c.people), [{ key: '111', people: 3, value: 900 }, { key: '110', people: 1, value: -50 }, { key: '000', people: 9, value: 10 }])
  assert.deepEqual(classesOf({ value: '' }, answer).map((c) => c.key), ['110', '100', '010', '000'])
})

test('what is read is asked again; nothing is taken of nothing', () => {
  const begun = readRfm({})
  assert.deepEqual([begun.of.event, begun.value, begun.refund, begun.cuts], ['order.paid', 'amount_fen', null, {}])
  const machine = readRfm({ of: 'page.viewed', refund: 'order.refunded', cuts: { f: [1, 2, 3, 4], r: [4, 3, 2, 1], m: 'x' } })
  assert.deepEqual([machine.of, machine.value, machine.cuts], [{ event: 'page.viewed', where: [] }, '', { f: [1, 2, 3, 4] }])
  const { since, until, ...asked } = rfmQuestion(machine)
  assert.deepEqual(asked, { kind: 'rfm', of: { event: 'page.viewed' }, cuts: { f: [1, 2, 3, 4] } })
  assert.deepEqual(rfmQuestion(readRfm({ of: 'a', value: 'n', refund: { event: 'b' } })).refund, { event: 'b' })
})
