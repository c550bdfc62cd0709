// Saved reports: what is kept must be a question; one's own and shared ones; who may change which; no change is lost.
import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { all, anonymous, problem, setClock, signIn, startServer } from '../lib/server.mjs'
import { hire, plant } from '../lib/staff.mjs'

let server, owner, analyst, keeper, at
const FUNNEL = { kind: 'funnel', steps: [{ event: 'customer.created' }, { event: 'order.paid', where: [{ prop: 'channel', eq: 'pos' }] }], window: '7d', since: '2026-02-01', until: '2026-03-01' }
const TREND = { kind: 'trend', of: { event: 'order.paid' }, figure: 'count', unit: 'day', since: '2026-02-01', until: '2026-03-01', people: { attr: 'city', eq: '上海' } }
before(async () => {
  server = await startServer()
  owner = await signIn(server)
  at = await plant(owner, { east: ['store', 'root'] })
  const reader = await owner.role.create({ name: '看分析', permissions: ['insight.read'], scope: 'all' })
  const both = await owner.role.create({ name: '管报表', permissions: ['insight.read', 'segment.write'], scope: 'all' })
  analyst = await hire(server, owner, { login: 'analyst', department: at.east, roles: [reader.id] })
  keeper = await hire(server, owner, { login: 'keeper', department: at.east, roles: [both.id] })
})
after(() => server.stop())

test('saved as it was asked, found again, changed and removed', async () => {
  const made = await analyst.report.create({ name: '下单漏斗', query: FUNNEL, options: { range: '30d' } })
  assert.deepEqual([made.kind, made.shared, made.staff_name, made.query, made.options], ['funnel', false, 'analyst', FUNNEL, { range: '30d' }])
  assert.deepEqual(await analyst.report.get({ id: made.id }), made)
  assert.deepEqual((await analyst.report.list()).items, [made])
  await setClock(server, '2026-03-02T03:00:00Z')
  const changed = await analyst.report.change({ id: made.id, name: '订单走势', query: TREND }, { version: made.version })
  assert.deepEqual([changed.kind, changed.name, changed.options, changed.version, changed.updated_at], ['trend', '订单走势', { range: '30d' }, made.version + 1, '2026-03-02T03:00:00Z'])
  assert.equal(changed.created_at, made.created_at)
  assert.equal((await problem(analyst.report.change({ id: made.id, name: '晚了' }, { version: made.version }))).status, 412)
  await analyst.report.remove({ id: made.id })
  assert.equal((await problem(analyst.report.get({ id: made.id }))).status, 404)
  assert.equal((await problem(analyst.report.remove({ id: made.id }))).status, 404)
  const kept = (await all(owner.audit.list)).filter((a) => a.entity === 'report')
  assert.deepEqual(kept.map((a) => a.action).sort(), ['report.change', 'report.create', 'report.remove'])
})

test('what is no question is refused where it is wrong', async () => {
  const wrong = async (query) => { const p = await problem(owner.report.create({ name: '错', query })); return [p.status, p.field] }
  assert.deepEqual(await wrong({ ...FUNNEL, steps: [{ event: 'a' }, { event: 'b', where: [{ prop: 'x' }] }] }), [422, 'query.steps[1].where[0]'])
  assert.deepEqual(await wrong({ kind: 'segment', people: { attr: 'city', eq: '上海' } }), [422, 'query.kind'])
  assert.deepEqual(await wrong({ ...FUNNEL, behind: { step: 2 } }), [422, 'query.kind'], 'people are no report')
  assert.deepEqual(await wrong({ kind: 'pie' }), [422, 'query.kind'])
  assert.deepEqual(await wrong({ ...TREND, people: { tag: 99999 } }), [422, 'query.people'])
  assert.deepEqual(await wrong([]), [422, 'query'])
  assert.equal((await problem(owner.report.create({ query: FUNNEL }))).field, 'name')
  assert.equal((await problem(owner.report.create({ name: '无', }))).field, 'query')
  const long = await problem(owner.report.create({ name: '长', query: FUNNEL, options: { note: '荷'.repeat(30000) } }))
  assert.deepEqual([long.code, long.field], ['too_long', 'options'])
  const many = { ...TREND, people: { attr: 'city', in: Array.from({ length: 450 }, (_, i) => `${i}`.padEnd(200, 'x')) } }
  const text = await problem(owner.report.create({ name: '大', query: many }))
  assert.deepEqual([text.code, text.field], ['too_long', 'query'])
  assert.equal((await owner.report.list()).items.length, 0)
})

