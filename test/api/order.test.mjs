import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { startServer, signIn, problem, all } from '../lib/server.mjs'

let server, owner
before(async () => {
  server = await startServer()
  owner = await signIn(server)
})
after(() => server.stop())

const line = (product_code, quantity, price) => ({ product_code, product_name: `商品 ${product_code}`, quantity_milli: quantity * 1000, price_micro: Math.round(price * 1e6) })
const order = (number, more = {}) => ({ source: 'pos', number, at: '2026-02-01T04:00:00Z', lines: [line('A', 2, 19.9), line('B', 1, 0.335)], ...more })

test('an order from outside: once, with its lines, amounts exact, its person found or made', async () => {
  const mobile = { kind: 'mobile', value: '13512345678', verified: true }
  const first = await owner.order.put(order('1', { identities: [mobile], channel: 'store' }))
  assert.deepEqual([first.created, first.lines_added], [true, 2])
  const again = await owner.order.put(order('1', { identities: [mobile] }))
  assert.deepEqual([again.id, again.created, again.lines_added, again.customer_id], [first.id, false, 0, first.customer_id])
  const full = await owner.order.get({ id: first.id })
  assert.deepEqual([full.amount_fen, full.line_count, full.channel], [3980 + 34, 2, 'store']) // 0.335 rounds half away from zero
  assert.deepEqual(full.lines.map((l) => [l.line_no, l.product_code, l.amount_fen]), [[1, 'A', 3980], [2, 'B', 34]])
  const amended = await owner.order.put(order('1', { identities: [mobile], lines: [line('A', 2, 19.9), line('B', 1, 0.335), line('C', 1, 10)] }))
  assert.deepEqual([amended.created, amended.lines_added], [false, 1])
  assert.equal((await owner.order.get({ id: first.id })).amount_fen, 5014)
  await owner.order.put(order('R1', { kind: 'refund', customer_id: first.customer_id, lines: [line('A', 1, 19.9)] }))
  assert.deepEqual((await all(owner.refund.list, { customer_id: first.customer_id })).map((r) => r.amount_fen), [1990])
  assert.deepEqual((await all(owner.customer.timeline, { id: first.customer_id, types: ['order.'] })).map((f) => f.type).sort(), ['order.amended', 'order.paid', 'order.refunded'])
})

test('orders of nobody count, too; lists page in both directions of detail', async () => {
  for (let i = 0; i < 5; i++) await owner.order.put(order(`n${i}`, { at: `2026-02-0${i + 2}T04:00:00Z` }))
  const page = await owner.order.list({ from_at: '2026-02-02T00:00:00Z', limit: 2 })
  assert.deepEqual(page.items.map((o) => o.number), ['n4', 'n3'])
  assert.deepEqual((await owner.order.list({ from_at: '2026-02-02T00:00:00Z', limit: 2, cursor: page.next })).items.map((o) => o.number), ['n2', 'n1'])
  assert.equal((await all(owner.order.list, { from_at: '2026-02-02T00:00:00Z', to_at: '2026-02-04T00:00:00Z' })).length, 2)
})

test('joining moves orders, undoing moves them back', async () => {
  const a = await owner.order.put(order('m1', { identities: [{ kind: 'wecom', value: 'wa', verified: true }] }))
  const b = await owner.order.put(order('m2', { identities: [{ kind: 'wecom', value: 'wb', verified: true }] }))
  const merge = await owner.customer.merge({ id: a.customer_id, other_id: b.customer_id })
  assert.equal((await all(owner.order.list, { customer_id: a.customer_id })).length, 2)
  await owner.merge.undo({ id: merge.id })
  for (const o of [a, b]) assert.deepEqual((await all(owner.order.list, { customer_id: o.customer_id })).map((x) => x.id), [o.id])
})

test('what is wrong is said', async () => {
  assert.equal((await problem(owner.order.put(order('x', { lines: [] })))).field, 'lines')
  assert.equal((await problem(owner.order.put(order('x', { lines: [line('A', 0, 1)] })))).code, 'out_of_range')
  assert.equal((await problem(owner.order.put(order('x', { identities: [{ kind: 'fax', value: '1' }] })))).field, 'identities[0].kind')
  assert.equal((await problem(owner.order.put(order('x', { customer_id: 4242 })))).status, 404)
  assert.equal((await problem(owner.order.put(order('x', { lines: [{ ...line('A', 1, 1), quantity_milli: 1e12, price_micro: 1e15 }] })))).status, 422)
  assert.equal((await problem(owner.order.get({ id: 4242 }))).status, 404)
})
