// Reports: bands of the ordinary, ranges of days, files, what is read of addresses, comparisons, questions.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { load } from '../lib/source.mjs'

const { anomalies, bandOf } = await load('lib/report/anomaly.ts')
const { csvText } = await load('lib/report/file.ts')

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