test('a name is taken once by a person; others may have the same', async () => {
  const mine = await owner.report.create({ name: '周报', query: FUNNEL })
  assert.equal((await problem(owner.report.create({ name: '周报', query: TREND }))).code, 'taken')
  const theirs = await keeper.report.create({ name: '周报', query: TREND })
  const other = await keeper.report.create({ name: '月报', query: TREND })
  assert.equal((await problem(keeper.report.change({ id: other.id, name: '周报' }))).code, 'taken')
  for (const [client, id] of [[owner, mine.id], [keeper, theirs.id], [keeper, other.id]]) await client.report.remove({ id })
})

test('one\'s own is nobody else\'s; a shared one is seen by all, shared and kept by those who may', async () => {
  const own = await keeper.report.create({ name: '自用', query: FUNNEL })
  const shared = await keeper.report.create({ name: '共用', query: TREND, shared: true })
  assert.deepEqual((await analyst.report.list()).items.map((r) => r.id), [shared.id])
  assert.deepEqual((await keeper.report.list()).items.map((r) => r.id), [own.id, shared.id])
  for (const call of [(id) => analyst.report.get({ id }), (id) => owner.report.change({ id, name: 'x' }), (id) => owner.report.remove({ id })])
    assert.equal((await problem(call(own.id))).status, 404)
  assert.equal((await analyst.report.get({ id: shared.id })).staff_name, 'keeper')
  for (const call of [() => analyst.report.change({ id: shared.id, name: 'x' }), () => analyst.report.remove({ id: shared.id }), () => analyst.report.create({ name: '要共用', query: FUNNEL, shared: true })])
    assert.equal((await problem(call())).status, 403)
  const kept = await analyst.report.create({ name: '我的', query: FUNNEL })
  assert.equal((await problem(analyst.report.change({ id: kept.id, shared: true }))).status, 403)
  // Who keeps shared reports changes those of others, too; taken back, only its owner sees it.
  const renamed = await owner.report.change({ id: shared.id, name: '全店走势' })
  assert.deepEqual([renamed.name, renamed.staff_name], ['全店走势', 'keeper'])
  await owner.report.change({ id: shared.id, shared: false })
  assert.equal((await problem(owner.report.get({ id: shared.id }))).status, 404)
  assert.equal((await keeper.report.get({ id: shared.id })).shared, false)
  assert.equal((await problem(anonymous(server).report.list())).status, 401)
})

test('page by page, both kinds together', async () => {
  const before_ = (await keeper.report.list()).items.length
  for (let i = 0; i < 5; i++) await (i % 2 ? owner : keeper).report.create({ name: `第 ${i} 份`, query: FUNNEL, shared: i % 2 === 1 })
  const first = await keeper.report.list({ limit: 3 })
  assert.equal(first.items.length, 3)
  const rest = await keeper.report.list({ limit: 100, cursor: first.next })
  assert.equal(first.items.length + rest.items.length, before_ + 5)
  assert.equal(rest.next, null)
  const ids = [...first.items, ...rest.items].map((r) => r.id)
  assert.deepEqual(ids, [...new Set(ids)].sort((a, b) => a - b))
})

test('five hundred of one person are enough', async () => {
  const have = (await all(analyst.report.list)).filter((r) => r.staff_name === 'analyst').length
  for (let i = have; i < 500; i++) await analyst.report.create({ name: `报表 ${i}`, query: FUNNEL })
  assert.equal((await problem(analyst.report.create({ name: '多', query: FUNNEL }))).code, 'too_many')
  await keeper.report.create({ name: '别人还能存', query: FUNNEL })
})
