import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { startServer, signIn, problem, all, eventually } from '../lib/server.mjs'

let server, owner, tag, other
const people = []
before(async () => {
  server = await startServer()
  owner = await signIn(server)
  const group = await owner.tagGroup.create({ name: '列表' })
  tag = await owner.tag.create({ group_id: group.id, name: '标签甲' })
  other = await owner.tag.create({ group_id: group.id, name: '标签乙' })
  for (let i = 0; i < 25; i++)
    people.push(await owner.customer.create({ name: `${i % 2 ? '王' : '李'}${String(i).padStart(2, '0')}`, city: ['上海', '杭州', '苏州'][i % 3], identities: [{ kind: 'mobile', value: `139${String(10000000 + i)}` }] }))
  for (let i = 0; i < 25; i++)
    for (let k = 0; k < i % 4; k++)
      await owner.order.put({ source: 'pos', number: `${i}-${k}`, customer_id: people[i].id, at: `2026-02-${String(1 + i).padStart(2, '0')}T0${k}:00:00Z`, lines: [{ product_code: 'A', quantity_milli: 1000, price_micro: (i + 1) * 1e6 }] })
})
after(() => server.stop())

const names = async (input) => (await all(owner.customer.search, { ...input, limit: undefined })).map((c) => c.name)
// Every page size gives the same list.
const paged = async (input, limit) => {
  const items = []
  let cursor
  do {
    const page = await owner.customer.search({ ...input, limit, cursor })
    items.push(...page.items)
    cursor = page.next ?? undefined
  } while (cursor)
  return items.map((c) => c.name)
}

test('everybody, newest first; a row says what a list needs', async () => {
  const list = (await owner.customer.search({ limit: 200 })).items
  assert.equal(list.length, 25)
  const c = list.find((p) => p.name === '王07')
  assert.deepEqual([c.mobile, c.city, c.order_count, c.order_fen, c.last_order_at, c.tags], ['139****0007', '杭州', 3, 2400, '2026-02-08T02:00:00Z', []])
  assert.equal((await owner.customer.count({})).count, 25)
})

test('each order, in pages of each size', async () => {
  await eventually(async () => (await names({ sort: 'amount' })).length === 25, 'figures for everybody')
  const total = (i) => (i % 4) * (i + 1) * 100
  const expected = {
    newest: people.map((_, i) => i).reverse(),
    amount: people.map((_, i) => i).sort((a, b) => total(b) - total(a) || b - a),
    orders: people.map((_, i) => i).sort((a, b) => (b % 4) - (a % 4) || b - a),
    name: people.map((_, i) => i).sort((a, b) => (people[a].name < people[b].name ? -1 : 1)),
    last_order: people.map((_, i) => i).sort((a, b) => (b % 4 ? b : -1) - (a % 4 ? a : -1) || b - a),
  }
  const utf8 = (a, b) => Buffer.compare(Buffer.from(people[a].name), Buffer.from(people[b].name))
  expected.name.sort(utf8)
  for (const [sort, order] of Object.entries(expected))
    for (const limit of [1, 4, 7, 25]) assert.deepEqual(await paged({ sort }, limit), order.map((i) => people[i].name), `${sort} by ${limit}`)
  assert.equal((await problem(owner.customer.search({ sort: 'amount', cursor: 'x' }))).field, 'cursor')
})

test('conditions and texts', async () => {
  assert.deepEqual(await names({ condition: { all: [{ attr: 'city', eq: '上海' }, { order: 'count', gte: 3 }] } }), ['王15', '王03'])
  assert.deepEqual(await names({ text: '王0' }), ['王01', '王03', '王05', '王07', '王09'])
  assert.deepEqual(await names({ text: ' 139 1000 0004 ' }), ['李04'])
  assert.deepEqual(await names({ text: '13999999999' }), [])
  assert.deepEqual(await names({ text: '李', condition: { attr: 'city', in: ['苏州'] } }), ['李02', '李08', '李14', '李20'])
  assert.equal((await owner.customer.count({ text: '李' })).count, 13)
  assert.equal((await problem(owner.customer.search({ condition: { attr: 'x', eq: 1 } }))).field, 'condition')
})

test('tags for many, as a job, and undone', async () => {
  await owner.customer.assignTags({ id: people[0].id, add: [tag.id] })
  const started = await owner.customer.bulkTag({ condition: { attr: 'city', eq: '上海' }, add: [tag.id, other.id] })
  assert.equal(started.people, 9)
  const count = (t) => owner.customer.count({ condition: { tag: t.id, is: true } }).then((c) => c.count)
  await eventually(async () => (await count(other)) === 9)
  assert.equal(await count(tag), 9)
  const state = (job) => owner.customer.bulkTagState({ id: job })
  await eventually(async () => (await state(started.job_id)).state === 'done')
  assert.deepEqual(await state(started.job_id), { state: 'done', done: 9, total: 9 })
  const undo = await owner.customer.bulkTagUndo({ id: started.job_id })
  await eventually(async () => (await state(undo.job_id)).state === 'done')
  await eventually(async () => (await count(other)) === 0)
  assert.equal((await problem(owner.customer.bulkTagState({ id: 99999 }))).status, 404)
  assert.equal(await count(tag), 1) // whoever had it before keeps it
  const some = await owner.customer.bulkTag({ ids: [people[1].id, people[2].id, 999999], add: [other.id] })
  assert.equal(some.people, 3)
  await eventually(async () => (await count(other)) === 2)
  assert.equal((await problem(owner.customer.bulkTag({ ids: [1] }))).field, 'add')
  assert.equal((await problem(owner.customer.bulkTag({ ids: [1], add: [99999] }))).field, 'add[0]')
  assert.equal((await problem(owner.customer.bulkTagUndo({ id: 99999 }))).status, 404)
})

test('saved views', async () => {
  const view = await owner.view.create({ name: '上海老客', condition: { all: [{ attr: 'city', eq: '上海' }, { tag: tag.id, is: true }] }, options: { sort: 'amount' } })
  assert.deepEqual([view.shared, view.options, view.staff_name], [false, { sort: 'amount' }, '所有者'])
  assert.equal((await problem(owner.tag.delete({ id: tag.id }))).code, 'in_use')
  const changed = await owner.view.change({ id: view.id, shared: true, name: '上海' }, { version: view.version })
  assert.deepEqual((await owner.view.list()).items, [changed])
  assert.equal((await problem(owner.view.create({ name: '上海', condition: {} }))).code, 'taken')
  await owner.view.remove({ id: view.id })
  await owner.tag.delete({ id: tag.id })
})
