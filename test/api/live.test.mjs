import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import net from 'node:net'
import { startServer, signIn, anonymous, problem, all, eventually, PASSWORD } from '../lib/server.mjs'
import { plant, hire } from '../lib/staff.mjs'
import { watch } from '../lib/stream.mjs'

let server, owner, at, east, west, source, write
before(async () => {
  server = await startServer({ args: ['--live-heartbeat-s', '2'] })
  owner = await signIn(server)
  at = await plant(owner, { east: ['store', 'root'], west: ['store', 'root'] })
  east = await hire(server, owner, { login: 'east', department: at.east, roles: ['store'] })
  west = await hire(server, owner, { login: 'west', department: at.west, roles: ['store'] })
  source = await owner.source.create({ name: '网站', trusted: true })
  write = anonymous(server, { authorization: `Basic ${Buffer.from(`${source.write_key}:`).toString('base64')}` })
})
after(() => server.stop())

const person = (name, department_id = at.east) => owner.customer.create({ name, department_id })
let messages = 0
const track = async (events) => {
  const batch = events.map((e) => ({ type: 'track', messageId: `m${++messages}`, timestamp: '2026-03-02T02:00:00Z', ...e }))
  const r = await write.fetch('/v1/batch', { method: 'POST', body: JSON.stringify({ batch }) })
  assert.equal(r.status, 200)
}
const types = (w) => w.facts.map((f) => f.type)

test('facts arrive as they are written, as the list shows them', async () => {
  const w = await watch(owner)
  assert.match(w.reply.headers.get('content-type'), /^text\/event-stream/)
  assert.equal((await owner.fetch('/api/v1/openapi.json')).status, 200) // the contract is made from tables of its own, without streams
  const c = await person('看见')
  await owner.note.add({ id: c.id, text: '来过' })
  await track([{ userId: 'u1', event: '加购', properties: { sku: 'A\n\nB' } }])
  await eventually(() => types(w).includes('加购'), 'the last fact')
  const created = w.facts.find((f) => f.type === 'customer.created')
  assert.deepEqual([created.customer_id, created.customer_name, created.source_id, created.actor], [c.id, '看见', null, '所有者'])
  const cart = w.facts.find((f) => f.type === '加购')
  assert.deepEqual([cart.source_id, cart.props.sku], [source.id, 'A\n\nB'])
  const listed = (await owner.event.list({ limit: 200 })).items.reverse()
  const of = (facts, others) => facts.filter((f) => others.some((g) => g.id === f.id)) // what a rule adds meanwhile may be in one and not yet in the other
  for (const type of ['customer.created', 'note.added', '加购']) assert.ok(of(w.facts, listed).some((f) => f.type === type), type)
  assert.deepEqual(of(w.facts, listed), of(listed, w.facts))
  await eventually(() => w.beats > 0, 'a heartbeat')
  w.close()
})

test('only of some types, one person, one source', async () => {
  const a = await person('甲'), b = await person('乙')
  const by = {
    notes: await watch(owner, { types: ['note.added'] }), prefix: await watch(owner, { types: ['customer.', 'note.'] }), a: await watch(owner, { customer_id: a.id, types: ['note.', 'customer.'] }),
    sdk: await watch(owner, { source_id: source.id }), house: await watch(owner, { source_id: 0 }), both: await watch(owner, { customer_id: a.id, types: ['note.added'] }),
  }
  await owner.note.add({ id: a.id, text: '一' })
  await owner.note.add({ id: b.id, text: '二' })
  await owner.customer.change({ id: a.id, city: '上海' })
  await track([{ userId: 'u1', event: '下单' }])
  const done = await person('完')
  await eventually(() => [by.house, by.prefix].every((w) => w.facts.some((f) => f.customer_id === done.id)), 'what came last')
  await eventually(() => by.notes.facts.length > 1 && by.a.facts.length > 1 && by.both.facts.length && by.sdk.facts.length, 'each has its own') // a stream may be a moment behind another
  assert.deepEqual(types(by.notes), ['note.added', 'note.added'])
  assert.deepEqual(types(by.prefix), ['note.added', 'note.added', 'customer.changed', 'customer.created'])
  assert.deepEqual(types(by.a), ['note.added', 'customer.changed'])
  assert.deepEqual(types(by.both), ['note.added'])
  assert.deepEqual(types(by.sdk), ['下单'])
  assert.ok(by.house.facts.every((f) => f.source_id === null) && by.house.facts.length >= 4)
  const merge = await owner.customer.merge({ id: a.id, other_id: b.id }) // a stream of a person is also of whom they were joined from
  await owner.note.add({ id: a.id, text: '三' })
  await eventually(() => by.a.facts.length === 4, 'merged, and the note')
  await owner.merge.undo({ id: merge.id })
  for (const w of Object.values(by)) w.close()
})

