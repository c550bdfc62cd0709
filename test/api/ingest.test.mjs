import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { Analytics } from '@segment/analytics-node'
import { startServer, signIn, anonymous, problem, all, ask, eventually, setClock, NOW } from '../lib/server.mjs'

let server, owner, source, write
const post = (call, body, headers = {}) => write.fetch(`/v1/${call}`, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers })
const facts = async (id, types) => (await all(owner.customer.timeline, { id, ...(types && { types }) })).filter((f) => f.type !== 'customer.created')

before(async () => {
  server = await startServer({ args: ['--test-clock', NOW] })
  owner = await signIn(server)
  source = await owner.source.create({ name: '网站', trusted: true })
  write = anonymous(server, { authorization: `Basic ${Buffer.from(`${source.write_key}:`).toString('base64')}` })
})
after(() => server.stop())

const personOf = (user) => owner.customer.find({ kind: 'external', scope: 'user', value: user })

test('an unmodified Segment SDK: identify, track, page, group, batch stand on the timeline', async () => {
  const analytics = new Analytics({ writeKey: source.write_key, host: server.url, maxEventsInBatch: 3, maxRetries: 0 })
  const failures = []
  analytics.on('error', (e) => failures.push(e))
  analytics.identify({ userId: 'u-1', traits: { name: '林黛玉', email: 'daiyu@example.com', phone: '13600001111', birthday: '1995-02-12', address: { city: '苏州' } } })
  analytics.track({ userId: 'u-1', event: '加入购物车', properties: { sku: 'A-1', price: 19900, gift: false } })
  analytics.page({ userId: 'u-1', name: '首页', properties: { url: 'https://shop.example.com/' } })
  analytics.group({ userId: 'u-1', groupId: 'vip', traits: { level: 3 } })
  await analytics.closeAndFlush()
  assert.deepEqual(failures, [])
  const c = await personOf('u-1')
  assert.deepEqual([c.name, c.city, c.birthday], ['林黛玉', '苏州', '1995-02-12'])
  assert.deepEqual(c.identities.map((i) => [i.kind, i.value, i.verified]), [['external', 'u-1', true], ['email', 'd***@example.com', true], ['mobile', '136****1111', true]])
  const seen = await facts(c.id)
  const cart = seen.find((f) => f.type === '加入购物车')
  assert.deepEqual([cart.props.sku, cart.props.price, cart.props.gift, cart.source_id], ['A-1', 19900, false, source.id])
  assert.equal(seen.find((f) => f.type === 'page.viewed').props.name, '首页')
  assert.equal(seen.find((f) => f.type === 'group.joined').props.group_id, 'vip')
})

test('a message counts once, alone, in a batch, at once, after a restart, for a day and more', async () => {
  const message = { userId: 'u-2', event: 'once', messageId: 'm-1', timestamp: NOW }
  const r = await (await post('track', message)).json()
  assert.deepEqual([r.accepted, r.repeated], [1, 0])
  assert.deepEqual(await (await post('track', message)).json().then((x) => [x.accepted, x.repeated]), [0, 1])
  const batch = { batch: [{ type: 'track', ...message }, { type: 'track', ...message, messageId: 'm-2' }, { type: 'track', ...message, messageId: 'm-2' }] }
  assert.deepEqual(await (await post('batch', batch)).json().then((x) => [x.accepted, x.repeated]), [1, 2])
  const racing = await Promise.all(Array.from({ length: 20 }, () => post('track', { ...message, messageId: 'm-3' }).then((x) => x.json())))
  assert.equal(racing.reduce((n, x) => n + x.accepted, 0), 1)
  await server.stop()
  server = await startServer({ data: server.data, db: server.db, args: server.args })
  owner = await signIn(server)
  write = anonymous(server, { authorization: `Basic ${Buffer.from(`${source.write_key}:`).toString('base64')}` })
  await setClock(server, '2026-03-03T03:00:00Z')
  owner = await signIn(server)
  assert.equal((await (await post('track', message)).json()).repeated, 1)
  const c = await personOf('u-2')
  assert.equal((await facts(c.id, ['once'])).length, 3)
})

