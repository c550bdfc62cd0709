// Which values of a profile stand out; segments made of segments.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { load } from '../lib/source.mjs'

const { standingOut } = await load('pages/segments/segment/profile.ts')
const { combined, names } = await load('pages/segments/sets.ts')

test('what differs by more than chance, the surest first', () => {
  const value = (v, people, all, attr = 'city') => ({ attr, value: v, people, all })
  const answer = { people: 100, all: 10_000, values: [value('上海', 60, 2000), value('杭州', 12, 1000), value('北京', 1, 4000), value('苏州', 27, 3000), { set: 'tag', value: '7', people: 100, all: 100 }] }
  const rows = standingOut(answer, 'city', 9)
  assert.deepEqual(rows.map((r) => [r.value, r.here, Number(r.lift.toFixed(3))]), [['上海', 0.6, 3], ['北京', 0.01, 0.025]], '杭州 and 苏州 differ by chance')
  assert.deepEqual(standingOut(answer, 'city', 1).map((r) => r.value), ['上海'])
  assert.deepEqual(standingOut(answer, 'tag', 9).map((r) => r.lift), [100])
  assert.deepEqual(standingOut({ people: 0, all: 10, values: [value('上海', 0, 5)] }, 'city', 9), [])
  assert.deepEqual(standingOut({ people: 10, all: 10, values: [value('上海', 10, 10)] }, 'city', 9), [], 'everybody is in it')
})

test('union, intersection and difference', () => {
  assert.deepEqual(combined('union', [1, 2]), { any: [{ segment: 1, is: true }, { segment: 2, is: true }] })
  assert.deepEqual(combined('intersection', [1, 2]), { all: [{ segment: 1, is: true }, { segment: 2, is: true }] })
  assert.deepEqual(combined('difference', [1, 2]), { all: [{ segment: 1, is: true }, { not: { segment: 2, is: true } }] })
  assert.deepEqual(combined('difference', [1, 2, 3]), { all: [{ segment: 1, is: true }, { not: { any: [{ segment: 2, is: true }, { segment: 3, is: true }] } }] })
  assert.equal(names(combined('difference', [1, 2, 3]), 3), true)
  assert.equal(names(combined('union', [1, 2]), 3), false)
  assert.equal(names(null, 3), false)
})
