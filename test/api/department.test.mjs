import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { startServer, signIn, problem, all, ask } from '../lib/server.mjs'
import { plant, hire } from '../lib/staff.mjs'

let server, owner, at
before(async () => {
  server = await startServer()
  owner = await signIn(server)
  at = await plant(owner, {
    east: ['region', 'root'], west: ['region', 'root'], shanghai: ['store', 'east'], hangzhou: ['store', 'east'],
    chengdu: ['store', 'west'], counter: ['team', 'shanghai'],
  })
})
after(() => server.stop())

const brief = (p) => [p.status, p.code, p.field ?? null]

test('a department: added, read, changed, listed', async () => {
  const made = await owner.department.create({ parent_id: at.east, kind: 'store', name: '苏州店', code: 'SZ-001', sort: 3 })
  assert.deepEqual(made, {
    id: made.id, parent_id: at.east, kind: 'store', name: '苏州店', code: 'SZ-001', sort: 3, closed: false, staff: 0, children: 0, in_scope: true, version: 1,
  })
  const changed = await owner.department.change({ id: made.id, name: '苏州观前店', code: null }, { version: 1 })
  assert.deepEqual([changed.name, changed.code, changed.version], ['苏州观前店', null, 2])
  assert.deepEqual(await owner.department.get({ id: made.id }), changed)
  assert.equal((await problem(owner.department.change({ id: made.id, name: 'x' }, { version: 1 }))).code, 'version_changed')
  await owner.department.change({ id: made.id, code: '  ' })
  assert.equal((await owner.department.get({ id: made.id })).code, null, 'an empty code is none')
  await owner.department.delete({ id: made.id })
  assert.deepEqual(brief(await problem(owner.department.get({ id: made.id }))), [404, 'not_found', null])
})

test('codes are unique', async () => {
  const one = await owner.department.create({ parent_id: at.west, kind: 'store', name: '甲', code: 'X1' })
  assert.deepEqual(brief(await problem(owner.department.create({ parent_id: at.west, kind: 'store', name: '乙', code: 'X1' }))), [409, 'taken', 'code'])
  const two = await owner.department.create({ parent_id: at.west, kind: 'store', name: '乙', code: 'X2' })
  assert.deepEqual(brief(await problem(owner.department.change({ id: two.id, code: 'X1' }))), [409, 'taken', 'code'])
  await owner.department.delete({ id: one.id })
  await owner.department.delete({ id: two.id })
})

test('which kind stands under which', async () => {
  const kinds = { head: 'root', region: 'east', store: 'shanghai', team: 'counter' }
  const allowed = { head: ['head'], region: ['head', 'region'], store: ['head', 'region'], team: ['head', 'region', 'store', 'team'] }
  for (const kind of Object.keys(kinds))
    for (const [above, name] of Object.entries(kinds)) {
      const call = owner.department.create({ parent_id: at[name], kind, name: `${kind} under ${above}` })
      if (allowed[kind].includes(above)) await owner.department.delete({ id: (await call).id })
      else assert.deepEqual(brief(await problem(call)), [422, 'invalid', 'parent_id'], `${kind} under ${above}`)
    }
  // A change of kind is held to the same by what it stands under and by what stands under it.
  assert.deepEqual(brief(await problem(owner.department.change({ id: at.counter, kind: 'store' }))), [422, 'invalid', 'kind'])
  assert.deepEqual(brief(await problem(owner.department.change({ id: at.east, kind: 'team' }))), [422, 'invalid', 'kind'])
  assert.deepEqual(brief(await problem(owner.department.change({ id: at.root, kind: 'region' }))), [422, 'invalid', 'kind'])
  const zh = await owner.fetch('/api/v1/departments', {
    method: 'POST', headers: { 'accept-language': 'zh', 'content-type': 'application/json' },
    body: JSON.stringify({ parent_id: at.counter, kind: 'store', name: 'x' }),
  })
  assert.equal((await zh.json()).title, '内容无效：门店不能设在小组之下')
})

test('the list: flat, by parent, below, kind, text, in pages', async () => {
  const names = async (input) => (await all(owner.department.list, input)).map((d) => d.name).sort()
  assert.deepEqual(await names({ parent_id: at.east }), ['hangzhou', 'shanghai'])
  assert.deepEqual(await names({ below_id: at.east }), ['counter', 'east', 'hangzhou', 'shanghai'])
  assert.deepEqual(await names({ below_id: at.east, kind: 'store' }), ['hangzhou', 'shanghai'])
  assert.deepEqual(await names({ text: 'HANG' }), ['hangzhou', 'shanghai'])
  assert.deepEqual(await names({ text: '100%' }), [])
  assert.deepEqual(await names({ closed: true }), [])
  assert.equal((await names({ closed: false })).length, 7)
  const first = await owner.department.list({ limit: 4 })
  const second = await owner.department.list({ limit: 4, cursor: first.next })
  assert.deepEqual([first.items.length, second.items.length, second.next], [4, 3, null])
  assert.deepEqual(brief(await problem(owner.department.list({ below_id: 99999 }))), [404, 'not_found', 'below_id'])
})

