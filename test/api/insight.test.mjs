// Questions asked of the column index, through the door: what is told of the log and of people, and who may see whom.
import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { NOW, eventually, hetang, problem, setClock, signIn, startServer } from '../lib/server.mjs'
import { fits } from '../lib/question.mjs'
import { openWrite } from '../lib/postgres.mjs'
import { hire, plant } from '../lib/staff.mjs'

let server, owner, at, documents = 0
const people = {}
before(async () => {
  server = await startServer()
  owner = await signIn(server)
  const { ask } = owner.insight // whatever is answered fits the published schema
  owner.insight.ask = async (body, ...more) => {
    const answer = await ask(body, ...more)
    assert.ok(fits(body.query), JSON.stringify([body.query, fits.errors?.slice(-3)]))
    return answer
  }
  at = await plant(owner, { east: ['store', 'root'], west: ['store', 'root'] })
  for (const [name, more] of Object.entries({
    ann: { city: '上海', gender: 'female', birthday: '1996-03-02', department_id: at.east },
    bo: { city: '杭州', gender: 'male', birthday: '1996-03-03', department_id: at.west },
    cy: { city: '上海', department_id: at.west },
    di: {},
  }))
    people[name] = await owner.customer.create({ name, ...more })
})
after(() => server.stop())

const pay = (who, when, yuan, channel = 'pos') =>
  owner.order.put({ kind: 'order', source: channel, channel, number: `n-${++documents}`, at: when, customer_id: people[who].id,
    lines: [{ product_code: 'A', product_name: '莲子', quantity_milli: 1000, price_micro: yuan * 1e6 }] })
const nameOf = (id) => Object.keys(people).find((n) => people[n].id === id) ?? id
const who = async (condition, as = owner) =>
  (await as.insight.ask({ query: { kind: 'segment', people: condition }, people: 1000 })).people.map(nameOf)
const finds = (condition, expected, as) =>
  eventually(async () => assert.deepEqual(await who(condition, as), expected) ?? true, JSON.stringify(condition))
const current = () => eventually(async () => { const s = await owner.insight.state(); return s.ready && s.behind === 0 }, 'the index')

test('attributes, age, tags, identifiers, consent, stages', async () => {
  await finds({ attr: 'city', in: ['上海'] }, ['ann', 'cy'])
  await finds({}, ['ann', 'bo', 'cy', 'di'])
  // On this very day Ann is thirty, Bo will be tomorrow.
  await finds({ attr: 'age', gte: 30 }, ['ann'])
  await finds({ attr: 'age', eq: 29 }, ['bo'])
  await finds({ attr: 'age', lt: 30 }, ['bo'])
  await finds({ attr: 'age', exists: false }, ['cy', 'di'])
  await finds({ attr: 'birthday', next: '1d' }, ['ann', 'bo'])
  const group = await owner.tagGroup.create({ name: '兴趣' })
  const tag = await owner.tag.create({ group_id: group.id, name: '茶', key: 'likes.tea' })
  await owner.customer.assignTags({ id: people.bo.id, add: [tag.id] })
  await finds({ tag: 'likes.tea' }, ['bo'])
  await finds({ tag: tag.id, is: false }, ['ann', 'cy', 'di'])
  await owner.customer.addIdentity({ id: people.cy.id, kind: 'mobile', value: '13912345671', verified: true })
  await finds({ identity: 'mobile' }, ['cy'])
  await owner.consent.put({ id: people.cy.id, channel: 'sms', state: 'granted' })
  await finds({ consent: 'sms', is: 'granted' }, ['cy'])
  await finds({ not: { identity: 'mobile', is: true } }, ['ann', 'bo', 'di'])
  await finds({ attr: 'department', in: [at.root], below: true }, ['ann', 'bo', 'cy', 'di'].filter((n) => n !== 'di'))
  await finds({ attr: 'department', not_in: [at.root], below: true }, ['di'])
  await finds({ attr: 'department', not_in: [999999], below: true }, ['ann', 'bo', 'cy', 'di'])
})