test('a store sees what is about its customers and nothing else', async () => {
  const [e, w, o] = [await watch(east), await watch(west), await watch(owner)]
  const a = await person('东客'), b = await person('西客', at.west), lone = await owner.customer.create({ name: '无店' })
  await owner.task.create({ what: '总部的事', due_at: '2026-03-20T02:00:00Z' }) // about nobody
  // What a stream shows is judged when it is sent: the east must have been sent its customer before it loses them.
  await eventually(() => e.facts.some((f) => f.customer_id === a.id), 'the east sees its customer')
  await owner.customer.change({ id: a.id, department_id: at.west })
  await owner.note.add({ id: a.id, text: '搬来了' })
  const mark = await person('东二')
  await eventually(() => e.facts.some((f) => f.customer_id === mark.id), 'the mark')
  await eventually(() => w.facts.some((f) => f.type === 'note.added'), 'the note')
  assert.deepEqual(new Set(e.facts.map((f) => f.customer_id)), new Set([a.id, mark.id]))
  assert.ok(!types(e).includes('note.added'))
  assert.deepEqual(new Set(w.facts.map((f) => f.customer_id)), new Set([a.id, b.id]))
  await eventually(() => o.facts.some((f) => f.customer_id === lone.id) && types(o).includes('task.created'), 'the owner sees all')
  assert.ok([...e.facts, ...w.facts].every((f) => f.customer_id !== null))
  const told = (facts) => facts.filter((f) => f.type !== 'stage.changed') // which a rule adds a moment later
  const listed = async (who, more = {}) => told(await all(who.event.list, more)).map((f) => f.id)
  const seen = told(await all(owner.event.list))
  assert.deepEqual(await listed(east), seen.filter((f) => ['看见', '甲', '乙', '完', '东二'].includes(f.customer_name)).map((f) => f.id))
  assert.ok((await listed(west)).length > 0 && (await listed(west, { types: ['task.'] })).length === 0)
  for (const call of ['list', 'live']) {
    const p = await problem(east.event[call]({ customer_id: b.id }))
    assert.deepEqual([p.status, p.field], [404, 'customer_id'], call)
  }
  for (const s of [e, w, o]) s.close()
})

test('the list: filters, pages that meet, an end', async () => {
  const c = await person('翻页')
  for (let i = 0; i < 5; i++) await owner.note.add({ id: c.id, text: `${i}` })
  const paged = []
  let cursor
  do {
    const page = await owner.event.list({ customer_id: c.id, types: ['note.', 'customer.created'], limit: 2, cursor })
    assert.ok(page.items.length <= 2)
    paged.push(...page.items)
    cursor = page.next ?? undefined
  } while (cursor)
  assert.deepEqual(paged.map((f) => f.type), [...Array(5).fill('note.added'), 'customer.created'])
  assert.deepEqual((await all(owner.event.list, { types: ['note.added'] })).slice(0, 5), paged.slice(0, 5))
  assert.deepEqual((await all(owner.event.list, { source_id: source.id })).map((f) => f.type).filter((t) => t !== 'customer.created'), ['下单', '加购'])
  const known = await all(owner.eventType.list)
  assert.deepEqual(known.filter((t) => t.name === 'note.added').map((t) => [t.zh, t.en, t.props, t.declared]), [['添加备注', 'Note added', 'note_id: id', true]])
  assert.deepEqual(known.filter((t) => !t.declared).map((t) => [t.name, t.zh, t.props]), [['加购', '加购', null], ['下单', '下单', null]])
  assert.ok(known.every((t) => t.en.length) && new Set(known.map((t) => t.name)).size === known.length)
})

