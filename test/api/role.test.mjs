import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { startServer, signIn, problem, all } from '../lib/server.mjs'
import { plant, hire, rolesByKey } from '../lib/staff.mjs'

let server, owner, at, role
before(async () => {
  server = await startServer()
  owner = await signIn(server)
  at = await plant(owner, { east: ['region', 'root'], west: ['region', 'root'], shanghai: ['store', 'east'], chengdu: ['store', 'west'], counter: ['team', 'chengdu'] })
  role = await rolesByKey(owner)
})
after(() => server.stop())

const refused = async (promise) => {
  const p = await problem(promise)
  return [p.status, p.code, p.field ?? null]
}
const seen = async (client) => (await all(client.department.list)).filter((d) => d.in_scope).map((d) => d.name).sort()

test('the built-in roles and the matrix', async () => {
  const matrix = await owner.role.matrix()
  assert.deepEqual(matrix.roles.map((r) => [r.key, r.scope, r.name_en]), [
    ['owner', 'all', 'Owner'], ['operations', 'all', 'Operations lead'], ['region', 'below', 'Regional manager'], ['store', 'department', 'Store manager'],
    ['staff', 'self', 'Store staff'], ['analyst', 'all', 'Analyst'], ['auditor', 'all', 'Auditor'],
  ])
  assert.deepEqual(matrix.roles, await all(owner.role.list))
  const keys = matrix.permissions.map((p) => p.key)
  assert.deepEqual(matrix.roles[0].permissions, keys, 'an owner may do everything there is')
  assert.equal(matrix.roles[0].members, 1)
  assert.ok(!keys.includes('public') && !keys.includes('signed_in') && !keys.includes('write_key'))
  for (const p of matrix.permissions) assert.ok(/[一-龥]/.test(p.name) && /^[A-Z]/.test(p.name_en), p.key)
  for (const r of matrix.roles) for (const key of r.permissions) assert.ok(keys.includes(key))
})

test('a role: made, changed, removed', async () => {
  const made = await owner.role.create({ name: '客服', scope: 'below', permissions: ['customer.read', 'tag.assign'] })
  assert.deepEqual(made, {
    id: made.id, key: null, name: '客服', name_en: null, scope: 'below', department_ids: [], permissions: ['customer.read', 'tag.assign'], members: 0, version: 1,
  })
  const changed = await owner.role.change({ id: made.id, name: '高级客服', name_en: 'Senior', permissions: ['tag.assign'] }, { version: 1 })
  assert.deepEqual([changed.name, changed.name_en, changed.permissions, changed.scope, changed.version], ['高级客服', 'Senior', ['tag.assign'], 'below', 2])
  assert.deepEqual(await refused(owner.role.change({ id: made.id, name: 'x' }, { version: 1 })), [412, 'version_changed', null])
  await owner.role.delete({ id: made.id })
  assert.deepEqual(await refused(owner.role.delete({ id: made.id })), [404, 'not_found', null])
  assert.deepEqual(await refused(owner.role.change({ id: made.id, name: 'x' })), [404, 'not_found', null])
})

test('bad input names the field', async () => {
  const good = { name: '某角色', scope: 'self', permissions: ['customer.read'] }
  const cases = [
    [{ name: '店员' }, [409, 'taken', 'name']],
    [{ name: '' }, [422, 'required', 'name']],
    [{ scope: 'world' }, [422, 'bad_choice', 'scope']],
    [{ permissions: ['customer.fly'] }, [422, 'invalid', 'permissions']],
    [{ permissions: ['signed_in'] }, [422, 'invalid', 'permissions']],
    [{ permissions: undefined }, [422, 'required', 'permissions']],
    [{ scope: 'chosen' }, [422, 'invalid', 'department_ids']],
    [{ scope: 'chosen', department_ids: [99999] }, [404, 'not_found', 'department_ids']],
    [{ department_ids: [1] }, [422, 'invalid', 'department_ids']],
  ]
  for (const [input, expected] of cases) assert.deepEqual(await refused(owner.role.create({ ...good, ...input })), expected, JSON.stringify(input))
})

