// Reports: bands of the ordinary, files, why people stop at a step.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { load } from '../lib/source.mjs'

const { anomalies, bandOf } = await load('lib/report/anomaly.ts')
const { csvText } = await load('lib/report/file.ts')
const { canTell, diagnosisQuestion, firstReason, isTelling, reasonInWords, setLanguage, stepsToTell, strengthInWords, tell, worstStep } = await load('lib/report/diagnosis.ts', 'i18n/index.ts')

const weeks = (n, day) => Array.from({ length: n * 7 }, (_, i) => day(i % 7, Math.floor(i / 7)))

test('a day is judged by the same weekday of up to eight weeks before', () => {
  // Sundays are high every week: nothing out of the ordinary.
  const usual = weeks(9, (weekday, week) => (weekday === 6 ? 1000 : 100) + (week % 2) * 10)
  assert.deepEqual(anomalies(usual), [])
  const fallen = [...usual]
  fallen[8 * 7 + 6] = 100 // a Sunday like a weekday
  assert.deepEqual(anomalies(fallen).map((a) => a.at), [62])
  const risen = [...usual]
  risen[8 * 7 + 1] = 1000
  assert.deepEqual(anomalies(risen).map((a) => [a.at, a.value]), [[57, 1000]])
})

test('the band is the mean of the eight values and twice their deviation, no more than eight, no fewer than four', () => {
  const values = Array.from({ length: 10 * 7 }, () => null)
  for (let week = 0; week < 10; week++) values[week * 7] = [9999, 2, 4, 4, 4, 5, 5, 7, 9, 0][week]
  const band = bandOf(values, 9 * 7) // of 2 4 4 4 5 5 7 9: mean 5, deviation 2; the first is too long ago
  assert.deepEqual(band, { low: 1, high: 9, mean: 5 })
  assert.deepEqual(anomalies(values).map((a) => a.at), [63], 'a value on the band is ordinary, 0 is not')
  assert.equal(bandOf(values, 3 * 7), null, 'three values are no band')
  assert.notEqual(bandOf(values, 4 * 7), null)
  assert.equal(bandOf([], 0), null)
})

test('what never changed has a band without width, and the smallest change is out of it', () => {
  const flat = weeks(9, () => 0.1 + 0.2)
  assert.deepEqual(anomalies(flat), [])
  flat[62] = 0.31
  assert.deepEqual(anomalies(flat).map((a) => a.at), [62])
  assert.deepEqual(anomalies(flat, 63), [], 'only from where it is asked')
  flat[62] = null
  assert.deepEqual(anomalies(flat), [], 'nothing known is nothing odd')
})

test('a file for spreadsheets: marked as UTF-8, quoted, and no text becomes a formula', () => {
  assert.equal(csvText([['步骤', 'a,b'], ['说"好"', 1.5], ['=1+1', -2], ['两\n行', null]]), '\ufeff步骤,"a,b"\r\n"说""好""",1.5\r\n\'=1+1,-2\r\n"两\n行",\r\n')
})

test('the worst step loses the largest part of those who came to it', () => {
  for (const [reached, worst] of [[[1000, 500, 400, 100], 4], [[1000, 100, 10], 2], [[10, 10, 9], 3], [[10, 10], null], [[0, 0, 0], null], [[8, 0, 0], 2], [[7], null], [[], null]]) assert.equal(worstStep(reached), worst, String(reached))
  assert.deepEqual(stepsToTell([8, 4, 0, 0]), [2, 3], 'a step nobody came to the step before of has nobody who stopped')
})

test('it is asked as the funnel is, without what has no place there', () => {
  const funnel = { since: '2026-03-01', until: '2026-03-02', steps: [{ event: 'a' }, { event: 'b' }], order: 'strict', entry: 'first', window: '1d', people: { attr: 'city', eq: '上海' }, exclude: [{ event: 'c', after: 1 }] }
  assert.deepEqual(diagnosisQuestion({ kind: 'funnel', ...funnel, breakdown: [{ attr: 'city' }] }, 2), { ...funnel, kind: 'diagnosis', step: 2, attrs: ['gender', 'city', 'channel', 'stage', 'rfm.tier'], sets: ['tag'] })
  const edited = { steps: funnel.steps, order: 'in_order', count: 'person' }
  assert.deepEqual([canTell(edited), canTell({ ...edited, order: 'strict' })], [true, true])
  for (const other of [{ count: 'entry' }, { count: { prop: 'order_id' } }, { order: 'any' }, { steps: [{ event: 'a' }] }]) assert.equal(canTell({ ...edited, ...other }), false, JSON.stringify(other))
})