test('who comes back with Last-Event-ID misses nothing and has nothing twice', async () => {
  const w = await watch(owner, { types: ['note.added'] })
  const c = await person('续传')
  const ids = []
  const notes = (n) => Promise.all(Array.from({ length: n }, (_, i) => owner.note.add({ id: c.id, text: `${i}` }).then((x) => ids.push(x.id))))
  await notes(20)
  await eventually(() => w.facts.length >= 10, 'some')
  w.close()
  await w.ended
  await notes(20)
  const [again, writing] = await Promise.all([watch(owner, { types: ['note.added'] }, { 'last-event-id': w.last }), notes(20)])
  void writing
  await eventually(() => w.facts.length + again.facts.length >= 60, 'the rest')
  assert.deepEqual([...w.facts, ...again.facts].map((f) => f.props.note_id).sort((x, y) => x - y), ids.sort((x, y) => x - y))
  again.close()
  const fresh = await watch(owner, { types: ['note.added'], after: 0 })
  await eventually(() => fresh.facts.length >= 60, 'from the beginning')
  fresh.close()
  const beyond = await watch(owner, {}, { 'last-event-id': '99999999' }) // of another life of the database
  const d = await person('之后')
  await eventually(() => beyond.facts.some((f) => f.customer_id === d.id), 'what is new')
  beyond.close()
})

test('asked wrongly, or by who may not', async () => {
  const raw = (headers, init) => owner.fetch('/api/v1/events/live', { headers, ...init })
  const bad = await raw({ 'last-event-id': 'yesterday' })
  assert.deepEqual([bad.status, (await bad.json()).code], [400, 'bad_request'])
  const head = await raw({}, { method: 'HEAD' })
  assert.deepEqual([head.status, await head.text()], [200, ''])
  for (const [input, field] of [[{ source_id: -1 }, 'source_id'], [{ after: -1 }, 'after'], [{ types: Array(51).fill('x') }, 'types'], [{ customer_id: 999999 }, 'customer_id']])
    assert.equal((await problem(owner.event.live(input))).field, field)
  const staff = await hire(server, owner, { login: 'lin', department: at.east, roles: ['staff'] })
  for (const call of ['list', 'live']) assert.equal((await problem(staff.event[call]())).code, 'forbidden')
  assert.equal((await problem(staff.eventType.list())).code, 'forbidden')
  assert.equal((await problem(anonymous(server).event.live())).code, 'not_signed_in')
})

test('signed out, or rights taken: the stream ends and says why', async () => {
  const other = await signIn(server, 'east', PASSWORD), keeps = await watch(east)
  const w = await watch(other)
  await other.account.signOut()
  await w.ended
  assert.deepEqual(w.messages.at(-1), { event: 'end', data: { code: 'signed_out', title: 'Signed out, or no longer allowed; sign in again' } })
  const roles = (await all(owner.role.list)).map((r) => [r.key, r.id])
  const staff = await owner.staff.get({ id: east.id })
  await owner.staff.change({ id: east.id, role_ids: [Object.fromEntries(roles).staff] })
  await keeps.ended
  assert.equal(keeps.messages.at(-1).data.code, 'signed_out')
  await owner.staff.change({ id: east.id, role_ids: staff.role_ids })
  const token = await owner.token.create({ name: '看板', permissions: ['event.read'] })
  const byToken = anonymous(server, { authorization: `Bearer ${token.token}` })
  const t = await watch(byToken)
  const c = await person('令牌')
  await eventually(() => t.facts.some((f) => f.customer_id === c.id), 'by token')
  await owner.token.revoke({ id: token.id })
  await t.ended
  assert.equal(t.messages.at(-1).data.code, 'signed_out')
})