test('last seen: what a source tells moves it forward, once an hour, and never back', async () => {
  const at = async (user) => owner.customer.get({ id: (await personOf(user)).id }).then((c) => c.seen_at)
  const tell = (timestamp, call = 'track', more = { event: 'look' }) => post(call, { userId: 'seen-1', timestamp, ...more }).then(async (r) => assert.equal(r.status, 200, await r.text()))
  const steps = [
    ['2026-03-02T10:20:00Z', '2026-03-02T10:20:00Z', 'the first fact'],
    ['2026-03-02T10:40:00Z', '2026-03-02T10:20:00Z', 'in the same hour'],
    ['2026-03-02T09:00:00Z', '2026-03-02T10:20:00Z', 'an earlier one, told late'],
    ['2026-03-02T11:01:00Z', '2026-03-02T11:01:00Z', 'the next hour'],
  ]
  for (const [told, expected, what] of steps) {
    await tell(told)
    assert.equal(Date.parse(await at('seen-1')), Date.parse(expected), what)
  }
  const id = (await personOf('seen-1')).id
  const { version } = await owner.customer.get({ id })
  for (const [i, call] of ['page', 'identify', 'group'].entries()) {
    const when = `2026-03-02T1${2 + i}:30:00Z`
    await tell(when, call, call === 'group' ? { groupId: 'g' } : {})
    assert.equal(Date.parse(await at('seen-1')), Date.parse(when), call)
  }
  assert.equal((await owner.customer.get({ id })).version, version, 'who edits them is not disturbed')
  await owner.order.put({ source: 'pos', number: 'SEEN', customer_id: id, at: '2026-03-02T16:10:00Z', lines: [{ product_code: 'A', quantity_milli: 1000, price_micro: 1e6 }] })
  await tell('2026-03-02T15:00:00Z')
  assert.equal(Date.parse(await at('seen-1')), Date.parse('2026-03-02T16:10:00Z'), 'an order was later')
  // Of a batch each person once; and who turns out to be the same person keeps what was seen of both.
  const message = (userId, timestamp, more = {}) => ({ type: 'track', event: 'look', userId, timestamp, ...more })
  const batch = [message('seen-2', '2026-03-02T10:00:00Z'), message('seen-3', '2026-03-02T12:00:00Z'), message('seen-2', '2026-03-02T13:00:00Z'), { type: 'alias', userId: 'seen-3', previousId: 'seen-2', timestamp: '2026-03-02T12:30:00Z' }]
  assert.equal((await (await post('batch', { batch })).json()).accepted, 4)
  assert.equal((await personOf('seen-2')).id, (await personOf('seen-3')).id)
  assert.equal(Date.parse(await at('seen-2')), Date.parse('2026-03-02T13:00:00Z'))
  // What was not kept was not seen: the sight is not remembered of a write that failed.
  for (let n = 1; n < 12; n++) {
    await owner.test.fault({ at: n })
    await post('track', message('seen-1', '2026-03-02T18:30:00Z', { messageId: `seen-${n}` }))
  }
  await owner.test.fault({ at: 0 })
  await tell('2026-03-02T18:40:00Z')
  assert.equal(new Date(await at('seen-1')).toISOString().slice(0, 13), '2026-03-02T18')
})

test('a batch keeps what is valid and names what is not', async () => {
  const r = await (await post('batch', { batch: [
    { type: 'track', userId: 'u-3', event: 'good' },
    { type: 'track', event: 'nobody' },
    { type: 'track', userId: 'u-3' },
    { type: 'dance', userId: 'u-3' },
    { type: 'track', userId: 'u-3', event: 'x', properties: [1] },
    { type: 'track', userId: 'u-3', event: 'x', timestamp: 'yesterday' },
    { type: 'track', userId: 'u-3', event: 'x', properties: { long: 'y'.repeat(33000) } },
    7,
    { type: 'track', userId: 'u-3', event: 'good too' },
  ] })).json()
  assert.equal(r.accepted, 2)
  assert.deepEqual(r.rejected.map((x) => [x.index, x.code]), [[1, 'required'], [2, 'required'], [3, 'bad_choice'], [4, 'wrong_type'], [5, 'bad_format'], [6, 'body_too_large'], [7, 'bad_choice']])
})

