import { test, before, after, afterEach } from 'node:test'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { startServer, signIn, anonymous, problem, all, eventually, setClock, tempFolder, NOW } from '../lib/server.mjs'
import { receiver, signedBy } from '../lib/receiver.mjs'

const HOUR = 3600e3
let server, owner, now
before(async () => {
  server = await startServer({ args: ['--webhook-private', 'true', '--session-hours', '720', '--test-clock', NOW] })
  owner = await signIn(server)
  now = Date.parse(NOW)
})
after(() => server.stop())

const open = []
async function listen(answer, options) {
  const r = await receiver(answer, options)
  open.push(r)
  return r
}
// Each test has its own webhooks and receivers, so that a fact of one does not reach another's.
afterEach(async () => {
  try {
    for (const w of await all(owner.webhook.list)) await owner.webhook.delete({ id: w.id })
  } finally {
    await Promise.all(open.splice(0).map((r) => r.close()))
  }
})

async function at(ms) {
  now = ms
  await setClock(server, new Date(ms).toISOString())
}
const hook = (r, types = ['*'], more = {}) => owner.webhook.create({ name: 'receiver', url: r.url, types, ...more })
const fact = async (type, customer_id, props = {}) => (await owner.test.event({ type, ...(customer_id && { customer_id }), props })).seq
const deliveries = (w, state) => all(owner.webhook.deliveries, { webhook_id: w.id, ...(state && { state }) })
const get = (w, event_id) => owner.webhook.delivery({ webhook_id: w.id, event_id })
const inState = (w, event_id, state) => eventually(async () => {
  const d = await get(w, event_id)
  return d.state === state && d
}, `${event_id} ${state}`)
const came = (r, n) => eventually(() => r.got.length >= n, `${n} requests`)

test('a fact is posted, signed, and told about', async () => {
  const r = await listen(() => ({ status: 201, body: '{"fine":true}' }))
  const w = await hook(r, ['order.*'])
  assert.match(w.secret, /^whsec_[\w-]{43}$/)
  assert.deepEqual([w.state, w.types, w.failures, w.waiting, w.dead, w.version], ['active', ['order.*'], 0, 0, 0, 1])
  assert.equal((await owner.webhook.get({ id: w.id })).secret, undefined)
  const seq = await fact('order.paid', 42, { amount_fen: 1299, name: '荷' })
  await came(r, 1)
  const [one] = r.got
  assert.equal(one.method, 'POST')
  assert.deepEqual(one.json, { id: seq, type: 'order.paid', at: NOW, received_at: NOW, customer_id: 42, props: { amount_fen: 1299, name: '荷' }, attempt: 1 })
  assert.equal(one.headers['hetang-event'], 'order.paid')
  assert.equal(one.delivery, `${w.id}-${seq}`)
  assert.equal(Number(one.headers['hetang-timestamp']), Date.parse(NOW) / 1000)
  assert.equal(one.headers['content-type'], 'application/json; charset=utf-8')
  assert.ok(signedBy(w.secret, one))
  assert.ok(!signedBy(w.secret + 'x', one))
  const d = await inState(w, seq, 'done')
  assert.deepEqual([d.type, d.customer_id, d.attempts, d.status, d.error, d.response, d.next_at], ['order.paid', 42, 1, 201, null, '{"fine":true}', null])
  assert.deepEqual(d.request, one.json)
  assert.deepEqual([d.created_at, d.finished_at], [NOW, NOW])
})

