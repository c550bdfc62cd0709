// Killed while segments follow a load of facts and definitions: who is a member is right again, and every coming and going was told once.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { all, ask, eventually, signIn, startServer } from '../lib/server.mjs'

const ROUNDS = Number(process.env.HETANG_KILLS ?? 12)
const PEOPLE = 60

test(`kill -9 at ${ROUNDS} moments while segments are kept`, { timeout: 300000 }, async () => {
  let server = await startServer()
  const { data, db } = server
  let owner = await signIn(server)
  const source = await owner.source.create({ name: '官网' })
  const people = []
  for (let i = 0; i < PEOPLE; i++) people.push(await owner.customer.create({ name: `p${i}`, city: i % 2 ? '上海' : '杭州' }))
  const conditions = [
    { event: 'Seen', count: { gte: 2 } },
    { attr: 'city', eq: '上海' },
    { all: [{ attr: 'city', eq: '上海' }, { not: { event: 'order.paid' } }] },
    { any: [{ segment: 1 }, { segment: 2, is: false }] },
  ]
  for (const [i, condition] of conditions.entries()) await owner.segment.create({ name: `s${i}`, condition })

  let going = true, n = 0
  const pick = () => people[Math.floor(Math.random() * PEOPLE)]
  const works = [
    () => owner.customer.change({ id: pick().id, city: ['上海', '杭州'][n++ % 2] }),
    () => owner.order.put({ kind: 'order', source: 'pos', number: `n-${n++}`, at: '2026-03-01T00:00:00Z', customer_id: pick().id, lines: [{ product_code: 'A', product_name: 'A', quantity_milli: 1000, price_micro: 1e6 }] }),
    () => fetch(`${server.url}/v1/track`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${source.write_key}:`)}` }, body: JSON.stringify({ userId: `u-${Math.floor(Math.random() * 30)}`, event: 'Seen', messageId: `m-${n++}` }) }),
  ]
  const load = async (work) => {
    while (going) await work().catch(() => new Promise((r) => setTimeout(r, 10)))
  }
  for (let round = 0; round < ROUNDS; round++) {
    going = true
    const under = works.map(load)
    await new Promise((r) => setTimeout(r, 100 + Math.random() * 400))
    if (round % 3 === 2) { // a definition changes, and with it those that name it
      const s = await owner.segment.get({ id: 2 }).catch(() => null)
      if (s) await owner.segment.change({ id: 2, condition: { attr: 'city', eq: ['上海', '杭州'][round % 2] } }, { version: s.version }).catch(() => {})
    }
    await server.kill()
    going = false
    await Promise.all(under)
    server = await startServer({ data, db })
    owner = await signIn(server)
  }
  for (const s of await all(owner.segment.list)) {
    const should = async () => (await owner.insight.ask({ query: { kind: 'segment', people: s.condition }, people: 1000 })).people
    const is = async () => (await all(owner.customer.search, { condition: { segment: s.id } })).map((c) => c.id).sort((a, b) => a - b)
    await eventually(async () => (await owner.insight.state()).behind === 0)
    await eventually(async () => assert.deepEqual(await is(), await should()) ?? true, `${s.name} as it should be`)
    assert.equal((await owner.segment.get({ id: s.id })).people, (await is()).length, `${s.name}: its count`)
  }
  // Whoever came and went did so by turns.
  const moves = ask(server, `SELECT e.customer_id, t.name, e.props FROM event e JOIN event_type t ON t.id = e.type_id WHERE t.name IN ('segment.entered', 'segment.exited') ORDER BY e.seq`).split('\n').map((line) => line.split('|'))
  assert.ok(moves.length > ROUNDS, `${moves.length} moves`)
  const last = new Map()
  const changed = 2 // its definition changed, which moves people without facts, and those that name it
  for (const [who, name, props] of moves) {
    const segment = JSON.parse(props).segment_id, key = `${segment}:${who}`
    if (segment === changed || segment === 4) continue
    assert.notEqual(last.get(key), name, `${key} ${name} twice in a row`)
    last.set(key, name)
  }
  await server.stop()
})