test('the sender’s wrong clock is corrected; the future is now', async () => {
  await setClock(server, '2026-03-05T00:00:00Z')
  owner = await signIn(server)
  const at = async (user, extra) => {
    assert.equal((await post('track', { userId: user, event: 'tick', ...extra })).status, 200)
    return (await facts((await personOf(user)).id, ['tick']))[0].at
  }
  assert.equal(await at('t-1', { timestamp: '2026-03-01T00:00:00Z' }), '2026-03-01T00:00:00Z')
  assert.equal(await at('t-2', { timestamp: '2026-03-05T05:00:00Z', sentAt: '2026-03-05T06:00:00Z' }), '2026-03-04T23:00:00Z') // six hours fast
  assert.equal(await at('t-3', { timestamp: '2027-01-01T00:00:00Z' }), '2026-03-05T00:00:00Z')
  assert.equal(await at('t-4', {}), '2026-03-05T00:00:00Z')
})

test('a group that a person joins is a fact with what is known of the group', async () => {
  await post('identify', { userId: 'g-1' })
  assert.equal((await post('group', { userId: 'g-1', groupId: 'book-club', traits: { city: '上海', members: 40 } })).status, 200)
  const c = await personOf('g-1')
  const [joined] = await facts(c.id, ['group.joined'])
  assert.deepEqual(joined.props, { group_id: 'book-club', city: '上海', members: 40 })
  assert.equal((await post('group', { userId: 'g-1' })).status, 422, 'which group?')
})

test('a visitor becomes somebody; alias and verified identifiers join; an unverified claim does not', async () => {
  await post('track', { anonymousId: 'device-1', event: 'looked' })
  await post('identify', { userId: 'a-1', anonymousId: 'device-1', traits: { name: '宝玉' } })
  const c = await personOf('a-1')
  assert.deepEqual((await facts(c.id, ['looked'])).length, 1)
  await post('track', { userId: 'a-old', event: 'before' })
  await post('alias', { userId: 'a-1', previousId: 'a-old' })
  assert.equal((await facts(c.id, ['before'])).length, 1)
  // A phone number that both have proven.
  await post('track', { userId: 'b-2', event: 'first' })
  await post('identify', { userId: 'b-1', traits: { phone: '13611112222' } })
  await post('identify', { userId: 'b-2', traits: { phone: '+86 136 1111 2222' } })
  const b = await personOf('b-1')
  assert.deepEqual(b.identities.filter((i) => i.kind === 'external').map((i) => i.value).sort(), ['b-1', 'b-2'])
  assert.deepEqual((await owner.customer.merges({ id: (await personOf('b-2')).id })).items.map((m) => [m.reason, m.identity_kind]), [['identity', 'external']])
  // A page of a browser claims a number that is somebody's.
  const page = await owner.source.create({ name: '浏览器' })
  const untrusted = anonymous(server, { authorization: `Basic ${Buffer.from(`${page.write_key}:`).toString('base64')}` })
  await untrusted.fetch('/v1/identify', { method: 'POST', body: JSON.stringify({ userId: 'b-3', traits: { phone: '13611112222' } }) })
  const [conflict] = (await owner.identityConflict.list()).items
  assert.deepEqual([conflict.kind, conflict.value, conflict.reason, conflict.other_id], ['mobile', '136****2222', 'unverified', (await personOf('b-2')).id])
  // Found from either side.
  for (const id of [conflict.customer_id, conflict.other_id]) assert.deepEqual((await owner.identityConflict.list({ customer_id: id })).items, [conflict])
  assert.deepEqual((await owner.identityConflict.list({ customer_id: c.id })).items, [])
  await owner.identityConflict.resolve({ id: conflict.id, resolution: 'merge' })
  assert.equal((await personOf('b-3')).id, (await personOf('b-2')).id)
  assert.deepEqual((await owner.identityConflict.list()).items, [])
})