test('only what was asked for, from when it was asked for', async () => {
  const r = await listen()
  await fact('order.paid')
  const some = await hook(r, ['order.paid', 'page.*', '浏览 商品'])
  const off = await hook(r, ['*'], { active: false })
  assert.equal(off.state, 'off')
  for (const type of ['order.refunded', 'order.paid', 'page.viewed', 'pages', '浏览 商品', 'order.paid.late']) await fact(type)
  await came(r, 3)
  const last = await fact('order.paid')
  await inState(some, last, 'done')
  assert.deepEqual(r.got.map((g) => g.json.type).sort(), ['order.paid', 'order.paid', 'page.viewed', '浏览 商品']) // nobody's facts have no order
  for (const g of r.got) assert.equal(decodeURIComponent(g.headers['hetang-event']), g.json.type)
  await owner.webhook.change({ id: off.id, active: true })
  const seq = await fact('something.else')
  await inState(off, seq, 'done')
  assert.deepEqual((await deliveries(off)).map((d) => d.event_id), [seq], 'what happened while it was off has passed it by')
})

test('a failure is tried again later and later', async () => {
  const r = await listen((_, i) => (i < 3 ? { status: 500, body: 'no' } : 200))
  const w = await hook(r)
  const seq = await fact('a.b', 7)
  let nominal = 10e3
  for (let attempt = 1; attempt <= 3; attempt++, nominal *= 2) {
    const d = await eventually(async () => {
      const x = await get(w, seq)
      return x.attempts === attempt && x.state === 'waiting' && x
    })
    assert.deepEqual([d.status, d.error, d.response], [500, 'status', 'no'])
    const pause = Date.parse(d.next_at) - now
    assert.ok(pause >= 0.8 * nominal && pause <= 1.2 * nominal, `${pause} after ${attempt}`)
    const ill = await owner.webhook.get({ id: w.id })
    assert.deepEqual([ill.failures, ill.last_error, ill.waiting], [attempt, 'status 500', 1])
    await at(Date.parse(d.next_at) - 1)
    assert.equal(r.got.length, attempt)
    await at(Date.parse(d.next_at))
    await came(r, attempt + 1)
  }
  const d = await inState(w, seq, 'done')
  assert.deepEqual([d.attempts, d.error, d.status], [4, null, 200])
  assert.deepEqual(r.got.map((g) => g.json.attempt), [1, 2, 3, 4])
  assert.equal(new Set(r.got.map((g) => g.delivery)).size, 1)
  const well = await owner.webhook.get({ id: w.id })
  assert.deepEqual([well.failures, well.failing_at, well.last_error, well.waiting], [0, null, null, 0])
})

test('the facts of a person wait for the earlier one, those of others do not', async () => {
  let broken = true
  const r = await listen((g) => (broken && g.json.customer_id === 1 ? 503 : 200))
  const w = await hook(r)
  const seqs = []
  for (const n of [1, 2, 3]) seqs.push(await fact('x.y', 1, { n }))
  const others = [await fact('x.y', 2), await fact('x.y'), await fact('x.y')]
  for (const seq of others) await inState(w, seq, 'done')
  await inState(w, seqs[0], 'waiting')
  assert.deepEqual((await deliveries(w, 'queued')).map((d) => d.event_id), [seqs[2], seqs[1]])
  assert.equal(r.got.filter((g) => g.json.customer_id === 1).length, 1)
  broken = false
  await at(now + 12e3)
  for (const seq of seqs) await inState(w, seq, 'done')
  assert.deepEqual(r.got.filter((g) => g.json.customer_id === 1).map((g) => g.json.props.n), [1, 1, 2, 3])
})

