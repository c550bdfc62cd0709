import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { startServer, signIn, problem, all, ask, eventually, setClock, hetang, PASSWORD } from '../lib/server.mjs'
import { upload, run, counted } from '../lib/transfer.mjs'

let server, owner, stores
before(async () => {
  server = await startServer()
  owner = await signIn(server)
  const [root] = await all(owner.department.list)
  stores = []
  for (const name of ['东店', '西店']) stores.push(await owner.department.create({ parent_id: root.id, kind: 'store', name, code: name === '东店' ? 'E1' : 'W1' }))
  const mapping = { source: 'crm', columns: ['会员号', '手机号', '姓名', '地址', '门店', '生日'].map((column, i) => ({ field: ['member_no', 'mobile', 'name', 'address', 'department', 'birthday'][i], column })) }
  const rows = ['会员号,手机号,姓名,地址,门店,生日',
    'M1,13512345671,"=HYPERLINK(""http://x"",""y"")",浙江省杭州市西湖区文一路1号,E1,1990-02-03',
    'M2,13512345672,"李,四",,西店,', 'M3,13512345673,+86,,W1,', 'M4,,"王\n五",,,']
  assert.deepEqual(counted(await run(owner, (await upload(owner, rows.join('\n'), { kind: 'customers', name: 'people.csv', mapping })).id)), { rows: 4, accepted: 4, people: 4 })
})
after(() => server.stop())

const settled = (client, id) => eventually(async () => {
  const e = await client.export.get({ id })
  return e.state !== 'running' && e
}, 'the end of the export')

async function exported(client, input) {
  const { id } = await client.export.create(input)
  const done = await settled(client, id)
  assert.equal(done.state, 'done', JSON.stringify(done))
  return done
}

async function file(client, id) {
  const reply = await client.fetch(`/api/v1/exports/${id}/file`)
  assert.equal(reply.status, 200)
  return { bytes: Buffer.from(await reply.arrayBuffer()), headers: reply.headers }
}
const text = async (client, id) => (await file(client, id)).bytes.toString('utf8').replace(/^\uFEFF/, '')

/** A member of staff with these permissions and this scope. */
async function member(login, permissions, scope, department_id) {
  const role = await owner.role.create({ name: login, scope, permissions })
  await owner.staff.create({ login, name: login, department_id, role_ids: [role.id], password: 'the very first one' })
  const client = await signIn(server, login, 'the very first one')
  await client.account.changePassword({ old_password: 'the very first one', new_password: PASSWORD })
  return client
}

test('customers as CSV: columns asked for, harmless cells, who made it and when', async () => {
  const done = await exported(owner, { kind: 'customers', format: 'csv', columns: ['member_no', 'name', 'mobile', 'birthday', 'department'] })
  assert.deepEqual([done.rows, done.open_values, done.by_name], [4, true, done.by_name])
  const { bytes, headers } = await file(owner, done.id)
  assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf])
  assert.equal(bytes.length, done.size)
  assert.match(headers.get('content-disposition'), /attachment; filename\*=UTF-8''hetang-customers-\d+\.csv/)
  const lines = bytes.toString('utf8').slice(1).split('\r\n')
  assert.equal(lines[0], 'Member number,Name,Mobile,Birthday,Store')
  assert.equal(lines[1], `M1,"'=HYPERLINK(""http://x"",""y"")",13512345671,1990-02-03,东店`)
  assert.equal(lines[2], 'M2,"李,四",13512345672,,西店')
  assert.match(lines[3], /^M3,'\+86,/)
  assert.match(bytes.toString('utf8'), /Exported from Hetang by .+ at 2026-03-02 10:00/)
  assert.equal(fs.statSync(path.join(server.data, 'exports', `${done.id}.csv`)).mode & 0o777, 0o600)
  assert.equal(ask(server, `SELECT count(*) FROM audit WHERE action IN ('export.create', 'export.download') AND entity_id = ${done.id}`), '2')
})

test('what came out comes in again and changes nothing', async () => {
  const done = await exported(owner, { kind: 'customers', format: 'csv', columns: ['member_no', 'name', 'mobile', 'birthday', 'department', 'address'] })
  const content = (await text(owner, done.id)).replace(/\r\n[^\r\n]*Exported from[^\r\n]*/, '')
  const im = await upload(owner, content, { kind: 'customers', name: 'again.csv' })
  const look = await owner.import.look({ id: im.id })
  await owner.import.change({ id: im.id, mapping: { source: 'crm', columns: look.guess } })
  assert.deepEqual(counted(await run(owner, im.id)), { rows: 4, accepted: 4, unchanged: 4 })
})

