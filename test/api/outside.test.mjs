// A row outside somebody's scope, and a row that is not there: the same answer to the byte, and the same work, for every route
// that leads to one row of a customer. The routes come from the contract, so a new one is asked too.
import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { startServer, signIn, ask, root } from '../lib/server.mjs'
import { plant, hire } from '../lib/staff.mjs'

const MISSING = 8999999
let server, owner, clerk, rows

// What is sent to the routes that want a body, by their ids; {…} is what a body may be empty for.
const bodies = {
  'customer.change': { name: 'x' }, 'customer.add_identity': { kind: 'mobile', value: '13800001111' }, 'customer.merge': ({ mine }) => ({ other_id: mine }),
  'customer.assign_tags': ({ tag }) => ({ add: [tag] }), 'note.add': { text: 'x' }, 'note.change': { text: 'x' }, 'consent.put': { state: 'granted' },
  'task.change': { what: 'x' }, 'task.comment': { text: 'x' }, 'task.hand_over': ({ clerk }) => ({ staff_id: clerk }), 'identity_conflict.resolve': { resolution: 'dismiss' },
}
// Which row the {id} of a path means, by what stands before it.
const kinds = { customers: 'customer', orders: 'order', notes: 'note', tasks: 'task', merges: 'merge', 'identity-conflicts': 'conflict' }

before(async () => {
  server = await startServer({ args: ['--workers', '1'] })
  owner = await signIn(server)
  const at = await plant(owner, { east: ['region', 'root'], west: ['region', 'root'] })
  const permissions = ['customer.read', 'customer.write', 'customer.private.read', 'customer.merge', 'customer.erase', 'tag.assign', 'order.read', 'order.write', 'export.run', 'task.write', 'event.read']
  const role = await owner.role.create({ name: 'all of the east', scope: 'below', permissions })
  clerk = await hire(server, owner, { login: 'clerk.east', department: at.east, roles: [role.id] })
  const person = (name, department_id, mobile) => owner.customer.create({ name, department_id, identities: mobile ? [{ kind: 'mobile', value: mobile }] : [] })
  const theirs = await person('west', at.west, '13800002222'), second = await person('west 2', at.west), mine = await person('east', at.east)
  const order = await owner.order.put({ source: 'pos', number: 'W1', customer_id: theirs.id, department_id: at.west, at: '2026-02-01T00:00:00Z', lines: [{ product_code: 'A', quantity_milli: 1000, price_micro: 1e6 }] })
  const group = await owner.tagGroup.create({ name: 'g' })
  const merge = await owner.customer.merge({ id: theirs.id, other_id: second.id })
  const note = await owner.note.add({ id: theirs.id, text: 'of the west' })
  const task = await owner.task.create({ what: 'call', due_at: '2026-03-20T02:00:00Z', customer_id: theirs.id })
  const conflict = Number(ask(server, `INSERT INTO identity_conflict (customer_id, kind, scope, sealed, reason, origin, created_at) SELECT customer_id, kind, '', sealed, 'limit', 'x', 1 FROM identity WHERE sealed IS NOT NULL AND customer_id = ${theirs.id} RETURNING id`).split('\n')[0])
  rows = { customer: theirs.id, order: order.id, note: note.id, task: task.id, merge: merge.id, conflict, mine: mine.id, clerk: clerk.id, tag: (await owner.tag.create({ group_id: group.id, name: 't' })).id }
  for (const [name, id] of Object.entries(rows)) assert.ok(id > 0, name)
})
after(() => server.stop())

const contract = JSON.parse(fs.readFileSync(path.join(root, 'docs/reference/openapi.json'), 'utf8'))
const routes = Object.entries(contract.paths).flatMap(([where, methods]) => {
  const kind = kinds[/^\/api\/v1\/([a-z-]+)\/\{id\}/.exec(where)?.[1]]
  return kind ? Object.entries(methods).map(([method, route]) => ({ where, kind, method: method.toUpperCase(), id: route.operationId })) : []
})

async function call(client, { where, method, id }, row) {
  const body = typeof bodies[id] === 'function' ? bodies[id](rows) : bodies[id]
  const target = where.replace('{id}', row).replace('{channel}', 'sms').replace('{identity_id}', '1')
  const init = method === 'GET' ? {} : { method, headers: { 'content-type': 'application/json' }, ...(method === 'DELETE' ? {} : { body: JSON.stringify(body ?? {}) }) }
  const reply = await client.fetch(target, init)
  const headers = Object.fromEntries([...reply.headers].filter(([name]) => !['date', 'x-request-id'].includes(name)))
  return { status: reply.status, headers, body: (await reply.text()).replace(/"request_id":"[^"]*"/, '') }
}

/**
 * How many statements a call runs: with the n-th failing it fails as long as there is an n-th. What runs in the background counts
 * along now and then, so the figure that is found three times more often than any other is the one.
 */
async function statements(route, row) {
  const found = new Map()
  for (let lead = 0; lead < 3; ) {
    let n = 0, status
    do {
      await owner.test.fault({ at: ++n })
      status = (await call(clerk, route, row)).status
    } while (status === 503)
    found.set(n - 1, (found.get(n - 1) ?? 0) + 1)
    const [most, next = 0] = [...found.values()].sort((a, b) => b - a)
    lead = most - next
  }
  await owner.test.fault({ at: 0 })
  return [...found].sort((a, b) => b[1] - a[1])[0][0]
}

test('the contract has the routes that this is about', () => {
  assert.ok(routes.length >= 30, `${routes.length}`)
  for (const kind of Object.values(kinds)) assert.ok(routes.some((r) => r.kind === kind), kind)
})

test('to the byte, and to the statement', { timeout: 120000 }, async () => {
  const differ = []
  for (const route of routes) {
    const what = `${route.method} ${route.where}`
    const other = await call(clerk, route, rows[route.kind]), none = await call(clerk, route, MISSING)
    assert.equal(other.status, 404, `${what}: ${other.status} ${other.body}`)
    assert.deepEqual(other, none, what)
    const work = [await statements(route, rows[route.kind]), await statements(route, MISSING)]
    assert.ok(work[0] > 0, `${what}: no statement`)
    if (work[0] !== work[1]) differ.push(`${what}: ${work[0]} statements for what is elsewhere, ${work[1]} for what is not there`)
  }
  assert.deepEqual(differ, [])
})

test('and the rows are there for whom they are', async () => {
  for (const route of routes.filter((r) => r.method === 'GET')) assert.equal((await call(owner, route, rows[route.kind])).status, 200, route.where)
})