test('a move takes the subtree along, and what people see follows', async () => {
  const region = await hire(server, owner, { login: 'ann', department: at.east, roles: ['region'] })
  const store = await hire(server, owner, { login: 'bob', department: at.shanghai, roles: ['store'] })
  const seen = async (client) => (await all(client.department.list)).filter((d) => d.in_scope).map((d) => d.name).sort()
  const people = async (client) => (await all(client.staff.list)).map((s) => s.login).sort()
  assert.deepEqual(await seen(region), ['counter', 'east', 'hangzhou', 'shanghai'])
  assert.deepEqual(await seen(store), ['shanghai'])
  assert.deepEqual(await people(region), ['ann', 'bob'])

  const moved = await owner.department.move({ id: at.shanghai, parent_id: at.west })
  assert.deepEqual([moved.parent_id, moved.version], [at.west, 2])
  assert.deepEqual(await seen(region), ['east', 'hangzhou'])
  assert.deepEqual(await people(region), ['ann'])
  assert.deepEqual(await seen(store), ['shanghai'], 'their own store is theirs wherever it stands')
  assert.deepEqual((await all(owner.department.list, { below_id: at.west })).map((d) => d.name).sort(), ['chengdu', 'counter', 'shanghai', 'west'])
  assert.equal((await problem(region.staff.get({ id: store.id }))).status, 404)

  // A new department below is seen at once; one elsewhere is not.
  const fresh = await owner.department.create({ parent_id: at.hangzhou, kind: 'team', name: 'fresh' })
  assert.deepEqual(await seen(region), ['east', 'fresh', 'hangzhou'])
  await owner.department.delete({ id: fresh.id })

  await owner.department.move({ id: at.shanghai, parent_id: at.east })
  assert.deepEqual(await seen(region), ['counter', 'east', 'hangzhou', 'shanghai'])
})

test('no cycles, no second root, no bottomless tree', async () => {
  const refused = [
    [{ id: at.east, parent_id: at.east }, [422, 'invalid', 'parent_id']],
    [{ id: at.shanghai, parent_id: at.counter }, [422, 'invalid', 'parent_id']],
    [{ id: at.root, parent_id: at.east }, [409, 'wrong_state', null]],
    [{ id: at.shanghai, parent_id: 99999 }, [404, 'not_found', 'parent_id']],
    [{ id: 99999, parent_id: at.east }, [404, 'not_found', null]],
    [{ id: at.east, parent_id: at.chengdu }, [422, 'invalid', 'parent_id']],
    [{ id: at.east }, [422, 'required', 'parent_id']],
  ]
  for (const [input, expected] of refused) assert.deepEqual(brief(await problem(owner.department.move(input))), expected, JSON.stringify(input))

  const chain = [at.root]
  for (let floor = 2; floor <= 12; floor++)
    chain.push((await owner.department.create({ parent_id: chain.at(-1), kind: 'region', name: `floor ${floor}` })).id)
  assert.deepEqual(brief(await problem(owner.department.create({ parent_id: chain.at(-1), kind: 'region', name: 'too deep' }))), [422, 'invalid', 'parent_id'])
  const pair = (await owner.department.create({ parent_id: at.root, kind: 'region', name: 'pair' })).id
  const below = (await owner.department.create({ parent_id: pair, kind: 'region', name: 'below' })).id
  assert.deepEqual(brief(await problem(owner.department.move({ id: pair, parent_id: chain[10] }))), [422, 'invalid', 'parent_id'])
  await owner.department.move({ id: pair, parent_id: chain[9] })
  for (const id of [below, pair, ...chain.slice(1).reverse()]) await owner.department.delete({ id })
})