test('many at once: one a person, at most eight a webhook, each once and in order', async () => {
  const r = await listen(async (_, i) => {
    await new Promise((f) => setTimeout(f, (i * 7919) % 9))
    return 200
  })
  const w = await hook(r, ['load.*'])
  const open = new Map()
  r.answer = ((inner) => async (g, i) => {
    const c = g.json.customer_id
    assert.ok(!open.get(c), `two under way for ${c}`)
    open.set(c, true)
    const said = await inner(g, i)
    open.set(c, false)
    return said
  })(r.answer)
  const sent = []
  await Promise.all([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map(async (c) => {
    for (let n = 0; n < 12; n++) sent.push(await fact('load.x', c, { n }))
  }))
  await eventually(async () => (await deliveries(w)).filter((d) => d.state === 'done').length === 144)
  assert.equal(r.got.length, 144)
  assert.deepEqual(r.got.map((g) => g.json.id).sort((a, b) => a - b), sent.sort((a, b) => a - b))
  for (let c = 1; c <= 12; c++)
    assert.deepEqual(r.got.filter((g) => g.json.customer_id === c).map((g) => g.json.props.n), [...Array(12).keys()])
  assert.ok(r.most > 1 && r.most <= 8, `${r.most} at once`)
})

test('a receiver that hangs holds up nobody else', async () => {
  const slow = await listen(() => 'hang')
  const quick = await listen()
  const ws = await hook(slow, ['q.*'])
  const wq = await hook(quick, ['q.*'])
  for (let i = 0; i < 40; i++) await fact('q.x', i + 1)
  await came(quick, 40)
  await eventually(async () => (await deliveries(wq, 'done')).length === 40)
  assert.equal(slow.got.length, 8)
  assert.equal((await deliveries(ws, 'sending')).length, 8)
  assert.equal((await deliveries(ws, 'waiting')).length, 32)
})

test('a redirect is an answer, and is not followed', async () => {
  const elsewhere = await listen()
  const r = await listen(() => ({ status: 302, headers: { location: elsewhere.url } }))
  const w = await hook(r)
  const seq = await fact('r.x')
  const d = await inState(w, seq, 'waiting')
  await eventually(async () => (await get(w, seq)).status === 302)
  assert.equal((await get(w, seq)).error, 'status')
  assert.equal(elsewhere.got.length, 0)
  assert.equal(d.webhook_id, w.id)
})

test('what an answer holds is kept: 2 KB of it, as text', async () => {
  const bodies = ['x'.repeat(5000), Buffer.from([0x61, 0xff, 0x00, 0x62, 0xe8, 0x8d, 0xb7]), '']
  const r = await listen((_, i) => ({ status: 200, body: bodies[i] }))
  const w = await hook(r)
  const kept = []
  for (const _ of bodies) kept.push((await inState(w, await fact('k.x', 1), 'done')).response)
  assert.deepEqual(kept, ['x'.repeat(2048), 'a\ufffd\ufffdb荷', ''])
})

test('why it failed is said in one word', async () => {
  const closed = await listen()
  await closed.close()
  open.pop()
  const folder = tempFolder()
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1',
    '-keyout', path.join(folder, 'key'), '-out', path.join(folder, 'cert')], { stdio: 'ignore' })
  const tls = await listen(() => 200, { tls: { key: fs.readFileSync(path.join(folder, 'key')), cert: fs.readFileSync(path.join(folder, 'cert')) } })
  const garbage = await listen()
  garbage.answer = () => 'hang'
  for (const [url, error] of [[closed.url, 'connect'], [tls.url, 'tls'], ['http://nowhere.invalid/', 'name']]) {
    const w = await owner.webhook.create({ name: error, url, types: ['e.*'] })
    const seq = await fact('e.x')
    await eventually(async () => (await get(w, seq)).attempts === 1 && (await get(w, seq)).state === 'waiting')
    const d = await get(w, seq)
    assert.deepEqual([d.error, d.status, d.response], [error, null, null])
    assert.ok(d.detail)
    await owner.webhook.delete({ id: w.id })
  }
  assert.equal(tls.got.length, 0)
})