test('200 streams, and one that never reads: it is cut off, nobody else notices', async () => {
  const streams = await Promise.all(Array.from({ length: 200 }, () => watch(owner, { types: ['大事'] })))
  const ask = (query = '') => {
    const socket = net.connect(server.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(`GET /api/v1/events/live${query} HTTP/1.1\r\nHost: x\r\nCookie: ${owner.cookie()}\r\n\r\n`)
    return socket
  }
  const [deaf, late] = [ask().pause(), ask().pause()]
  const closed = new Promise((r) => deaf.on('close', r))
  let gone = false // on a busy machine it may wake too late, and is cut off like the deaf one
  late.on('close', () => (gone = true))
  const slow = ask('?types=big') // reads, with pauses: it gets everything, later
  let got = 0
  slow.on('data', (d) => {
    got += d.toString('latin1').split('"type":"big"').length - 1
    slow.pause()
    setImmediate(() => slow.resume())
  })
  await eventually(() => slow.bytesRead > 0, 'the slow one is there')
  const text = 'x'.repeat(20000)
  for (let i = 0; i < 40; i++) await track(Array.from({ length: 20 }, (_, k) => ({ userId: 'u1', event: 'big', properties: { text, n: i * 20 + k } })))
  await track([{ userId: 'u1', event: '大事' }])
  await eventually(() => streams.every((s) => s.facts.length === 1), 'each of the 200 has it')
  const logged = (event) => server.log.split(`"event":"${event}"`).length - 1
  await eventually(() => logged('live.too_slow') >= 2, 'both are told') // on a busy machine the slow one, too
  let said = ''
  late.on('data', (d) => (said = (said + d).slice(-500)))
  late.resume()
  await eventually(() => gone || (said.includes('event: end\ndata: {"code":"too_slow"') && said.endsWith('\r\n0\r\n\r\n')), 'it reads why')
  await eventually(() => got >= 799, 'the slow one has them, but what lies between two pieces')
  assert.ok(streams.every((s) => s.facts.length === 1 && s.messages.length === 1))
  await eventually(() => logged('live.dropped') >= 1, 'cut off')
  deaf.resume()
  await closed
  assert.ok(deaf.bytesRead < 800 * 20000, 'it has not got everything')
  slow.destroy()
  late.destroy()
  for (const s of streams.slice(0, 150)) s.close()
  await Promise.all(streams.slice(0, 150).map((s) => s.ended))
  await track([{ userId: 'u1', event: '大事' }])
  await eventually(() => streams.slice(150).every((s) => s.facts.length === 2), 'those that are left')
  for (const s of streams.slice(150)) s.close()
})

test('far behind: told of a gap, then what is new', async () => {
  const before = await watch(owner)
  const first = await person('起点')
  await eventually(() => before.facts.some((f) => f.customer_id === first.id), 'the first')
  before.close()
  for (let i = 0; i < 210; i++) await track(Array.from({ length: 100 }, () => ({ userId: 'u1', event: '浏览' })))
  const w = await watch(owner, {}, { 'last-event-id': before.last })
  await eventually(() => w.facts.length >= 1000, 'the last ones')
  assert.equal(w.messages[0].event, 'gap')
  const { from, to } = w.messages[0].data
  assert.equal(from, Number(before.last) + 1)
  assert.equal(w.facts[0].id, to + 1)
  w.close()
})

test('the server stops: streams end with a word, at once', async () => {
  const streams = await Promise.all(Array.from({ length: 20 }, () => watch(owner)))
  const from = Date.now(), stopped = server.stop()
  await Promise.all(streams.map((s) => s.ended))
  assert.ok(Date.now() - from < 8000)
  await stopped
  for (const s of streams) {
    assert.deepEqual(s.messages.at(-1), { event: 'end', data: { code: 'stopping', title: 'The system is stopping; come back shortly' } })
    assert.equal(s.broken, undefined)
  }
  const w = streams[0]
  server = await startServer({ data: server.data, db: server.db, args: server.args })
  owner = await signIn(server)
  const c = await person('重启后')
  const again = await watch(owner, {}, { 'last-event-id': w.last })
  await eventually(() => again.facts.some((f) => f.customer_id === c.id), 'on from where it was')
  again.close()
})