test('custom attributes of every type', async () => {
  for (const [key, type, choices] of [['size', 'number'], ['budget', 'money'], ['vip', 'bool'], ['since', 'date'], ['skin', 'choice', ['干', '油']], ['likes', 'choices', ['茶', '香']], ['note', 'text']])
    await owner.attribute.create({ key, name: key, type, ...(choices ? { choices } : {}) })
  await owner.customer.change({ id: people.di.id, attrs: { size: 1.5, budget: 9900, vip: true, since: '2026-01-31', skin: '干', likes: ['茶', '香'], note: '老客户' } })
  for (const condition of [{ attr: 'size', gt: 1 }, { attr: 'budget', eq: 9900 }, { attr: 'vip', eq: true }, { attr: 'since', since: '2026-01-01', until: '2026-02-01' },
    { attr: 'skin', eq: '干' }, { attr: 'likes', in: ['香'] }, { attr: 'note', contains: '老' }])
    await finds(condition, ['di'])
})

test('orders as facts and as figures, a funnel, retention, a trend', async () => {
  await pay('ann', '2026-02-01T04:00:00Z', 100)
  await pay('ann', '2026-02-27T04:00:00Z', 30, 'group')
  await pay('bo', '2026-02-28T04:00:00Z', 50)
  await finds({ event: 'order.paid', count: { gte: 2 } }, ['ann'])
  await finds({ event: 'order.paid', within: '7d', where: [{ prop: 'channel', eq: 'group' }] }, ['ann'])
  await finds({ event: 'order.paid', sum: { prop: 'amount_fen', gte: 5000, lt: 13000 } }, ['bo'])
  await finds({ order: 'count', gte: 1 }, ['ann', 'bo'])
  await finds({ order: 'average', eq: 6500 }, ['ann'])
  await finds({ order: 'last', within: '3d' }, ['ann', 'bo'])
  const funnel = await owner.insight.ask({ query: { kind: 'funnel', steps: [{ event: 'customer.created' }, { event: 'order.paid' }], window: '7d', since: '2026-01-01', until: '2026-04-01' } })
  assert.equal(funnel.result.groups[0].steps[0].reached, 4) // all of them were made today, after their orders
  assert.equal(funnel.result.groups[0].steps[1].reached, 0)
  const trend = await owner.insight.ask({ query: { kind: 'trend', of: { event: 'order.paid' }, figure: 'sum', prop: 'amount_fen', unit: 'month', since: '2026-02-01', until: '2026-03-01', breakdown: [{ prop: 'channel' }] } })
  assert.deepEqual(trend.result.groups.map((g) => [g.keys[0], g.total.sum, g.total.count]), [['pos', 15000, 2], ['group', 3000, 1]])
  const retention = await owner.insight.ask({ query: { kind: 'retention', start: { event: 'order.paid' }, return: { event: 'order.paid' }, unit: 'month', periods: 2, since: '2026-02-01', until: '2026-03-01' } })
  assert.equal(retention.result.groups[0].cohorts[0].people, 2)
  const { items } = await owner.insight.events()
  assert.deepEqual(items.find((e) => e.name === 'order.paid'), { name: 'order.paid', zh: '下单', en: 'Order paid', facts: 3,
    props: [{ name: 'amount_fen', kinds: ['number'] }, { name: 'channel', kinds: ['text'] }, { name: 'lines', kinds: ['number'] }, { name: 'order_id', kinds: ['number'] }] })
  assert.deepEqual(items.find((e) => e.name === 'order.refunded'), { name: 'order.refunded', zh: '退款', en: 'Refunded', facts: 0, props: [] }, 'named before there is one')
})