test('a day of failures: the delivery is given up, the webhook paused; switched on, everything goes', async () => {
  const watcher = await listen()
  await hook(watcher, ['webhook.paused'])
  let well = false
  const r = await listen(() => (well ? 200 : 500))
  const w = await hook(r, ['d.*'])
  const from = now
  const first = await fact('d.x', 1, { n: 1 })
  const second = await fact('d.x', 1, { n: 2 })
  await inState(w, second, 'queued')
  let d
  for (let attempt = 1; ; attempt++) {
    assert.ok(attempt < 60, 'it never ends')
    d = await eventually(async () => {
      const x = await get(w, first)
      return x.attempts === attempt && x.state !== 'sending' && x
    })
    if (d.state === 'dead') break
    assert.equal((await owner.webhook.get({ id: w.id })).state, 'active')
    assert.equal((await get(w, second)).state, 'queued')
    await at(Date.parse(d.next_at))
  }
  assert.equal(now, from + 24 * HOUR)
  assert.ok(d.attempts > 20 && d.attempts < 50, `${d.attempts} attempts`)
  const paused = await owner.webhook.get({ id: w.id })
  assert.deepEqual([paused.state, paused.failures, paused.last_error, paused.failing_at, paused.paused_at, paused.dead],
    ['paused', d.attempts, 'status 500', new Date(from).toISOString().replace('.000', ''), d.finished_at, 1])
  await came(watcher, 1)
  assert.deepEqual(watcher.got[0].json.props, { webhook_id: w.id, failures: d.attempts, error: 'status 500' })
  // Nothing is sent, nothing is lost.
  const third = await fact('d.x', 1, { n: 3 })
  const stranger = await fact('d.x', 2, { n: 4 })
  await inState(w, third, 'queued')
  await at(now + 48 * HOUR)
  assert.equal((await get(w, second)).state, 'waiting')
  assert.equal(r.got.length, d.attempts)
  assert.equal((await problem(owner.webhook.test({ id: w.id }))).code, 'wrong_state')
  well = true
  const on = await owner.webhook.change({ id: w.id, active: true })
  assert.deepEqual([on.state, on.failures, on.paused_at, on.last_error], ['active', 0, null, null])
  for (const seq of [second, third, stranger]) await inState(w, seq, 'done')
  // What was given up goes when asked for.
  const { job_id } = await owner.webhook.replayDead({ id: w.id })
  assert.ok(job_id > 0)
  const again = await inState(w, first, 'done')
  assert.equal(again.attempts, 1)
  assert.deepEqual(r.got.slice(d.attempts).filter((g) => g.json.customer_id === 1).map((g) => g.json.props.n), [2, 3, 1])
})

test('a day counts from when it was switched on: what waited through a pause has its own', async () => {
  const r = await listen(() => 500)
  const w = await hook(r, ['s.*'])
  const seq = await fact('s.x')
  await eventually(async () => (await get(w, seq)).attempts === 1 && (await get(w, seq)).state === 'waiting')
  await owner.webhook.change({ id: w.id, active: false })
  await at(now + 30 * HOUR)
  await owner.webhook.change({ id: w.id, active: true })
  await eventually(async () => (await get(w, seq)).attempts >= 2 && (await get(w, seq)).state === 'waiting')
})

test('replay: one that is done, in its turn; the secret of the moment signs it', async () => {
  const r = await listen()
  const w = await hook(r)
  const seq = await fact('p.x', 9)
  await inState(w, seq, 'done')
  const { secret } = await owner.webhook.rotateSecret({ id: w.id })
  assert.notEqual(secret, w.secret)
  const d = await owner.webhook.replay({ webhook_id: w.id, event_id: seq })
  assert.ok(['waiting', 'sending', 'done'].includes(d.state))
  await came(r, 2)
  await inState(w, seq, 'done')
  assert.ok(signedBy(w.secret, r.got[0]) && !signedBy(secret, r.got[0]))
  assert.ok(signedBy(secret, r.got[1]) && !signedBy(w.secret, r.got[1]))
  assert.deepEqual([r.got[1].delivery, r.got[1].json.attempt], [r.got[0].delivery, 1])
  r.answer = () => 500
  const next = await fact('p.x', 9)
  await eventually(async () => (await get(w, next)).status === 500)
  await owner.webhook.replay({ webhook_id: w.id, event_id: seq })
  assert.equal((await get(w, seq)).state, 'queued', 'behind the one that waits')
  assert.equal((await problem(owner.webhook.replay({ webhook_id: w.id, event_id: seq }))).code, 'wrong_state')
  assert.equal((await problem(owner.webhook.replay({ webhook_id: w.id, event_id: 999999 }))).status, 404)
})

