import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { startServer, signIn, problem, all, eventually } from '../lib/server.mjs'

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

const refund = (number, more = {}) => order(number, { kind: 'refund', lines: [line('A', 1, 10)], ...more })
const refundsOf = async (customer_id) => (await all(owner.refund.list, { customer_id })).map((r) => [r.number, r.order_number, r.order_id]).sort()
const refundFacts = async (id) =>
  Object.fromEntries((await all(owner.customer.timeline, { id, types: ['order.refunded'] })).map((f) => [f.props.refund_id, [f.props.order_number, f.props.order_id]]))

test('a refund names the order it takes back; one that came before its order is found later, but its fact stays', async () => {
  const identities = [{ kind: 'wecom', value: 'gives-back', verified: true }]
  const bought = await owner.order.put(order('b1', { identities }))
  const customer_id = bought.customer_id
  const known = await owner.order.put(refund('r1', { customer_id, order_number: 'b1' }))
  const early = await owner.order.put(refund('r2', { customer_id, order_number: 'b2' }))
  const elsewhere = await owner.order.put(refund('r3', { customer_id, order_number: 'b1', source: 'other' }))
  const bare = await owner.order.put(refund('r4', { customer_id }))
  const late = await owner.order.put(order('b2', { identities }))
  const expected = [['r1', 'b1', bought.id], ['r2', 'b2', late.id], ['r3', 'b1', null], ['r4', null, null]]
  assert.deepEqual(await refundsOf(customer_id), expected)
  const facts = { [known.id]: ['b1', bought.id], [early.id]: ['b2', undefined], [elsewhere.id]: ['b1', undefined], [bare.id]: [undefined, undefined] }
  assert.deepEqual(await refundFacts(customer_id), facts)
  // Again, and with another order: what was said first stays; what was not said is taken.
  for (const [number, order_number] of [['r1', 'b1'], ['r1', 'b2'], ['r2', null], ['r4', 'b1']])
    assert.deepEqual([(await owner.order.put(refund(number, { customer_id, order_number }))).created], [false])
  expected[3] = ['r4', 'b1', bought.id]
  assert.deepEqual(await refundsOf(customer_id), expected)
  assert.deepEqual(await refundFacts(customer_id), facts)
  assert.deepEqual(await problem(owner.order.put(order('b3', { order_number: 'b1' }))).then((p) => [p.status, p.field]), [422, 'order_number'])
  assert.equal((await problem(owner.order.put(refund('r5', { order_number: 'x'.repeat(101) })))).field, 'order_number')
})

test('whose order it is does not matter: what is told is that it is there, and people may be joined', async () => {
  const [a, b] = await Promise.all(['ja', 'jb'].map((value) => owner.order.put(order(`of-${value}`, { identities: [{ kind: 'wecom', value, verified: true }] }))))
  const back = await owner.order.put(refund('r-joined', { customer_id: b.customer_id, order_number: 'of-ja' }))
  assert.deepEqual(await refundFacts(b.customer_id), { [back.id]: ['of-ja', a.id] })
  const merge = await owner.customer.merge({ id: a.customer_id, other_id: b.customer_id })
  assert.deepEqual(await refundsOf(a.customer_id), [['r-joined', 'of-ja', a.id]])
  await owner.merge.undo({ id: merge.id })
  assert.deepEqual(await refundsOf(b.customer_id), [['r-joined', 'of-ja', a.id]])
})

test('attribution: built-in refunds take back what their orders were worth', async () => {
  const { write_key } = await owner.source.create({ name: '官网', trusted: true })
  const visit = async (userId, timestamp, source) => {
    const batch = [{ type: 'page', messageId: userId, userId, timestamp, name: '首页', context: { campaign: { source } } }]
    const r = await fetch(`${server.url}/v1/batch`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${write_key}:`)}` }, body: JSON.stringify({ batch }) })
    assert.equal(r.status, 200)
    return (await owner.customer.find({ kind: 'external', scope: 'user', value: userId })).id
  }
  const put = (customer_id, number, day, fen, more = {}) =>
    owner.order.put({ source: 'mall', number, customer_id, at: `2026-02-${day}T06:00:00Z`, lines: [line('A', 1, fen / 100)], ...more })
  const back = (customer_id, number, day, fen, order_number) => put(customer_id, number, day, fen, { kind: 'refund', order_number })
  const [one, two] = [await visit('v1', '2026-02-10T00:00:00Z', 'C1'), await visit('v2', '2026-02-10T00:00:00Z', 'C2')]
  // One buys twice. The refund of the first takes back from it, though the second is nearer: by what both are worth it shows.
  await put(one, 'a1', 11, 10000)
  await put(one, 'a2', 12, 2000)
  await back(one, 'ra1', 13, 3000, 'a1')
  // Two gives all back; of another order only what no order is named for, or one that came later.
  await put(two, 'a3', 11, 500)
  await back(two, 'ra3', 12, 500, 'a3')
  await back(two, 'ra4', 13, 700, 'a4')
  await put(two, 'a4', 12, 700)
  await back(two, 'ra5', 14, 700)
  await eventually(async () => (await owner.insight.state()).behind === 0, 'the index')
  const { items } = await owner.insight.events()
  const propsOf = (name) => items.find((e) => e.name === name).props.map((p) => p.name)
  for (const name of ['order.paid', 'order.refunded']) assert.ok(propsOf(name).includes('order_id'), name)
  const query = { kind: 'attribution', since: '2026-02-11', until: '2026-02-20', touch: 'page.viewed', channel: 'campaign.source', conversion: 'order.paid', value: 'amount_fen', window: '30d', top: 5, listed: 5 }
  const ask = async (more) => (await owner.insight.ask({ query: { ...query, ...more } })).result
  const figures = (r) => [r.conversions, r.value, r.refunded ?? null, r.refunded_value ?? null]
  assert.deepEqual(figures(await ask({})), [4, 13200, null, null])
  const taken = await ask({ refund: 'order.refunded', held: 'order_id' })
  assert.deepEqual(figures(taken), [3, 9700, 1, 3500])
  const worth = Object.fromEntries(taken.channels.map((c) => [c.key, c.credits.last.value]))
  assert.deepEqual(worth, { C1: 9000, C2: 700 })
})

test('what is wrong is said', async () => {
  assert.equal((await problem(owner.order.put(order('x', { lines: [] })))).field, 'lines')
  assert.equal((await problem(owner.order.put(order('x', { lines: [line('A', 0, 1)] })))).code, 'out_of_range')
  assert.equal((await problem(owner.order.put(order('x', { identities: [{ kind: 'fax', value: '1' }] })))).field, 'identities[0].kind')
  assert.equal((await problem(owner.order.put(order('x', { customer_id: 4242 })))).status, 404)
  assert.equal((await problem(owner.order.put(order('x', { lines: [{ ...line('A', 1, 1), quantity_milli: 1e12, price_micro: 1e15 }] })))).status, 422)
  assert.equal((await problem(owner.order.get({ id: 4242 }))).status, 404)
})