test('what sources send, nested', async () => {
  const source = await owner.source.create({ name: '官网' })
  const r = await fetch(`${server.url}/v1/track`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${source.write_key}:`)}` },
    body: JSON.stringify({ userId: 'u-1', event: 'Viewed', timestamp: NOW, properties: { product: { sku: 'A-1', price: 9.5 }, wide: ['x'], ok: true, long: 'x'.repeat(300) }, context: { ip: '1.2.3.4', campaign: { source: 'wechat' } } }) })
  assert.equal(r.status, 200)
  await eventually(async () => (await owner.insight.events()).items.some((e) => e.name === 'Viewed'))
  const viewed = (await owner.insight.events()).items.find((e) => e.name === 'Viewed')
  assert.deepEqual(viewed.props.map((p) => p.name), ['campaign.source', 'ok', 'product.price', 'product.sku'])
  await eventually(async () => (await who({ event: 'Viewed', where: [{ prop: 'product.price', gte: 9.5 }, { prop: 'campaign.source', eq: 'wechat' }] })).length === 1)
})

test('who sees whom: each sees their own, whatever is asked', async () => {
  const manager = await hire(server, owner, { login: 'west', department: at.west, roles: ['store'] })
  await finds({}, ['bo', 'cy'], manager)
  await finds({ attr: 'city', eq: '上海' }, ['cy'], manager)
  await finds({ not: { attr: 'city', eq: '上海' } }, ['bo'], manager)
  await finds({ any: [{ attr: 'department', in: [at.east] }, { random: 100 }] }, ['bo', 'cy'], manager)
  const trend = { kind: 'trend', of: { event: 'order.paid' }, figure: 'count', unit: 'month', since: '2026-02-01', until: '2026-03-01' }
  assert.equal((await manager.insight.ask({ query: trend })).result.groups[0].total.count, 1)
  // also where others than those who fit are counted, and where one person is asked about
  const asks = async (query) => (await manager.insight.ask({ query })).result
  assert.deepEqual(await asks({ kind: 'segment', people: { not: { attr: 'city', eq: '上海' } }, counts: true }), { people: 1, nodes: [1, 1] })
  assert.deepEqual(await asks({ kind: 'segment', people: { attr: 'city', eq: '上海' }, person: people.cy.id }), { there: true, nodes: [{ holds: true, value: '上海' }] })
  assert.deepEqual(await asks({ kind: 'segment', people: { attr: 'city', eq: '上海' }, person: people.ann.id }), { there: false, nodes: [] })
  assert.deepEqual(await asks({ kind: 'profile', attrs: ['city'] }), { people: 2, all: 2, values: [{ attr: 'city', value: '上海', people: 1, all: 1 }, { attr: 'city', value: '杭州', people: 1, all: 1 }] })
  assert.deepEqual(await asks({ kind: 'overlap', of: [{}, { tag: 'likes.tea' }] }), { any: 2, both: [[2, 1], [1, 1]] })
  const { people: behind } = await manager.insight.ask({ query: { ...trend, behind: {} }, people: 10 })
  assert.deepEqual(behind, [people.bo.id])
  const shape = async (query) => { const r = await manager.insight.ask({ query, people: 10 }); return [r.count, r.people.length] }
  assert.deepEqual(await shape({ ...trend, behind: { period: '2026-01-31' } }), [0, 0])
  assert.deepEqual(await shape({ kind: 'segment' }), [2, 2])
  assert.deepEqual(await shape({ kind: 'segment', only: 'count' }), [2, 0])
  assert.deepEqual(await shape({ kind: 'segment', person: people.bo.id }), [null, 0])
  const clerk = await hire(server, owner, { login: 'clerk', department: at.east, roles: ['staff'] })
  assert.equal((await problem(clerk.insight.ask({ query: { kind: 'segment' } }))).status, 403)
  await owner.customer.change({ id: people.di.id, department_id: at.west })
  await finds({}, ['bo', 'cy', 'di'], manager)
})

test('people joined, parted and erased', async () => {
  const merge = await owner.customer.merge({ id: people.ann.id, other_id: people.bo.id })
  await finds({ event: 'order.paid', count: { gte: 3 } }, ['ann'])
  await finds({ attr: 'gender', eq: 'male' }, [])
  await finds({ tag: 'likes.tea' }, ['ann'])
  await owner.merge.undo({ id: merge.id })
  await finds({ event: 'order.paid', count: { gte: 3 } }, [])
  await finds({ event: 'order.paid', count: { eq: 2 } }, ['ann'])
  await finds({ event: 'order.paid', count: { eq: 1 } }, ['bo'])
  await finds({ tag: 'likes.tea' }, ['bo'])
  await owner.customer.erase({ id: people.cy.id })
  await finds({ attr: 'city', eq: '上海' }, ['ann'])
  await current()
  assert.ok(!(await who({})).includes('cy'))
  assert.ok(!(await who({ event: 'customer.erased' })).length)
})

