// Saved reports: what is kept must be a question; one's own and shared ones; who may change which; no change is lost; which stand on whose dashboard.
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

const bought = (more) => ({ kind: 'segment', people: { event: 'order.paid', since: '2026-02-01', until: '2026-03-01', ...more } })
const BOARD = { kind: 'aarrr', since: '2026-02-01', until: '2026-03-01', stages: [{ stage: 'acquisition', query: { kind: 'segment', people: { event: 'customer.created', since: '2026-02-01', until: '2026-03-01' } } }, { stage: 'revenue', query: bought({}) }] }

test('a board of stages is kept, and each of its stages is a question', async () => {
  const made = await keeper.report.create({ name: '五阶段', query: BOARD, options: { range: '30d' } })
  assert.deepEqual([made.kind, made.query], ['aarrr', BOARD])
  await keeper.report.change({ id: made.id, query: TREND })
  const back = await keeper.report.change({ id: made.id, query: BOARD })
  assert.equal(back.kind, 'aarrr')
  await keeper.report.remove({ id: made.id })
  const [one] = BOARD.stages
  for (const [change, field] of [
    [{ stages: [] }, 'query.stages'], [{ stages: {} }, 'query.stages'], [{ stages: undefined }, 'query.stages'], [{ more: 1 }, 'query.stages'],
    [{ since: undefined }, 'query.since'], [{ since: '2026-02-30' }, 'query.since'], [{ until: 5 }, 'query.until'], [{ until: '2026-02-01' }, 'query.until'],
    [{ stages: [5] }, 'query.stages[0].stage'], [{ stages: [one, { ...one, stage: 'joy' }] }, 'query.stages[1].stage'], [{ stages: [one, one] }, 'query.stages[1].stage'],
    [{ stages: [{ ...one, query: undefined }] }, 'query.stages[0].stage'], [{ stages: [{ ...one, note: '' }] }, 'query.stages[0].stage'],
    [{ stages: [{ ...one, query: TREND }] }, 'query.stages[0].query.kind'], [{ stages: [{ ...one, query: { ...TREND, behind: {} } }] }, 'query.stages[0].query.kind'],
    [{ stages: [one, { stage: 'revenue', query: bought({ where: [{ prop: 'x' }] }) }] }, 'query.stages[1].query.people.where[0]'],
    [{ stages: [{ ...one, query: [] }] }, 'query.stages[0].query'],
  ]) {
    const p = await problem(keeper.report.create({ name: '错', query: { ...BOARD, ...change } }))
    assert.deepEqual([p.status, p.field], [422, field], JSON.stringify(change))
  }
})

const shown = async (client) => (await client.reportPin.list()).items.map((p) => p.name)