test('a test goes to one webhook, whatever it subscribes to', async () => {
  const one = await listen()
  const two = await listen()
  const w = await hook(one, ['order.paid'])
  await hook(two, ['*'])
  const d = await owner.webhook.test({ id: w.id })
  assert.equal(d.type, 'webhook.test')
  await inState(w, d.event_id, 'done')
  assert.equal(one.got[0].json.props.webhook_id, w.id)
  const seq = await fact('after.test')
  await came(two, 1)
  assert.deepEqual(two.got.map((g) => g.json.id), [seq])
})

test('when a person is erased, nothing more is sent and nothing is kept about them', async () => {
  const r = await listen((g) => (g.json.type === 'z.bad' ? 500 : { status: 200, body: 'thanks, 李雷' }))
  const w = await hook(r, ['z.*'])
  const c = await owner.customer.create({ name: '李雷' })
  const done = await fact('z.good', c.id, { note: '李雷' })
  await inState(w, done, 'done')
  const failing = await fact('z.bad', c.id)
  await eventually(async () => (await get(w, failing)).status === 500)
  const behind = await fact('z.good', c.id)
  await inState(w, behind, 'queued')
  const other = await fact('z.good', c.id + 1)
  await inState(w, other, 'done')
  await owner.customer.erase({ id: c.id })
  const gone = await get(w, done)
  assert.deepEqual([gone.state, gone.customer_id, gone.response, gone.request, gone.blanked], ['done', null, null, null, true])
  for (const seq of [failing, behind]) {
    const d = await get(w, seq)
    assert.deepEqual([d.state, d.error, d.blanked, d.next_at], ['dead', 'erased', true, null])
    assert.equal((await problem(owner.webhook.replay({ webhook_id: w.id, event_id: seq }))).code, 'wrong_state')
  }
  assert.equal((await get(w, other)).blanked, false)
  const before = r.got.length
  await owner.webhook.replayDead({ id: w.id })
  await at(now + 2 * HOUR)
  await inState(w, await fact('z.good', c.id + 2), 'done')
  assert.equal(r.got.length, before + 1)
})

test('changed with care, deleted with all it has', async () => {
  const r = await listen()
  const w = await hook(r)
  const changed = await owner.webhook.change({ id: w.id, name: '订单', types: ['order.paid', 'tag.*'] }, { version: 1 })
  assert.deepEqual([changed.name, changed.types, changed.version, changed.url], ['订单', ['order.paid', 'tag.*'], 2, w.url])
  assert.equal((await problem(owner.webhook.change({ id: w.id, name: 'x' }, { version: 1 }))).code, 'version_changed')
  const seq = await fact('order.paid')
  await inState(w, seq, 'done')
  await owner.webhook.delete({ id: w.id })
  for (const call of [() => owner.webhook.get({ id: w.id }), () => owner.webhook.deliveries({ webhook_id: w.id }), () => get(w, seq),
    () => owner.webhook.delete({ id: w.id }), () => owner.webhook.rotateSecret({ id: w.id }), () => owner.webhook.replayDead({ id: w.id })])
    assert.equal((await problem(call())).status, 404)
  await fact('order.paid')
  assert.equal((await all(owner.webhook.list)).length, 0)
})