test('the passing of time, and the same answers after a restart', async () => {
  const asked = [{}, { event: 'order.paid', within: '7d' }, { tag: 'likes.tea' }, { attr: 'vip', eq: true }, { event: 'customer.unmerged' }, { identity: 'mobile' }]
  await setClock(server, '2026-03-06T04:00:00Z')
  owner = await signIn(server)
  await finds({ event: 'order.paid', within: '7d' }, ['bo'])
  await current()
  const told = []
  for (const c of asked) told.push(await who(c))
  const again = async (damage, end = () => server.stop()) => {
    await end()
    damage?.(path.join(server.data, 'engine'))
    server = await startServer({ data: server.data, db: server.db, args: server.args, clock: '2026-03-06T04:00:00Z' })
    owner = await signIn(server)
    await current()
    for (const [i, c] of asked.entries()) assert.deepEqual(await who(c), told[i], JSON.stringify(c))
  }
  await again()
  assert.match(server.log, /insight.(loaded|built)/)
  if (process.env.HETANG_EVENTS) return // there are no files then: test/engine/store.test.mjs
  assert.match(server.log, /insight.loaded/) // though somebody was erased in the life of that process
  await again((folder) => assert.ok(fs.readdirSync(folder).includes('index')))
  assert.match(server.log, /insight.loaded/)
  // Damaged, it is told anew; cut off, what the files lack is told after them.
  await again((folder) => {
    const bytes = fs.readFileSync(path.join(folder, 'index'))
    bytes[bytes.length >> 1] ^= 1
    fs.writeFileSync(path.join(folder, 'index'), bytes)
  })
  assert.match(server.log, /insight.not_loaded/)
  await again()
  await pay('bo', '2026-03-06T03:00:00Z', 70)
  await again(null, () => server.kill())
  assert.match(server.log, /insight.loaded/)
  await finds({ event: 'order.paid', where: [{ prop: 'amount_fen', eq: 7000 }] }, ['bo'])
})

test('words of who is erased leave the index and its files, and it is loaded, not built', async () => {
  if (process.env.HETANG_EVENTS) return
  const words = ['除她无人的话', 'hers-alone'], condition = { attr: 'note', exists: true }
  const folder = path.join(server.data, 'engine'), before = path.join(server.data, 'engine-before')
  const files = () => fs.readdirSync(folder).map((f) => { try { return fs.readFileSync(path.join(folder, f)) } catch { return Buffer.alloc(0) } })
  const held = () => words.filter((w) => files().some((bytes) => bytes.includes(w)))
  const again = async (end = () => server.stop()) => {
    await end()
    server = await startServer({ data: server.data, db: server.db, args: server.args, clock: '2026-03-06T04:00:00Z' })
    owner = await signIn(server)
    await current()
  }
  const comes = async (name) => {
    people[name] = await owner.customer.create({ name })
    await owner.customer.change({ id: people[name].id, attrs: { note: words[0] } })
    await pay(name, '2026-03-05T04:00:00Z', 10, words[1])
    await finds({ all: [{ attr: 'note', eq: words[0] }, { event: 'order.paid', where: [{ prop: 'channel', eq: words[1] }] }] }, [name])
    await again()
    assert.deepEqual(held(), words)
  }
  const gone = async () => {
    await finds(condition, ['di'])
    await finds({ event: 'order.paid' }, ['ann', 'bo'])
    await eventually(() => fs.existsSync(path.join(folder, 'index')) && !held().length, 'files without the words')
  }
  await comes('eve')
  await owner.customer.erase({ id: people.eve.id })
  await gone() // without waiting for the stop
  await eventually(() => /insight.purged/.test(server.log))
  await again()
  assert.match(server.log, /insight.loaded/)
  assert.ok(!/insight.(not_loaded|built|erased_since)/.test(server.log))
  assert.deepEqual(held(), [])
  await gone()

  // The files as they are when the process dies after the erasure and before the next save.
  await comes('fay')
  fs.cpSync(folder, before, { recursive: true })
  await owner.customer.erase({ id: people.fay.id })
  await gone()
  await again(async () => {
    await server.stop()
    fs.rmSync(folder, { recursive: true })
    fs.renameSync(before, folder)
    assert.deepEqual(held(), words)
  })
  assert.match(server.log, /insight.erased_since/)
  await gone()
  await again()
  assert.match(server.log, /insight.loaded/)

  // However far it had come when it is killed.
  for (const name of ['gil', 'hal', 'ivy']) {
    await comes(name)
    await owner.customer.erase({ id: people[name].id })
    await again(() => server.kill())
    await gone()
  }
})

