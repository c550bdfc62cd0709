// Segments: who is in them follows facts, attributes and the passing of time; lists; who names whom.
import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { all, eventually, problem, setClock, signIn, startServer } from '../lib/server.mjs'
import { fitsPeople } from '../lib/question.mjs'
import { hire, plant } from '../lib/staff.mjs'

let server, owner, at, documents = 0
const people = {}
before(async () => {
  server = await startServer()
  owner = await signIn(server)
  at = await plant(owner, { east: ['store', 'root'], west: ['store', 'root'] })
  for (const [name, more] of Object.entries({ ann: { city: '上海', department_id: at.east }, bo: { city: '杭州', department_id: at.west }, cy: { city: '上海', department_id: at.west } }))
    people[name] = await owner.customer.create({ name, ...more })
})
after(() => server.stop())

const pay = (who, when, yuan = 100) =>
  owner.order.put({ kind: 'order', source: 'pos', number: `n-${++documents}`, at: when, customer_id: people[who].id,
    lines: [{ product_code: 'A', product_name: '莲子', quantity_milli: 1000, price_micro: yuan * 1e6 }] })
const nameOf = (id) => Object.keys(people).find((n) => people[n].id === id) ?? id
const live = async (name, condition) => {
  const made = await owner.segment.create({ name, condition })
  assert.ok(!Object.keys(condition).length || fitsPeople(condition), JSON.stringify(condition)) // what is taken fits the published schema
  return made
}
/** Who is in it, by the customer list. */
const members = async (s, as = owner) => (await all(as.customer.search, { condition: { segment: s.id } })).map((c) => nameOf(c.id)).sort()
const has = (s, expected, as) => eventually(async () => assert.deepEqual(await members(s, as), expected) ?? true, `${s.name}: ${expected}`)
const ready = (s) => eventually(async () => (await owner.segment.get({ id: s.id })).state === 'ready', `${s.name} ready`)
const facts = async (who) =>
  (await all(owner.customer.timeline, { id: people[who].id })).filter((e) => e.type.startsWith('segment.')).map((e) => [e.type.slice(8), e.props.segment_id])

test('filled when it is made, without facts; then follows what happens, each move a fact once', async () => {
  const s = await live('上海', { attr: 'city', eq: '上海' })
  assert.deepEqual([s.kind, s.state, s.people], ['live', 'building', 0])
  await has(s, ['ann', 'cy'])
  await ready(s)
  assert.deepEqual(await facts('ann'), [])
  await owner.customer.change({ id: people.bo.id, city: '上海' })
  await has(s, ['ann', 'bo', 'cy'])
  await owner.customer.change({ id: people.bo.id, city: '苏州' })
  await has(s, ['ann', 'cy'])
  assert.deepEqual(await facts('bo'), [['exited', s.id], ['entered', s.id]])
  const now = await owner.segment.get({ id: s.id })
  assert.deepEqual([now.people, now.entered_7d, now.exited_7d], [2, 1, 1])
  assert.deepEqual((await owner.segment.of({ id: people.ann.id })).items.map((m) => m.name), ['上海'])
  assert.deepEqual((await owner.segment.days({ id: s.id })).items, [{ day: '2026-03-02', people: 2, entered: 1, exited: 1 }])
})

test('by an event at once, by the passing of time within its minute, on a moved clock', async () => {
  const s = await live('近七天下单', { event: 'order.paid', within: '7d' })
  await ready(s)
  await pay('ann', '2026-03-02T01:00:00Z')
  await has(s, ['ann']) // the clock stands: it is the event that does it
  await setClock(server, '2026-03-09T00:59:59Z')
  owner = await signIn(server)
  await pay('bo', '2026-03-08T01:00:00Z')
  await has(s, ['ann', 'bo'])
  await setClock(server, '2026-03-09T01:00:30Z')
  await has(s, ['bo'])
  assert.deepEqual((await facts('ann')).filter(([, id]) => id === s.id), [['exited', s.id], ['entered', s.id]])
})

test('segments of segments, which follow when those change; none contains itself', async () => {
  const [shanghai, recent] = await all(owner.segment.list)
  const both = await live('两者', { all: [{ segment: shanghai.id }, { not: { segment: recent.id } }] })
  await has(both, ['ann', 'cy'])
  await owner.segment.change({ id: shanghai.id, condition: { attr: 'city', in: ['上海', '苏州'] } }, { version: shanghai.version })
  await has(shanghai, ['ann', 'bo', 'cy'])
  assert.deepEqual((await facts('bo')).filter(([, id]) => id === shanghai.id).length, 2, 'a definition that changes moves nobody')
  await owner.segment.change({ id: recent.id, condition: { event: 'order.paid', within: '1d' } }, { version: recent.version })
  await has(both, ['ann', 'bo', 'cy'])
  const wrong = async (input) => { const p = await problem(input); return [p.status, p.field] }
  const now = await owner.segment.get({ id: shanghai.id })
  assert.deepEqual(await wrong(owner.segment.change({ id: shanghai.id, condition: { segment: shanghai.id } }, { version: now.version })), [422, 'condition'])
  assert.deepEqual(await wrong(owner.segment.change({ id: shanghai.id, condition: { any: [{ segment: both.id }] } }, { version: now.version })), [422, 'condition.any[0]'])
  assert.deepEqual(await wrong(live('环', { event: 'segment.entered' })), [422, 'condition'])
  assert.deepEqual(await wrong(live('两者', {})), [409, 'name'])
  assert.deepEqual(await wrong(live('错', { attr: 'city', inn: [] })), [422, 'condition.inn'])
  assert.equal((await problem(owner.segment.delete({ id: recent.id }))).status, 409, 'it is named')
  await owner.segment.delete({ id: both.id })
  assert.equal((await problem(owner.segment.get({ id: both.id }))).status, 404)
})