/* Of 200 who went on and 200 who stopped. An event's figures are of going on, a value's of having stopped. */
const figures = (phi, odds) => ({ phi, odds, odds_low: odds / 2, odds_high: odds * 4 })
const answer = {
  went_on: 200, stopped: 200,
  events: [
    { event: 'weak', went_on: 101, stopped: 100, ...figures(0.049, 1.02) },
    { event: 'coupon', went_on: 120, stopped: 40, ...figures(0.4, 6) },
    { event: 'few', went_on: 0, stopped: 190 },
    { event: 'mild', went_on: 80, stopped: 100, ...figures(-0.1, 0.7) },
    { event: 'fee', went_on: 40, stopped: 160, ...figures(-0.6, 0.25) },
  ],
  values: [
    { attr: 'city', value: '杭州', went_on: 150, stopped: 50, ...figures(-0.5, 0.2) },
    { set: 'tag', value: '7', went_on: 40, stopped: 180, ...figures(0.7, 8) },
  ],
}
const named = (rows) => rows.map((r) => r.of.event ?? r.of.value)

test('what sets those who stopped apart: strongest first, on its side, weak and few left out', () => {
  const told = tell(answer, 5)
  assert.deepEqual([named(told.did.stopped), named(told.did.wentOn), named(told.are.stopped), named(told.are.wentOn)], [['fee', 'mild'], ['coupon'], ['7'], ['杭州']])
  assert.deepEqual([told.enough, isTelling(told), firstReason(told).of.value], [true, true, '7'])
  assert.deepEqual(named(tell(answer, 1).did.stopped), ['fee'])
  const fee = told.did.stopped[0]
  assert.deepEqual([fee.here, fee.there, fee.phi, fee.odds, fee.low, fee.high], [0.2, 0.8, -0.6, 0.25, 0.125, 1])
  const tag = told.are.stopped[0]
  assert.deepEqual([tag.phi, tag.odds, tag.low, tag.high], [-0.7, 1 / 8, 1 / 32, 1 / 4], 'turned to going on')
  const weak = tell({ ...answer, events: answer.events.slice(0, 1), values: [] }, 5)
  assert.deepEqual([weak.enough, isTelling(weak), firstReason(weak)], [true, false, null])
  const few = tell({ ...answer, events: [answer.events[2]], values: [] }, 5)
  assert.deepEqual([few.enough, isTelling(few)], [false, false])
})

test('a reason in words: plain first, figures of the trade apart', () => {
  const { did, are } = tell(answer, 5)
  const plain = (s) => s.replace(/[\u00a0\u202f]/g, ' ')
  const said = () => [reasonInWords(did.stopped[0], { name: '运费提示' }), reasonInWords(are.stopped[0], { name: '价格敏感' }), reasonInWords(are.wentOn[0], { name: '城市', value: '杭州' }), strengthInWords(did.stopped[0])].map(plain)
  setLanguage('zh')
  assert.deepEqual(said(), ['有过“运费提示”的人里 20% 继续，没有的 80%', '有标签“价格敏感”的人里 18% 继续，没有的 89%', '城市是“杭州”的人里 75% 继续，其他人 25%', 'φ -0.6 · 优势比 0.25（95% 区间 0.13 – 1）'])
  setLanguage('en')
  assert.deepEqual(said(), ['Of people with “运费提示” 20% went on, of those without it 80%', 'Of people with the tag “价格敏感” 18% went on, of those without it 89%', 'Of people whose 城市 is “杭州” 75% went on, of the others 25%', 'φ -0.6 · odds ratio 0.25 (95% interval 0.13 – 1)'])
})
