// Whatever the URL: who is confined to one store meets nothing of another's customers, by any route of the description.
import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { startServer, signIn, ask, all, eventually, root } from '../lib/server.mjs'
import { plant, hire } from '../lib/staff.mjs'

const MARK = '机密' // in every text about the other store's customer
const routes = []
let server, owner, at, other, manager, confined

before(async () => {
  server = await startServer()
  owner = await signIn(server)
  at = await plant(owner, { east: ['store', 'root'], west: ['store', 'root'] })
  const permissions = (await owner.role.matrix()).permissions.map((p) => p.key)
  const role = await owner.role.create({ name: '一店全权', scope: 'department', permissions })
  manager = await hire(server, owner, { login: 'manager', department: at.east, roles: ['store'] })
  confined = await hire(server, owner, { login: 'confined', department: at.east, roles: [role.id] })
  const { paths } = JSON.parse(fs.readFileSync(path.join(root, 'docs/reference/openapi.json'), 'utf8'))
  for (const [url, methods] of Object.entries(paths)) for (const [method, route] of Object.entries(methods)) routes.push({ url, method: method.toUpperCase(), name: route.operationId })
  other = await life(at.west, MARK, '13900000001')
  await life(at.east, '寻常', '13900000002')
  await owner.rfm.start({})
  await eventually(async () => {
    const { job, run } = await owner.rfm.get()
    return !job && run
  }, 'the scores')
})
after(() => server.stop())

/** A customer of a store with everything there is about one. */
async function life(department_id, mark, mobile) {
  const text = (what) => `${mark}${what}`
  const c = await owner.customer.create({ name: text('客'), city: text('城'), remark: text('备注'), address: text('路 1 号'), department_id,
    identities: [{ kind: 'mobile', value: mobile }, { kind: 'member_no', value: `${mark}-1`}] })
  const twin = await owner.customer.create({ name: text('影'), department_id })
  await owner.customer.merge({ id: c.id, other_id: twin.id })
  const [merge] = await all(owner.customer.merges, { id: c.id })
  const note = await owner.note.add({ id: c.id, text: text('跟进') })
  const task = await owner.task.create({ what: text('事'), customer_id: c.id, due_at: '2026-03-20T02:00:00Z' })
  await owner.task.comment({ id: task.id, text: text('话') })
  const order = await owner.order.put({ source: 'shop', number: text('单'), at: '2026-02-20T02:00:00Z', department_id, customer_id: c.id,
    lines: [{ product_code: text('货'), product_name: text('货'), quantity_milli: 1000, price_micro: 123e6 }] })
  return { department_id, customer: c.id, merge: merge.id, note: note.id, task: task.id, order: order.id }
}

