// JSON that a person writes: what it says, where each part stands, where it cannot be read.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { load } from '../lib/source.mjs'

const { placesOfJson, nearest, lineOf } = await load('lib/jsonPlaces.ts')

test('read as JSON.parse reads it, with the place of each part', () => {
  for (const source of ['{}', ' [ ] ', '"a\\u4e2d\\n"', '-1.5e3', 'true', '{"a":[1,{"b":null}],"c":"上海"}', '{"__proto__":1}', '[[],[[0]],""]']) {
    const { value, error } = placesOfJson(source)
    assert.equal(error, undefined, source)
    assert.equal(JSON.stringify(value), JSON.stringify(JSON.parse(source)), source)
  }
  const source = '{\n  "all": [\n    { "event": "a", "count": { "gte": 2 } }\n  ]\n}'
  const { places } = placesOfJson(source)
  const at = (path) => source.slice(places.get(path).from, places.get(path).to)
  assert.equal(at('all[0].count.gte'), '2')
  assert.equal(at('all[0].event'), '"a"')
  assert.equal(lineOf(source, places.get('all[0]').from), 3)
  assert.deepEqual(nearest(places, 'all[0].count.lte.x'), places.get('all[0].count'))
  assert.deepEqual(nearest(places, 'all[7]'), places.get('all'))
  assert.deepEqual(nearest(places, 'within'), places.get(''))
})

test('what JSON.parse refuses is refused, at the place', () => {
  for (const [source, at] of [['', 0], ['{', 1], ['{"a" 1}', 5], ['{"a":}', 5], ['[1,]', 3], ['[1 2]', 3], ['{"a":1,}', 7], ['01', 1], ['1.', 1], ['"a', 0], ['"\n"', 0], ["{'a':1}", 1], ['nul', 0], ['{}x', 2], ['"\\x"', 0], ['[tru]', 1], ['-', 0]]) {
    assert.throws(() => JSON.parse(source), source)
    assert.deepEqual(placesOfJson(source).error, { from: at, to: Math.min(source.length, at + 1) }, source)
  }
  assert.ok(placesOfJson('['.repeat(5000)).error, 'too deep')
})