test('lists: chosen by hand, copied from a live one, asked about like any other', async () => {
  const s = await owner.segment.create({ name: '名单', kind: 'list', people: [people.ann.id, people.bo.id, 999999] })
  assert.deepEqual([s.state, s.people], ['ready', 2])
  await has(s, ['ann', 'bo'])
  assert.deepEqual(await owner.segment.people({ id: s.id, add: [people.cy.id, people.ann.id], remove: [people.bo.id] }), { added: 1, removed: 1, people: 2 })
  await has(s, ['ann', 'cy'])
  const asked = (condition) => eventually(async () => { const r = await owner.insight.ask({ query: { kind: 'segment', people: condition }, people: 9 }); return r.people.map(nameOf).join() })
  await eventually(async () => (await asked({ segment: s.id })) === 'ann,cy')
  const [shanghai] = await all(owner.segment.list)
  const copy = await owner.segment.copy({ id: shanghai.id, name: '上海快照' })
  assert.deepEqual([copy.kind, copy.people], ['list', 3])
  await eventually(async () => (await asked({ all: [{ segment: copy.id }, { segment: s.id, is: false }] })) === 'bo')
  assert.equal((await problem(owner.segment.people({ id: shanghai.id, add: [people.bo.id] }))).status, 409)
  assert.deepEqual((await problem(owner.segment.change({ id: s.id, condition: {} }, { version: s.version }))).field, 'condition')
})

test('in lists, counts and views of people, within the scope of each; not in rules', async () => {
  const [shanghai] = await all(owner.segment.list)
  const manager = await hire(server, owner, { login: 'west', department: at.west, roles: ['store'] })
  await has(shanghai, ['bo', 'cy'], manager)
  assert.equal((await manager.customer.count({ condition: { not: { segment: shanghai.id } } })).count, 0)
  const view = await owner.view.create({ name: '看上海', condition: { segment: shanghai.id } })
  assert.equal((await problem(owner.segment.delete({ id: shanghai.id }))).status, 409)
  await owner.view.remove({ id: view.id })
  const group = await owner.tagGroup.create({ name: '规则' })
  const tag = await owner.tag.create({ group_id: group.id, name: '自动' })
  assert.equal((await problem(owner.tagRule.put({ id: tag.id, condition: { segment: shanghai.id }, active: true }))).field, 'condition')
  assert.equal((await problem(manager.segment.create({ name: '无权', condition: {} }))).status, 403)
  const tagged = await live('有标签', { tag: tag.id })
  assert.equal((await problem(owner.tag.delete({ id: tag.id }))).status, 409)
  await owner.segment.delete({ id: tagged.id })
})

test('joined, parted, erased', async () => {
  const [shanghai] = await all(owner.segment.list)
  const list = (await all(owner.segment.list)).find((s) => s.name === '名单')
  await owner.segment.people({ id: list.id, remove: [people.ann.id], add: [people.cy.id] })
  const merge = await owner.customer.merge({ id: people.ann.id, other_id: people.cy.id })
  await has(shanghai, ['ann', 'bo'])
  await has(list, ['ann'])
  assert.equal((await owner.segment.get({ id: list.id })).people, 1)
  await owner.merge.undo({ id: merge.id })
  await has(shanghai, ['ann', 'bo', 'cy'])
  await has(list, ['cy'])
  await owner.customer.erase({ id: people.cy.id })
  await has(shanghai, ['ann', 'bo'])
  await eventually(async () => (await owner.segment.get({ id: shanghai.id })).people === 2)
  assert.equal((await owner.segment.get({ id: list.id })).people, 0)
})

test('what happened while nobody looked is made up for, once', async () => {
  const s = (await all(owner.segment.list)).find((x) => x.name === '近七天下单')
  await owner.segment.change({ id: s.id, condition: { event: 'order.paid', within: '3d' } }, { version: s.version })
  await pay('ann', '2026-03-09T00:00:00Z')
  await has(s, ['ann', 'bo'])
  await ready(s)
  await server.stop()
  server = await startServer({ data: server.data, db: server.db, args: server.args, clock: '2026-03-11T12:00:00Z' })
  owner = await signIn(server)
  await has(s, ['ann'])
  assert.deepEqual((await facts('bo')).filter(([, id]) => id === s.id).at(0), ['exited', s.id])
  const before = (await facts('bo')).length
  await server.stop()
  server = await startServer({ data: server.data, db: server.db, args: server.args, clock: '2026-03-11T12:00:10Z' })
  owner = await signIn(server)
  await has(s, ['ann'])
  assert.equal((await facts('bo')).length, before)
})
