// The published schema of questions says what their reader does: random questions fit, and of those that were spoilt at
// random it refuses all that the reader refuses for their form. What JSON Schema cannot say is in `meant`. SEED=… COUNT=…
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import test from 'node:test'
import { fits } from '../lib/question.mjs'
import { root } from '../lib/server.mjs'

const driver = path.join(root, 'build/test/engine_questions')
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
const count = Number(process.env.COUNT ?? 3000)
const lines = (args, input) => {
  const r = spawnSync(driver, args, { input, encoding: 'utf8', maxBuffer: 1 << 28 })
  assert.equal(r.status, 0, r.stderr)
  return r.stdout.trim().split('\n')
}
const verdicts = (questions) => lines([], questions.map((q) => JSON.stringify(q) + '\n').join(''))

let state = seed
const random = (n) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return Math.floor((state / 2 ** 32) * n)
}
/** Every object and list inside, with itself. */
const inside = (j) => (j && typeof j === 'object' ? [j, ...Object.values(j).flatMap(inside)] : [])
const others = [null, true, 0, -1, 1.5, 1e6, '', 'nothing', '7d', '2026-02-28', [], {}, ['a', 1], { event: 'visit' }]
const names = ['kind', 'event', 'where', 'prop', 'eq', 'gte', 'lt', 'within', 'since', 'until', 'count', 'first', 'all', 'not', 'attr', 'after', 'behind', 'unit', 'figure', 'elsewhere']
function spoilt(question) {
  const q = structuredClone(question)
  const places = inside(q).filter((o) => Object.keys(o).length)
  const o = places[random(places.length)]
  const key = Object.keys(o)[random(Object.keys(o).length)]
  const other = structuredClone(others[random(others.length)])
  const how = random(4)
  if (how === 0) Array.isArray(o) ? o.splice(key, 1) : delete o[key]
  else if (how === 1) o[key] = other
  else if (how === 2 && !Array.isArray(o)) o[names[random(names.length)]] = other
  else if (!Array.isArray(o)) {
    o[names[random(names.length)]] = o[key]
    delete o[key]
  } else o.push(o[0])
  return q
}
/** Refused for what it means, not for its form. */
const meant = new RegExp(
  ['is not after', 'and, later, "until"', 'leave nothing between them', 'there is no step after it', 'counted in order only', 'go with "in_order" only', 'it is a step$', 'a step from the second on',
    'there is no such step', 'nobody stops before', 'there is no such cell', 'the window has not so many', 'by which "cell"', 'a group is named for each', 'there is no such level', 'it is the last level', 'a node has a key', 'it stands without "channel"', 'it is there twice', 'people are broken down by', 'of ten years at most', '^no brackets', 'cut points rise', '^no people: this is no condition', // {} is everybody in the product

    'at most 366 days', 'deeper than', 'more than 100', 'an instant is expected', 'a length of time is expected', 'a day or null'].join('|'),
)

test('random questions fit', () => {
  const questions = lines([seed, count])
  for (const q of questions) assert.ok(fits(JSON.parse(q)), `seed ${seed}: ${q}\n${JSON.stringify(fits.errors?.slice(-3))}`)
})

test('what is spoilt is refused by both, or by neither', () => {
  const questions = lines([seed, count]).map((q) => spoilt(JSON.parse(q)))
  const said = verdicts(questions)
  let refused = 0, both = 0
  questions.forEach((q, i) => {
    const fit = fits(q), taken = said[i] === 'yes'
    if (taken) return assert.ok(fit, `seed ${seed}: taken, but does not fit: ${JSON.stringify(q)}\n${JSON.stringify(fits.errors?.slice(-3))}`)
    refused++
    both += !fit
    assert.ok(!fit || meant.test(said[i]), `seed ${seed}: fits, but refused: ${said[i]}\n${JSON.stringify(q)}`)
  })
  assert.ok(refused > count / 3 && both > refused * 0.8, `${both} of ${refused}`)
})
