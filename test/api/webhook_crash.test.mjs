// Webhooks when the house burns: killed, stopped, on several nodes; and when it may not speak to its neighbours.
import { test, afterEach } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { startServer, signIn, problem, all, eventually, setClock, tempFolder, NOW } from '../lib/server.mjs'
import { receiver } from '../lib/receiver.mjs'

const args = ['--webhook-private', 'true', '--test-clock', NOW]
const receivers = []
const servers = []
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((r) => r.close()))
  for (const s of servers.splice(0)) if (!s.exited) await s.kill()
})
async function listen(answer) {
  const r = await receiver(answer)
  receivers.push(r)
  return r
}
async function start(options) {
  const server = await startServer(options)
  servers.push(server)
  return server
}
const later = (minutes) => new Date(Date.parse(NOW) + minutes * 60e3).toISOString()
const again = (server, minutes) => start({ data: server.data, db: server.db, args: [...args.slice(0, 2), '--test-clock', later(minutes)], clock: later(minutes) })

/** The facts of each person came in their order, not counting what came a second time. */
function inOrder(got) {
  const seen = new Set()
  const last = new Map()
  for (const { json } of got) {
    if (seen.has(json.id)) continue
    seen.add(json.id)
    assert.ok(json.id > (last.get(json.customer_id) ?? 0), `${json.id} of ${json.customer_id} came late`)
    last.set(json.customer_id, json.id)
  }
  return seen
}

test('private addresses are refused unless the configuration allows them', async () => {
  const r = await listen()
  const server = await start()
  const owner = await signIn(server)
  for (const url of [r.url, 'http://[::1]/', 'http://169.254.169.254/latest/meta-data', 'http://2130706433/', 'http://[::ffff:10.0.0.1]/']) {
    const p = await problem(owner.webhook.create({ name: 'x', url, types: ['*'] }))
    assert.deepEqual([p.status, p.code, p.field], [422, 'invalid', 'url'], url)
  }
  // A name is judged when it is connected to, by where it leads.
  const w = await owner.webhook.create({ name: 'x', url: `http://localhost:${r.port}/`, types: ['*'] })
  const { seq } = await owner.test.event({ type: 'a.b' })
  const d = await eventually(async () => {
    const x = await owner.webhook.delivery({ webhook_id: w.id, event_id: seq })
    return x.attempts === 1 && x.state === 'waiting' && x
  })
  assert.equal(d.error, 'private')
  assert.match(d.detail, /^(127\.0\.0\.1|::1)$/)
  assert.equal((await problem(owner.webhook.change({ id: w.id, url: r.url }))).field, 'url')
  assert.equal(r.got.length, 0)
  await server.stop()
})

test('killed while receivers hang: what was under way comes again, the rest once, all in order', async () => {
  let hang = true
  const r = await listen(() => (hang ? 'hang' : 200))
  let server = await start({ args })
  let owner = await signIn(server)
  const w = await owner.webhook.create({ name: 'x', url: r.url, types: ['c.*'] })
  const sent = []
  for (let n = 0; n < 4; n++) for (let c = 1; c <= 5; c++) sent.push((await owner.test.event({ type: 'c.x', customer_id: c })).seq)
  await eventually(() => r.got.length === 5)
  await server.kill()
  hang = false
  server = await again(server, 3) // the leases of a dead node run out
  owner = await signIn(server)
  await eventually(async () => (await all(owner.webhook.deliveries, { webhook_id: w.id, state: 'done' })).length === 20)
  assert.deepEqual([...inOrder(r.got)].sort((a, b) => a - b), sent)
  assert.equal(r.got.length, 25)
  const twice = r.got.filter((g, i) => r.got.findIndex((o) => o.delivery === g.delivery) !== i)
  assert.deepEqual(new Set(twice.map((g) => g.json.id)), new Set(sent.slice(0, 5)))
  assert.ok(twice.every((g) => g.json.attempt === 2))
  await server.stop()
})

test('killed at any moment, again and again: nothing is lost', async () => {
  const r = await listen(async () => {
    await new Promise((f) => setTimeout(f, 3))
    return 200
  })
  let server = await start({ args })
  let owner = await signIn(server)
  const w = await owner.webhook.create({ name: 'x', url: r.url, types: ['k.*'] })
  const sent = []
  for (let round = 1; round <= 4; round++) {
    const facts = [...Array(60).keys()].map((i) => owner.test.event({ type: 'k.x', customer_id: (i % 6) + 1 }).then((f) => sent.push(f.seq), () => {}))
    await eventually(() => sent.length >= round * 10 + round * round)
    await server.kill()
    await Promise.all(facts)
    server = await again(server, 3 * round)
    owner = await signIn(server)
  }
  await eventually(() => sent.every((seq) => r.got.some((g) => g.json.id === seq)), 'all facts')
  inOrder(r.got)
  assert.ok(r.got.length < 4 * 60 + 4 * 8, 'only what was under way came again')
  await eventually(async () => (await owner.webhook.get({ id: w.id })).waiting === 0)
  await server.stop()
})

test('stopped while a receiver hangs: soon, and it counts as not sent', async () => {
  let hang = true
  const r = await listen(() => (hang ? 'hang' : 200))
  let server = await start({ args })
  let owner = await signIn(server)
  const w = await owner.webhook.create({ name: 'x', url: r.url, types: ['*'] })
  const { seq } = await owner.test.event({ type: 's.x' })
  await eventually(() => r.got.length === 1)
  const from = Date.now()
  await server.stop()
  assert.ok(Date.now() - from < 10000)
  hang = false
  server = await again(server, 1)
  owner = await signIn(server)
  const d = await eventually(async () => {
    const x = await owner.webhook.delivery({ webhook_id: w.id, event_id: seq })
    return x.state === 'done' && x
  })
  assert.deepEqual([d.attempts, d.error], [1, null])
  await server.stop()
})

if (process.env.HETANG_TEST_PG !== undefined)
  test('two nodes share the work and send nothing twice', async () => {
    const r = await listen()
    const one = await start({ args })
    const data = tempFolder()
    fs.copyFileSync(path.join(one.data, 'hetang.key'), path.join(data, 'hetang.key'))
    const two = await start({ data, db: one.db, args })
    const owner = await signIn(one)
    const other = await signIn(two)
    const w = await owner.webhook.create({ name: 'x', url: r.url, types: ['n.*'] })
    const sent = []
    await Promise.all([owner, other].map(async (client) => {
      for (let i = 0; i < 60; i++) sent.push((await client.test.event({ type: 'n.x', customer_id: (i % 7) + 1 })).seq)
    }))
    await eventually(async () => (await all(other.webhook.deliveries, { webhook_id: w.id, state: 'done' })).length === 120)
    assert.deepEqual(r.got.map((g) => g.json.id).sort((a, b) => a - b), sent.sort((a, b) => a - b))
    inOrder(r.got)
    await setClock(one, later(5))
    await one.stop()
    await two.stop()
  })