/** Every answer to the routes that only look, with each number that something has, and with what one would look for. */
async function* looks(who) {
  const asked = { customer_id: other.customer, department_id: other.department_id, below_id: other.department_id, text: MARK, entity_id: other.customer, limit: 200 }
  const { paths } = JSON.parse(fs.readFileSync(path.join(root, 'docs/reference/openapi.json'), 'utf8'))
  for (const { url, name } of routes.filter((r) => r.method === 'GET' && r.name !== 'event.live' && r.url.startsWith('/api/'))) {
    const known = (paths[url].get.parameters ?? []).filter((p) => p.in === 'query').map((p) => p.name)
    const queries = ['', ...known.filter((k) => asked[k]).map((k) => `?${k}=${encodeURIComponent(asked[k])}`)]
    const numbers = /{/.test(url) ? Array.from({ length: 40 }, (_, i) => i + 1) : [0]
    for (const n of numbers) for (const query of n ? queries.slice(0, 1) : queries) {
      const at = url.replace(/{[^}]*}/g, n) + query
      yield [name, at, await who.fetch(at)]
    }
  }
  const condition = { attr: 'city', contains: MARK }
  for (const [url, body] of [['customers/search', { condition }], ['customers/search', { text: MARK }], ['customers/search', {}], ['customers/count', { condition }],
    ['customers/find', { kind: 'mobile', value: '13900000001' }], ['tag-rules/try', { condition }], ['care-rules/try', { condition }]]) {
    const reply = await who.fetch(`/api/v1/${url}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    yield [url, `${url} ${JSON.stringify(body)}`, reply]
  }
}

for (const kind of ['manager', 'confined'])
  test(`${kind}: no answer speaks of the other store's customer`, async () => {
    const who = kind === 'manager' ? manager : confined
    const seen = new Set(), told = []
    for await (const [name, url, reply] of looks(who)) {
      const text = await reply.text()
      assert.ok(reply.status < 500, `${url}: ${reply.status}`)
      if (reply.status === 200) seen.add(name)
      if (text.includes(MARK)) told.push(`${url}: ${text.slice(Math.max(0, text.indexOf(MARK) - 80), text.indexOf(MARK) + 40)}`)
    }
    assert.deepEqual(told, [])
    assert.ok(seen.size >= (kind === 'manager' ? 50 : 65), `${seen.size} routes were looked at`)
  })

/** What would be done to the other store's things, each with a body that is right. */
const deeds = {
  'customer.change': ['PATCH', 'customers/customer', { name: '改' }],
  'customer.assign_tags': ['POST', 'customers/customer/tags', { add: [], remove: [] }],
  'customer.add_identity': ['POST', 'customers/customer/identities', { kind: 'mobile', value: '13900000009' }],
  'customer.remove_identity': ['DELETE', 'customers/customer/identities/1'],
  'customer.reveal': ['POST', 'customers/customer/reveal', {}],
  'customer.merge': ['POST', 'customers/customer/merge', { other_id: 'ours' }],
  'customer.merge the other way': ['POST', 'customers/ours/merge', { other_id: 'customer' }],
  'customer.export': ['POST', 'customers/customer/export', {}],
  'customer.erase': ['POST', 'customers/customer/erase', {}],
  'consent.put': ['PUT', 'customers/customer/consents/sms', { state: 'granted' }],
  'merge.undo': ['POST', 'merges/merge/undo', {}],
  'note.add': ['POST', 'customers/customer/notes', { text: '写' }],
  'note.change': ['PATCH', 'notes/note', { text: '改' }],
  'note.remove': ['DELETE', 'notes/note'],
  'task.create': ['POST', 'tasks', { what: '写', due_at: '2026-03-20T02:00:00Z', customer_id: 'customer' }],
  'task.change': ['PATCH', 'tasks/task', { what: '改' }],
  'task.comment': ['POST', 'tasks/task/comments', { text: '写' }],
  'task.complete': ['POST', 'tasks/task/complete', {}],
  'task.dismiss': ['POST', 'tasks/task/dismiss', { note: '不' }],
  'task.hand_over': ['POST', 'tasks/task/hand-over', { staff_id: 'self' }],
  'task.reopen': ['POST', 'tasks/task/reopen', {}],
  'order.put': ['POST', 'orders', { source: 'shop', number: '写', at: '2026-02-20T02:00:00Z', customer_id: 'customer',
    lines: [{ product_code: 'A', product_name: 'A', quantity_milli: 1000, price_micro: 1e6 }] }],
}

test('nothing of the other store changes, by whatever it is tried', async () => {
  const ours = (await all(confined.customer.search, {}))[0].id
  const id = (what) => ({ ...other, ours, self: confined.id })[what] ?? what
  const tables = ['customer', 'identity', 'customer_tag', 'consent', 'note', 'task', 'task_comment', 'sales_order', 'merge']
  const state = () => tables.map((t) => [t, ask(server, `SELECT * FROM ${t} ORDER BY 1, 2`)])
  for (const who of [manager, confined]) {
    const before = state()
    for (const [deed, [method, url, body]] of Object.entries(deeds)) {
      const filled = body && Object.fromEntries(Object.entries(body).map(([k, v]) => [k, /_id$/.test(k) ? id(v) : v]))
      const reply = await who.fetch(`/api/v1/${url.split('/').map(id).join('/')}`, { method, body: filled && JSON.stringify(filled),
        headers: { 'content-type': 'application/json', 'if-match': '"1"' } })
      const text = await reply.text()
      assert.ok(reply.status === 404 || (who === manager && reply.status === 403), `${deed}: ${reply.status} ${text}`)
      assert.ok(!text.includes(MARK), deed)
    }
    assert.deepEqual(state(), before)
  }
  // Tagging and exporting everybody one sees does not reach further.
  const group = await owner.tagGroup.create({ name: '组' }), tag = await owner.tag.create({ group_id: group.id, name: '签' })
  const { job_id } = await confined.customer.bulkTag({ condition: { attr: 'joined_at', within: '365d' }, add: [tag.id] })
  await eventually(async () => (await confined.customer.bulkTagState({ id: job_id })).state === 'done', 'the tags')
  assert.deepEqual(ask(server, `SELECT customer_id FROM customer_tag WHERE tag_id = ${tag.id}`), String(ours))
})