test('reports on the dashboard: everybody\'s first, then one\'s own, in the order they are put in', async () => {
  const [a, b, c] = await Promise.all(['甲', '乙', '丙'].map((name) => keeper.report.create({ name, query: TREND, shared: true })))
  const own = await keeper.report.create({ name: '自己', query: FUNNEL, options: { range: '7d' } })
  const mine = await keeper.reportPin.create({ report_id: own.id, width: 2 })
  assert.deepEqual([mine.report_id, mine.name, mine.kind, mine.query, mine.options, mine.width, mine.shared, mine.place], [own.id, '自己', 'funnel', FUNNEL, { range: '7d' }, 2, false, 1])
  assert.equal((await keeper.reportPin.create({ report_id: a.id })).width, 1)
  const shared = []
  for (const r of [b, c]) shared.push(await owner.reportPin.create({ report_id: r.id, shared: true }))
  assert.deepEqual(await shown(keeper), ['乙', '丙', '自己', '甲'])
  assert.deepEqual(await shown(analyst), ['乙', '丙'])
  assert.deepEqual(await shown(owner), ['乙', '丙'])
  // Twice is once: for everybody it is there for oneself too.
  assert.equal((await problem(keeper.reportPin.create({ report_id: own.id }))).code, 'taken')
  assert.equal((await problem(keeper.reportPin.create({ report_id: b.id, shared: true }))).code, 'taken')
  const twice = await keeper.reportPin.create({ report_id: b.id })
  assert.deepEqual(await shown(keeper), ['乙', '丙', '自己', '甲'])
  // Arranged.
  await keeper.reportPin.change({ id: shared[1].id, before: shared[0].id })
  assert.deepEqual(await shown(analyst), ['丙', '乙'])
  assert.equal((await keeper.reportPin.change({ id: mine.id, before: null, width: 3 })).width, 3)
  assert.deepEqual(await shown(keeper), ['丙', '乙', '甲', '自己'])
  const still = await keeper.reportPin.change({ id: mine.id, before: mine.id })
  assert.deepEqual([still.width, await shown(keeper)], [3, ['丙', '乙', '甲', '自己']])
  assert.equal((await problem(keeper.reportPin.change({ id: mine.id, before: shared[0].id }))).field, 'before')
  assert.equal((await problem(keeper.reportPin.change({ id: mine.id, width: 4 }))).field, 'width')
  // What everybody has is arranged and taken away by who may; one's own by oneself alone.
  for (const call of [() => analyst.reportPin.change({ id: shared[0].id, width: 2 }), () => analyst.reportPin.remove({ id: shared[0].id }), () => analyst.reportPin.create({ report_id: a.id, shared: true })])
    assert.equal((await problem(call())).status, 403)
  for (const call of [() => owner.reportPin.change({ id: mine.id, width: 1 }), () => owner.reportPin.remove({ id: mine.id }), () => owner.reportPin.create({ report_id: own.id })])
    assert.equal((await problem(call())).status, 404)
  assert.equal((await problem(keeper.reportPin.create({ report_id: own.id, shared: true }))).field, 'shared')
  // Another's changes of the report are on the dashboard; one that is gone or no longer shared says so by its name.
  await owner.report.change({ id: c.id, name: '丙二' })
  assert.deepEqual(await shown(analyst), ['丙二', '乙'])
  await keeper.report.change({ id: c.id, shared: false })
  const gone = (await analyst.reportPin.list()).items[0]
  assert.deepEqual([gone.name, gone.report_id, gone.kind, gone.query, gone.options], ['丙', null, null, null, null])
  assert.equal((await keeper.reportPin.list()).items[0].name, '丙二', 'its owner still sees it')
  await owner.report.remove({ id: b.id })
  assert.deepEqual((await owner.reportPin.list()).items.map((p) => [p.name, p.report_id]), [['丙', null], ['乙', null]])
  assert.deepEqual(await shown(keeper), ['丙二', '乙', '甲', '乙', '自己'])
  for (const [client, id] of [[owner, shared[0].id], [owner, shared[1].id], [keeper, twice.id]]) await client.reportPin.remove({ id })
  await keeper.report.remove({ id: own.id })
  assert.deepEqual((await keeper.reportPin.list()).items.map((p) => [p.name, p.report_id]), [['甲', a.id], ['自己', null]])
  assert.deepEqual((await all(owner.audit.list)).filter((x) => x.entity === 'report_pin' && x.actor_name === 'keeper').map((x) => x.action).sort(), ['report_pin.change', 'report_pin.change', 'report_pin.change', 'report_pin.create', 'report_pin.create', 'report_pin.create', 'report_pin.remove'])
})

test('two put reports there at once, and thirty are enough', async () => {
  const reports = await Promise.all(Array.from({ length: 31 }, (_, i) => analyst.report.create({ name: `格 ${i}`, query: FUNNEL })))
  await Promise.all(reports.slice(0, 29).map((r) => analyst.reportPin.create({ report_id: r.id })))
  const ends = await Promise.allSettled(reports.slice(29).map((r) => analyst.reportPin.create({ report_id: r.id })))
  assert.deepEqual(ends.map((e) => e.status).sort(), ['fulfilled', 'rejected'])
  assert.equal(ends.find((e) => e.status === 'rejected').reason.problem.code, 'too_many')
  const { items } = await analyst.reportPin.list()
  assert.deepEqual(items.map((p) => p.place), Array.from({ length: 30 }, (_, i) => i + 1))
  // Moved by two at once: one order or the other, each place once.
  await Promise.all([analyst.reportPin.change({ id: items[29].id, before: items[0].id }), analyst.reportPin.change({ id: items[28].id, before: items[0].id })])
  const after_ = (await analyst.reportPin.list()).items
  assert.deepEqual(after_.map((p) => p.place), Array.from({ length: 30 }, (_, i) => i + 1))
  assert.deepEqual(after_.slice(0, 2).map((p) => p.id).sort(), [items[28].id, items[29].id].sort())
  for (const r of reports) await analyst.report.remove({ id: r.id })
  for (const p of after_) await analyst.reportPin.remove({ id: p.id })
  assert.deepEqual((await analyst.reportPin.list()).items, [])
})

test('five hundred of one person are enough', async () => {
  const have = (await all(analyst.report.list)).filter((r) => r.staff_name === 'analyst').length
  for (let i = have; i < 500; i++) await analyst.report.create({ name: `报表 ${i}`, query: FUNNEL })
  assert.equal((await problem(analyst.report.create({ name: '多', query: FUNNEL }))).code, 'too_many')
  await keeper.report.create({ name: '别人还能存', query: FUNNEL })
})