test('bad input names the field and what is wrong', async () => {
  const good = { name: 'x', url: 'https://example.com/', types: ['*'] }
  const cases = [
    [{ url: 'example.com' }, 'bad_format', 'url'],
    [{ url: 'ftp://example.com/' }, 'bad_format', 'url'],
    [{ url: 'http://exa mple.com/' }, 'bad_format', 'url'],
    [{ url: 'https://me:secret@example.com/' }, 'invalid', 'url'],
    [{ url: 'https://example.com/' + 'x'.repeat(1000) }, 'too_long', 'url'],
    [{ url: undefined }, 'required', 'url'],
    [{ types: [] }, 'required', 'types'],
    [{ types: ['order.paid', 'a*b'] }, 'bad_format', 'types[1]'],
    [{ types: ['.*'] }, 'bad_format', 'types[0]'],
    [{ types: [''] }, 'bad_format', 'types[0]'],
    [{ types: ['a\nb'] }, 'bad_format', 'types[0]'],
    [{ types: ['x'.repeat(201)] }, 'bad_format', 'types[0]'],
    [{ types: Array(51).fill('x') }, 'too_many', 'types'],
    [{ name: ' ' }, 'required', 'name'],
    [{ secret: 'mine' }, 'unknown_field', 'secret'],
  ]
  for (const [part, code, field] of cases) {
    const p = await problem(owner.webhook.create({ ...good, ...part }))
    assert.deepEqual([p.status, p.code, p.field], [422, code, field], JSON.stringify(part))
  }
  const w = await owner.webhook.create(good)
  assert.equal((await problem(owner.webhook.change({ id: w.id, url: 'nothing' }))).field, 'url')
  assert.equal((await problem(owner.webhook.deliveries({ webhook_id: w.id, state: 'lost' }))).code, 'bad_choice')
  assert.equal((await problem(anonymous(server).webhook.list())).status, 401)
})

test('fifty are enough', async () => {
  const made = []
  for (let i = 0; i < 50; i++) made.push(await owner.webhook.create({ name: `${i}`, url: 'https://example.com/', types: ['never.*'] }))
  assert.equal((await problem(owner.webhook.create({ name: 'x', url: 'https://example.com/', types: ['*'] }))).code, 'too_many')
  const first = await owner.webhook.list({ limit: 30 })
  const second = await owner.webhook.list({ limit: 30, cursor: first.next })
  assert.deepEqual([...first.items, ...second.items].map((w) => w.id), made.map((w) => w.id))
  assert.equal(second.next, null)
})

test('types of facts are listed with their names', async () => {
  await fact('seen.outside')
  const types = await all(owner.webhook.eventTypes)
  const known = types.find((t) => t.name === 'webhook.paused')
  assert.deepEqual([known.zh, known.en, known.declared], ['Webhook 已暂停', 'A webhook was paused', true])
  const outside = types.find((t) => t.name === 'seen.outside')
  assert.deepEqual([outside.zh, outside.declared], [null, false])
  assert.equal((await owner.webhook.eventTypes({ limit: 1 })).items.length, 1)
})

test('deliveries are listed newest first, in pages, for two weeks', async () => {
  const r = await listen((g) => (g.json.props.bad ? 500 : 200))
  const w = await hook(r, ['l.*'])
  const seqs = []
  for (let i = 0; i < 7; i++) seqs.push(await fact('l.x', i + 1, { bad: i === 3 }))
  await eventually(async () => (await deliveries(w, 'done')).length === 6 && (await get(w, seqs[3])).status === 500)
  const first = await owner.webhook.deliveries({ webhook_id: w.id, limit: 4 })
  const second = await owner.webhook.deliveries({ webhook_id: w.id, limit: 4, cursor: first.next })
  assert.deepEqual([...first.items, ...second.items].map((d) => d.event_id), [...seqs].reverse())
  assert.equal(second.next, null)
  assert.deepEqual((await deliveries(w, 'waiting')).map((d) => d.event_id), [seqs[3]])
  await owner.webhook.change({ id: w.id, active: false })
  await at(now + 15 * 24 * HOUR)
  await eventually(async () => (await deliveries(w)).length === 1)
  const [expired] = await deliveries(w)
  assert.deepEqual([expired.event_id, expired.state, expired.error], [seqs[3], 'dead', 'expired'])
  await at(now + 24 * HOUR)
  await eventually(async () => (await deliveries(w)).length === 0)
})