test('the command line answers the same, beside the server', async () => {
  const file = path.join(server.data, 'question.json')
  const ask = (question, ...more) => {
    fs.writeFileSync(file, typeof question === 'string' ? question : JSON.stringify(question))
    return hetang(['query', file, ...more, '--data', server.data, ...server.db, ...server.args])
  }
  const trend = { kind: 'trend', of: { event: 'order.paid' }, figure: 'sum', prop: 'amount_fen', unit: 'month', since: '2026-02-01', until: '2026-03-01' }
  const r = ask(trend)
  assert.equal(r.code, 0, r.err)
  const { result } = await owner.insight.ask({ query: trend })
  assert.deepEqual(JSON.parse(r.out).result, result)
  if (server.db.length) { // PostgreSQL: numbers of facts settle when the writes that were open have ended
    const ended = await openWrite(server.db.at(-1), 1)
    assert.deepEqual(JSON.parse(ask(trend).out).result, result)
    await ended()
  }
  assert.deepEqual(JSON.parse(ask({ kind: 'segment', people: { attr: 'vip', eq: true } }, '--people', '5').out).people.map(nameOf), ['di'])
  const wrong = ask({ kind: 'segment', people: { tagg: 1 } })
  assert.equal(wrong.code, 1)
  assert.match(wrong.err, /query\.people: .*no condition/)
  assert.match(ask('{').err, /line 1/)
})

test('a wrong question says where it is wrong', async () => {
  const wrong = async (query, field) => {
    const p = await problem(owner.insight.ask({ query }))
    assert.deepEqual([p.status, p.field], [422, field], JSON.stringify(query))
  }
  await wrong({ kind: 'segment', people: { all: [{ tag: 'none' }] } }, 'query.people.all[0]')
  await wrong({ kind: 'segment', people: { all: [{ attr: 'city', inn: [] }] } }, 'query.people.all[0].inn')
  await wrong({ kind: 'segment', people: { any: [{ not: { order: 'count', gte: 1, within: '7d' } }] } }, 'query.people.any[0].not')
  await wrong({ kind: 'segment', people: { identity: 'horoscope' } }, 'query.people')
  await wrong({ kind: 'segment', people: { segment: 404 } }, 'query.people')
  await wrong({ kind: 'segment', people: { attr: 'age', eq: '30' } }, 'query.people')
  await wrong({ kind: 'overlap', of: [{}, { tag: 'none' }] }, 'query.of[1]')
  await wrong({ kind: 'dance' }, 'query.kind')
  await wrong([], 'query')
  await wrong({ kind: 'funnel', steps: [{ event: 'a' }], window: '1d' }, 'query.steps')
})

test('the schema of questions is published, by the door and on the command line', async () => {
  const reply = await owner.fetch('/api/v1/query/schema')
  assert.equal(reply.headers.get('content-type'), 'application/schema+json')
  const schema = await reply.json()
  assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema')
  assert.deepEqual(JSON.parse(hetang(['engine', 'schema']).out), schema)
  assert.equal(hetang(['engine', 'plan']).code, 2)
})