test('the owner role stands; built-in ones may be changed and not removed', async () => {
  assert.deepEqual(await refused(owner.role.change({ id: role.owner, permissions: [] })), [409, 'wrong_state', null])
  assert.deepEqual(await refused(owner.role.delete({ id: role.owner })), [409, 'wrong_state', null])
  assert.deepEqual(await refused(owner.role.delete({ id: role.auditor })), [409, 'wrong_state', null])
  const before = (await all(owner.role.list)).find((r) => r.key === 'analyst')
  const changed = await owner.role.change({ id: role.analyst, permissions: [...before.permissions, 'audit.read'], name: '数据组' })
  assert.ok(changed.permissions.includes('audit.read'))
  assert.equal(changed.key, 'analyst')
})

test('rights and scope of members follow a role at once', async () => {
  const made = await owner.role.create({ name: '巡店', scope: 'department', permissions: ['org.read', 'customer.read'] })
  const pat = await hire(server, owner, { login: 'pat', department: at.chengdu, roles: [made.id] })
  assert.equal((await owner.role.list()).items.find((r) => r.id === made.id).members, 1)
  assert.deepEqual(await seen(pat), ['chengdu'])
  assert.deepEqual(await refused(pat.tag.create({ group_id: 1, name: 'x' })), [403, 'forbidden', null])

  await owner.role.change({ id: made.id, scope: 'below' })
  assert.deepEqual(await seen(pat), ['chengdu', 'counter'])
  await owner.role.change({ id: made.id, scope: 'chosen', department_ids: [at.east] })
  assert.deepEqual(await seen(pat), ['east', 'shanghai'], 'chosen ones and what is below, not their own')
  await owner.role.change({ id: made.id, department_ids: [at.east, at.counter] })
  assert.deepEqual(await seen(pat), ['counter', 'east', 'shanghai'])
  const added = await owner.department.create({ parent_id: at.east, kind: 'store', name: 'added' })
  assert.deepEqual(await seen(pat), ['added', 'counter', 'east', 'shanghai'])
  await owner.department.move({ id: added.id, parent_id: at.west })
  assert.deepEqual(await seen(pat), ['counter', 'east', 'shanghai'])
  assert.deepEqual((await owner.role.change({ id: made.id, scope: 'all' })).department_ids, [], 'the choice goes with its scope')
  assert.equal((await seen(pat)).length, 7)
  await owner.role.change({ id: made.id, scope: 'self' })
  assert.deepEqual(await seen(pat), [])

  // Two roles come to what either gives.
  const wide = await owner.role.create({ name: '看东区', scope: 'chosen', department_ids: [at.east], permissions: ['tag.write'] })
  await owner.staff.change({ id: pat.id, role_ids: [made.id, wide.id] })
  assert.deepEqual(await seen(pat), ['east', 'shanghai'])
  assert.deepEqual((await pat.account.me()).permissions, ['customer.read', 'tag.write', 'org.read'])

  await owner.role.change({ id: made.id, permissions: ['customer.read'] })
  assert.deepEqual(await refused(pat.department.list()), [403, 'forbidden', null])
  assert.deepEqual(await refused(owner.role.delete({ id: wide.id })), [409, 'in_use', null])
  await owner.staff.leave({ id: pat.id })
  await owner.role.delete({ id: wide.id })
  await owner.staff.back({ id: pat.id })
  assert.deepEqual((await owner.staff.get({ id: pat.id })).role_ids, [made.id], 'who left does not keep a role alive')
})

test('who may see roles, and who may change them', async () => {
  const manager = await hire(server, owner, { login: 'manager', department: at.shanghai, roles: ['store'] })
  assert.equal((await all(manager.role.list)).length > 6, true)
  assert.deepEqual(await refused(manager.role.create({ name: 'x', scope: 'self', permissions: [] })), [403, 'forbidden', null])
  const clerk = await hire(server, owner, { login: 'clerk', department: at.shanghai, roles: ['staff'] })
  assert.deepEqual(await refused(clerk.role.matrix()), [403, 'forbidden', null])
})

test('a restart keeps what was changed', async () => {
  const before = await all(owner.role.list)
  await server.stop()
  server = await startServer({ data: server.data, db: server.db })
  owner = await signIn(server)
  assert.deepEqual(await all(owner.role.list), before)
})