test('a workbook is one, with the same rows', async () => {
  const done = await exported(owner, { kind: 'customers', format: 'xlsx', condition: { identity: 'mobile', is: true } })
  assert.equal(done.rows, 3)
  const { bytes } = await file(owner, done.id)
  assert.equal(bytes.subarray(0, 2).toString(), 'PK')
  const im = await upload(owner, bytes, { kind: 'customers', name: 'book.xlsx' })
  const look = await owner.import.look({ id: im.id })
  assert.equal(look.format, 'xlsx')
  assert.deepEqual(look.rows.slice(0, 3).map((r) => r.cells[look.columns.indexOf('Member number')]), ['M1', 'M2', 'M3'])
})

test('the scope and the rights of who asks decide what is in it', async () => {
  const narrow = await member('narrow', ['customer.read', 'export.run', 'order.read'], 'department', stores[0].id)
  const done = await exported(narrow, { kind: 'customers', format: 'csv', columns: ['member_no', 'mobile', 'address'] })
  assert.deepEqual([done.rows, done.open_values], [1, false])
  assert.equal((await text(narrow, done.id)).split('\r\n')[1], 'M1,135****5671,浙江省杭州市******')
  assert.equal((await problem(owner.export.get({ id: done.id }))).status, 404)
  assert.equal((await owner.fetch(`/api/v1/exports/${done.id}/file`)).status, 404)
  assert.deepEqual((await all(narrow.export.list)).map((e) => e.id), [done.id])
  const none = await member('none', ['customer.read'], 'all', stores[0].id)
  assert.equal((await problem(none.export.create({ kind: 'customers', format: 'csv' }))).status, 403)
  const orders = await member('noorders', ['customer.read', 'export.run'], 'all', stores[0].id)
  assert.equal((await problem(orders.export.create({ kind: 'orders', format: 'csv' }))).status, 403)
})

test('a right that was taken away since keeps private values in', async () => {
  const open = await member('open', ['customer.read', 'export.run', 'customer.private.read'], 'all', stores[0].id)
  const done = await exported(open, { kind: 'customers', format: 'csv', columns: ['mobile'] })
  assert.match(await text(open, done.id), /13512345671/)
  const role = (await all(owner.role.list)).find((r) => r.name === 'open')
  await owner.role.change({ id: role.id, permissions: ['customer.read', 'export.run'] })
  assert.equal((await open.fetch(`/api/v1/exports/${done.id}/file`)).status, 403)
})

test('orders of a store and a time', async () => {
  const put = (number, at, department_id, more = {}) => owner.order.put({ source: 'pos', number, at, department_id, lines: [{ product_code: 'A', quantity_milli: 1500, price_micro: 10000000 }], ...more })
  await put('o1', '2026-01-01T02:00:00Z', stores[0].id, { channel: '@SUM(A1)' })
  await put('o2', '2026-02-01T02:00:00Z', stores[0].id)
  await put('o3', '2026-02-01T02:00:00Z', stores[1].id)
  const keys = (await all(owner.export.columns, { kind: 'orders' })).map((c) => c.key)
  assert.ok(keys.includes('amount_fen'))
  const columns = ['number', 'at', 'amount_fen', 'channel', 'department']
  const rows = async (input) => (await text(owner, (await exported(owner, { kind: 'orders', format: 'csv', columns, ...input })).id)).split('\r\n').slice(1, -2)
  assert.deepEqual(await rows({ department_id: stores[0].id }), [`o1,2026-01-01 10:00:00,15.00,'@SUM(A1),东店`, 'o2,2026-02-01 10:00:00,15.00,,东店'])
  assert.equal((await rows({ from_at: '2026-01-15T00:00:00Z' })).length, 2)
  assert.equal((await rows({ to_at: '2026-01-15T00:00:00Z' })).length, 1)
})

