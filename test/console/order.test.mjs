// The order that people give to tags: every move leads to the order asked for, within the bounds, with few rows changed.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { load } from '../lib/source.mjs'

const { inOrder, moved, sortAfter, SORT_MAX } = await load('pages/tags/order.ts')
const apply = (items, changes) => {
  const sorts = new Map(changes.map((c) => [c.item.id, c.sort]))
  return inOrder(items.map((i) => ({ ...i, sort: sorts.get(i.id) ?? i.sort })))
}
const ids = (items) => items.map((i) => i.id).join()
const wanted = (items, from, to) => {
  const list = [...items]
  list.splice(to, 0, ...list.splice(from, 1))
  return ids(list)
}
// Mulberry32: the same sequence every time.
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

test('1,000 moves in lists of every size end where they should', () => {
  const next = random(7)
  for (const n of [2, 3, 10, 300]) {
    let items = inOrder(Array.from({ length: n }, (_, i) => ({ id: i + 1, sort: next() < 0.5 ? 0 : Math.floor(next() * 40) })))
    for (let move = 0; move < 250; move++) {
      const [from, to] = [Math.floor(next() * n), Math.floor(next() * n)]
      const changes = moved(items, from, to)
      const after = apply(items, changes)
      assert.equal(ids(after), wanted(items, from, to), `${n} items, ${from} to ${to}`)
      assert.ok(after.every((i) => Number.isInteger(i.sort) && i.sort >= 0 && i.sort <= SORT_MAX))
      items = after
    }
  }
})

test('tags made one after another leave room: a move changes one row', () => {
  const items = []
  for (let id = 1; id <= 20; id++) items.push({ id, sort: sortAfter(items) })
  assert.equal(moved(items, 15, 3).length, 1)
  assert.equal(moved(items, 3, 19).length, 1)
  assert.equal(moved(items, 3, 0).length, 1)
})

test('nothing is changed by a move that is none', () => {
  const items = [{ id: 1, sort: 1 }, { id: 2, sort: 2 }]
  for (const [from, to] of [[0, 0], [0, 2], [0, -1], [5, 0]]) assert.deepEqual(moved(items, from, to), [])
})

test('the end is the end, also when the numbers are used up', () => {
  assert.equal(sortAfter([]), 10)
  assert.equal(sortAfter([{ id: 1, sort: SORT_MAX }]), SORT_MAX)
  const full = Array.from({ length: 5 }, (_, i) => ({ id: i + 1, sort: SORT_MAX }))
  assert.equal(ids(apply(full, moved(full, 0, 4))), '2,3,4,5,1')
})