test('keys: wrong, switched off, renewed, in the body of a browser; facts of the house cannot be forged', async () => {
  const nobody = anonymous(server, { authorization: `Basic ${Buffer.from('wrong:').toString('base64')}` })
  assert.equal((await nobody.fetch('/v1/track', { method: 'POST', body: '{"userId":"x","event":"x"}' })).status, 401)
  assert.equal((await anonymous(server).fetch('/v1/track', { method: 'POST', body: '{"userId":"x","event":"x"}' })).status, 401)
  const inBody = await anonymous(server).fetch('/v1/track', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: JSON.stringify({ writeKey: source.write_key, userId: 'k', event: 'customer.erased' }) })
  assert.equal(inBody.status, 200)
  assert.equal(inBody.headers.get('access-control-allow-origin'), '*')
  assert.deepEqual((await facts((await personOf('k')).id)).map((f) => f.type).filter((t) => t.includes('erased')), ['sdk:customer.erased'])
  const preflight = await fetch(`${server.url}/v1/track`, { method: 'OPTIONS' })
  assert.deepEqual([preflight.status, preflight.headers.get('access-control-allow-methods')], [204, 'POST'])
  const other = await owner.source.create({ name: '旧应用' })
  const old = anonymous(server, { authorization: `Basic ${Buffer.from(`${other.write_key}:`).toString('base64')}` })
  const fresh = await owner.source.rekey({ id: other.id })
  assert.notEqual(fresh.write_key, other.write_key)
  assert.equal((await old.fetch('/v1/screen', { method: 'POST', body: '{"userId":"x","name":"x"}' })).status, 401)
  await owner.source.change({ id: source.id, active: false })
  assert.equal((await post('page', { userId: 'x' })).status, 401)
  await owner.source.change({ id: source.id, active: true })
  assert.equal((await post('screen', { userId: 'x', name: 'x' })).status, 200)
  assert.equal((await owner.source.list()).items.length, 3)
})

test('bad bodies', async () => {
  assert.equal((await post('track', '{')).status, 400)
  assert.equal((await post('track', '[]')).status, 422)
  assert.equal((await post('batch', { batch: {} })).status, 422)
  assert.equal((await post('batch', { batch: Array.from({ length: 5001 }, () => ({})) })).status, 422)
  assert.equal((await post('batch', { batch: [{ type: 'track', userId: 'x', event: 'x', properties: { s: 'z'.repeat(520000) } }] })).status, 413)
  assert.equal((await post('alias', { userId: 'x' })).status, 422)
})

test('a source tells when it last brought a fact, to the minute; what was refused or came again does not count', async () => {
  const fresh = await owner.source.create({ name: '收银' })
  const as = anonymous(server, { authorization: `Basic ${Buffer.from(`${fresh.write_key}:`).toString('base64')}` })
  const send = (body) => as.fetch('/v1/batch', { method: 'POST', body: JSON.stringify({ batch: body }) })
  const row = async () => (await all(owner.source.list)).find((s) => s.id === fresh.id)
  const now = (seconds) => new Date(Date.parse(NOW) + 400 * 86400e3 + seconds * 1000).toISOString().replace('.000Z', 'Z')
  const at = async (seconds, body) => {
    await setClock(server, now(seconds))
    owner = await signIn(server)
    assert.equal((await send(body)).status, 200)
    return (await row()).seen_at
  }
  const one = { type: 'track', userId: 'u-till', event: 'sold', messageId: 'till-1' }
  assert.equal((await row()).seen_at, null)
  assert.equal(await at(0, [{ type: 'nonsense' }]), null)
  assert.equal(await at(0, [one]), now(0))
  assert.equal(await at(59, [{ ...one, messageId: 'till-2' }]), now(0))
  assert.equal(await at(90, [one]), now(0), 'the same message again')
  assert.equal(await at(90, [{ ...one, messageId: 'till-3' }]), now(90))
  assert.equal((await row()).version, fresh.version, 'it is no change of the source')
})

test('what was seen is forgotten when it can no longer come again', { skip: process.env.HETANG_TEST_PG === undefined && 'a table on PostgreSQL; files on SQLite' }, async () => {
  await post('track', { userId: 'seen', event: 'x', messageId: 'seen-1' })
  assert.notEqual(ask(server, 'SELECT count(*) FROM event_seen'), '0')
  await setClock(server, new Date(Date.parse(NOW) + 404 * 86400e3).toISOString())
  await eventually(() => ask(server, 'SELECT count(*) FROM event_seen') === '0', 'the cleaning of the night')
})