test('tasks: those one sees, by state, by when they are due, of a member, of a department and below', async () => {
  const people = await all(owner.customer.search, {})
  const [m1, m2] = stores.map((store) => people.find((c) => c.department_id === store.id))
  const keeper = await member('keeper', ['customer.read', 'export.run', 'task.write'], 'department', stores[0].id)
  const put = (what, due_at, customer_id, staff_id) => owner.task.create({ what, due_at, customer_id, staff_id })
  await put('=1+1', '2026-04-01T02:00:00Z', m1.id, keeper.me.staff_id)
  const done = await put('打电话', '2026-04-02T02:00:00Z', m1.id)
  await owner.task.complete({ id: done.id, note: '已联系' })
  await put('别店的', '2026-04-03T02:00:00Z', m2.id)
  await put('自己的', '2026-04-04T02:00:00Z')
  const columns = ['kind', 'what', 'department', 'staff', 'due_at', 'state', 'note']
  const rows = async (client, input = {}) => (await text(client, (await exported(client, { kind: 'tasks', format: 'csv', columns, ...input })).id)).split('\r\n').slice(1, -2)
  assert.deepEqual(await rows(keeper), ["follow-up,'=1+1,东店,keeper,2026-04-01 10:00:00,open,", 'follow-up,打电话,东店,,2026-04-02 10:00:00,done,已联系'])
  const what = async (input) => (await rows(owner, input)).map((r) => r.split(',')[1])
  assert.deepEqual(await what(), ["'=1+1", '打电话', '别店的', '自己的'])
  assert.deepEqual(await what({ state: 'done' }), ['打电话'])
  assert.deepEqual(await what({ state: 'open', from_at: '2026-04-02T00:00:00Z', to_at: '2026-04-04T00:00:00Z' }), ['别店的'])
  assert.deepEqual(await what({ staff_id: keeper.me.staff_id }), ["'=1+1"])
  assert.deepEqual(await what({ department_id: stores[1].id }), ['别店的'])
  const [root] = await all(owner.department.list)
  assert.equal((await what({ department_id: root.id })).length, 4, 'and those below it')
  assert.equal((await all(keeper.export.columns, { kind: 'tasks' })).length, 15)
  assert.deepEqual(await problem(owner.export.create({ kind: 'tasks', format: 'csv', state: 'late' })).then((p) => [p.code, p.field]), ['bad_choice', 'state'])
  const blind = await member('blind', ['customer.read', 'export.run'], 'all', stores[0].id)
  assert.equal((await problem(blind.export.create({ kind: 'tasks', format: 'csv' }))).status, 403)
  const book = await exported(owner, { kind: 'tasks', format: 'xlsx' })
  assert.equal(book.rows, 4)
  assert.equal((await file(owner, book.id)).bytes.subarray(0, 2).toString(), 'PK')
})

test('what cannot be asked for is said; what was asked can be given up', async () => {
  assert.equal((await problem(owner.export.create({ kind: 'customers', format: 'csv', columns: ['shoe_size'] }))).field, 'columns')
  assert.match((await problem(owner.export.create({ kind: 'customers', format: 'csv', condition: { attr: 'nonsense', in: ['x'] } }))).field, /^condition/)
  assert.equal((await problem(owner.export.create({ kind: 'customers', format: 'pdf' }))).code, 'bad_choice')
  const made = await exported(owner, { kind: 'customers', format: 'csv' })
  assert.equal((await problem(owner.export.cancel({ id: made.id }))).code, 'wrong_state')
  await owner.export.remove({ id: made.id })
  assert.equal(fs.existsSync(path.join(server.data, 'exports', `${made.id}.csv`)), false)
  assert.equal((await problem(owner.export.get({ id: made.id }))).status, 404)
  const started = await owner.export.create({ kind: 'customers', format: 'csv' })
  const cancelled = await owner.export.cancel({ id: started.id }).catch(() => null)
  if (cancelled) assert.equal((await owner.fetch(`/api/v1/exports/${started.id}/file`)).status, 409)
})

test('the file is there until it expires, and then is not', async () => {
  const later = async (days) => {
    await setClock(server, new Date(Date.now() + days * 86400000).toISOString())
    return signIn(server)
  }
  const client = await later(1)
  const done = await exported(client, { kind: 'customers', format: 'csv' })
  const place = path.join(server.data, 'exports', `${done.id}.csv`)
  assert.equal(fs.existsSync(place), true)
  const last = await later(9)
  await eventually(async () => (await last.export.get({ id: done.id })).state === 'expired')
  assert.equal(fs.existsSync(place), false)
  assert.equal((await last.fetch(`/api/v1/exports/${done.id}/file`)).status, 409)
})

test('on the command line: masked unless told', async () => {
  await server.stop()
  const to = path.join(server.data, 'out.csv')
  const go = (...more) => hetang(['export', ...more, '--data', server.data, ...server.db])
  const masked = go('customers', '--to', to, '--columns', 'member_no,mobile')
  assert.equal(masked.code, 0, masked.err)
  assert.match(fs.readFileSync(to, 'utf8'), /M1,135\*\*\*\*5671/)
  assert.equal(JSON.parse(go('customers', '--to', to, '--open', '--json', '--condition', '{"identity":"mobile","is":true}').out).rows, 3)
  assert.match(fs.readFileSync(to, 'utf8'), /13512345671/)
  assert.equal(JSON.parse(go('tasks', '--to', to, '--columns', 'what,state', '--json').out).rows, 4)
  assert.match(fs.readFileSync(to, 'utf8'), /打电话,已完成/)
  for (const bad of [['guests', '--to', to], ['customers'], ['customers', '--to', '/nowhere/x.csv'], ['customers', '--to', to, '--columns', 'x'], ['customers', '--to', to, '--condition', '{']])
    assert.equal(go(...bad).code, 1, bad.join(' '))
  server = await startServer({ data: server.data, db: server.db })
})