test('closing, reopening, removing', async () => {
  const id = (await owner.department.create({ parent_id: at.west, kind: 'region', name: '川北' })).id
  const shop = (await owner.department.create({ parent_id: id, kind: 'store', name: '绵阳店' })).id
  const zoe = await hire(server, owner, { login: 'zoe', department: shop, roles: ['staff'] })
  assert.equal((await owner.department.get({ id: shop })).staff, 1)
  const wrong = [409, 'wrong_state', null]
  assert.deepEqual(brief(await problem(owner.department.close({ id: shop }))), wrong, 'people work there')
  await owner.staff.change({ id: zoe.id, department_id: at.chengdu })
  assert.deepEqual(brief(await problem(owner.department.close({ id }))), wrong, 'a store is open below')
  assert.equal((await owner.department.close({ id: shop })).closed, true)
  assert.deepEqual(brief(await problem(owner.department.close({ id: shop }))), wrong)
  await owner.department.close({ id })
  assert.deepEqual((await all(owner.department.list, { closed: true })).map((d) => d.id), [id, shop])

  // A closed one takes nobody and nothing.
  assert.deepEqual(brief(await problem(owner.department.reopen({ id: shop }))), wrong, 'what is above is closed')
  assert.deepEqual(brief(await problem(owner.department.create({ parent_id: id, kind: 'store', name: 'x' }))), [409, 'wrong_state', 'parent_id'])
  assert.deepEqual(brief(await problem(owner.department.move({ id: at.shanghai, parent_id: id }))), [409, 'wrong_state', 'parent_id'])
  assert.deepEqual(brief(await problem(owner.staff.change({ id: zoe.id, department_id: shop }))), [409, 'wrong_state', 'department_id'])
  assert.deepEqual(brief(await problem(owner.staff.change({ id: zoe.id, other_department_ids: [shop] }))), [409, 'wrong_state', 'other_department_ids'])
  await owner.department.reopen({ id })
  assert.equal((await owner.department.reopen({ id: shop })).closed, false)
  assert.deepEqual(brief(await problem(owner.department.reopen({ id: shop }))), wrong)
  assert.deepEqual(brief(await problem(owner.department.close({ id: at.root }))), wrong)

  assert.deepEqual(brief(await problem(owner.department.delete({ id }))), [409, 'in_use', null])
  assert.deepEqual(brief(await problem(owner.department.delete({ id: at.root }))), [409, 'in_use', null])
  const role = await owner.role.create({ name: '绵阳', scope: 'chosen', department_ids: [shop], permissions: [] })
  assert.deepEqual(brief(await problem(owner.department.delete({ id: shop }))), [409, 'in_use', null], 'a role names it')
  await owner.role.delete({ id: role.id })
  await owner.department.delete({ id: shop })
  await owner.department.delete({ id })
})

test('what another module refers to can only be closed', async () => {
  const id = (await owner.department.create({ parent_id: at.west, kind: 'store', name: '宜宾店' })).id
  // A tag group may belong to a department (0003_tag.sql), which no route sets: the row is made beside the API.
  ask(server, `INSERT INTO tag_group (name, color, single, created_at, department_id) VALUES ('x', '#000000', ${server.db.length ? 'FALSE' : '0'}, 1, ${id})`)
  assert.deepEqual(brief(await problem(owner.department.delete({ id }))), [409, 'wrong_state', null])
  assert.equal((await owner.department.close({ id })).closed, true)
})

test('who may see the tree, and who may touch what', async () => {
  const clerk = await hire(server, owner, { login: 'clerk', department: at.shanghai, roles: ['staff'] })
  assert.equal((await problem(clerk.department.list())).code, 'forbidden')
  const role = await owner.role.create({ name: '区域行政', scope: 'below', permissions: ['org.read', 'org.write'] })
  const admin = await hire(server, owner, { login: 'admin', department: at.east, roles: [role.id] })
  assert.ok((await all(admin.department.list)).length >= 7, 'the whole tree is visible')

  const made = await admin.department.create({ parent_id: at.east, kind: 'store', name: '宁波店' })
  assert.equal(made.in_scope, true)
  await admin.department.move({ id: made.id, parent_id: at.east })
  const exceeds = (field) => [403, 'exceeds', field]
  assert.deepEqual(brief(await problem(admin.department.create({ parent_id: at.west, kind: 'store', name: 'x' }))), exceeds('parent_id'))
  assert.deepEqual(brief(await problem(admin.department.change({ id: at.west, name: 'x' }))), exceeds(null))
  assert.deepEqual(brief(await problem(admin.department.move({ id: at.chengdu, parent_id: at.east }))), exceeds(null), 'drawing a store into one\'s own region')
  assert.deepEqual(brief(await problem(admin.department.move({ id: made.id, parent_id: at.west }))), exceeds('parent_id'))
  assert.deepEqual(brief(await problem(admin.department.close({ id: at.chengdu }))), exceeds(null))
  assert.deepEqual(brief(await problem(admin.department.delete({ id: at.chengdu }))), exceeds(null))
  await admin.department.delete({ id: made.id })
})
