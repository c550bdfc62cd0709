import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { startServer, signIn, anonymous, local, problem, all, ask, NOW, PASSWORD } from '../lib/server.mjs'
import { plant, hire, rolesByKey } from '../lib/staff.mjs'

let server, owner, at, role
before(async () => {
  server = await startServer()
  owner = await signIn(server)
  at = await plant(owner, {
    east: ['region', 'root'], west: ['region', 'root'], shanghai: ['store', 'east'], hangzhou: ['store', 'east'], chengdu: ['store', 'west'],
  })
  role = await rolesByKey(owner)
})
after(() => server.stop())

const brief = (p) => [p.status, p.code, p.field ?? null]
const refused = async (promise) => brief(await problem(promise))

test('a member: added with a made-up password that must be changed', async () => {
  const made = await owner.staff.create({
    login: ' Lin.Mei ', name: '林梅', mobile: '+86 138-1234-5678', department_id: at.shanghai, other_department_ids: [at.hangzhou], role_ids: [role.staff],
  })
  const { first_password, ...member } = made
  assert.deepEqual(member, {
    id: made.id, login: 'lin.mei', name: '林梅', mobile: '138****5678', state: 'active', department_id: at.shanghai, department_name: 'shanghai',
    other_department_ids: [at.hangzhou], role_ids: [role.staff], totp: false, password_change: true, signed_in_at: null, created_at: NOW, version: 1,
  })
  assert.match(first_password, /^[a-z]{8}-[a-z]{8}\d\d$/)
  assert.deepEqual(await owner.staff.get({ id: made.id }), member, 'the password is said once')

  const lin = await signIn(server, 'LIN.MEI', first_password)
  assert.equal(lin.me.password_change, true)
  assert.deepEqual([lin.me.login, lin.me.department_name, lin.me.staff_id], ['lin.mei', 'shanghai', made.id])
  assert.deepEqual(await refused(lin.tag.list()), [403, 'password_change', null])
  assert.deepEqual(await refused(lin.session.list()), [403, 'password_change', null])
  assert.equal((await lin.account.me()).password_change, true)
  assert.deepEqual(await refused(lin.account.changePassword({ old_password: first_password, new_password: first_password })), [422, 'bad_password', 'new_password'])
  assert.deepEqual(await refused(lin.account.changePassword({ old_password: first_password, new_password: 'my lin.mei word' })), [422, 'bad_password', 'new_password'])
  assert.deepEqual(await refused(lin.account.changePassword({ old_password: 'not it at all', new_password: PASSWORD })), [422, 'invalid', 'old_password'])
  await lin.account.changePassword({ old_password: first_password, new_password: PASSWORD })
  await lin.tag.list()
  assert.equal((await owner.staff.get({ id: made.id })).password_change, false)
  assert.equal((await owner.staff.get({ id: made.id })).signed_in_at, NOW)
})

test('a mobile number is nowhere in the clear', async () => {
  const made = await owner.staff.create({ login: 'phone', name: '阿芳', mobile: '13912349876', department_id: at.shanghai })
  await owner.staff.change({ id: made.id, mobile: '13700001111' })
  assert.equal((await owner.staff.get({ id: made.id })).mobile, '137****1111')
  assert.equal((await owner.staff.change({ id: made.id, mobile: null })).mobile, null)
  for (const digits of ['13912349876', '13700001111', '13812345678'])
    assert.equal(ask(server, `SELECT count(*) FROM audit_detail WHERE before LIKE '%${digits}%' OR after LIKE '%${digits}%'`), '0', digits)
  for (const [mobile, ok] of [['12', false], ['abc13912349876', false], ['021 5555 1234', true], ['+44 20 7946 0000', true]]) {
    const call = owner.staff.change({ id: made.id, mobile })
    if (ok) await call
    else assert.deepEqual(await refused(call), [422, 'invalid', 'mobile'], mobile)
  }
  assert.equal((await owner.staff.get({ id: made.id })).mobile, '+44****0000')
})

test('bad input names the field', async () => {
  const good = { login: 'somebody', name: '某人', department_id: at.shanghai }
  const cases = [
    [{ login: '' }, [422, 'required', 'login']],
    [{ login: 'a' }, [422, 'invalid', 'login']],
    [{ login: '张三' }, [422, 'invalid', 'login']],
    [{ login: 'with space' }, [422, 'invalid', 'login']],
    [{ login: 'OWNER' }, [409, 'taken', 'login']],
    [{ name: ' ' }, [422, 'required', 'name']],
    [{ password: 'short' }, [422, 'bad_password', 'password']],
    [{ password: 'somebody2026' }, [422, 'bad_password', 'password']],
    [{ department_id: 99999 }, [404, 'not_found', 'department_id']],
    [{ other_department_ids: [99999] }, [404, 'not_found', 'other_department_ids']],
    [{ other_department_ids: 'x' }, [422, 'wrong_type', 'other_department_ids']],
    [{ role_ids: [99999] }, [404, 'not_found', 'role_ids']],
    [{ role_ids: Array(21).fill(1) }, [422, 'too_many', 'role_ids']],
    [{ department_id: undefined }, [422, 'required', 'department_id']],
  ]
  for (const [input, expected] of cases) assert.deepEqual(await refused(owner.staff.create({ ...good, ...input })), expected, JSON.stringify(input))
  assert.equal((await all(owner.staff.list, { text: 'somebody' })).length, 0, 'nothing was written')
})

test('the list: by department and below, role, state, text, in pages', async () => {
  const names = async (input) => (await all(owner.staff.list, input)).map((s) => s.login).sort()
  await hire(server, owner, { login: 'west.a', department: at.chengdu, roles: ['store'] })
  await hire(server, owner, { login: 'west.b', department: at.root, others: [at.west], roles: ['staff'] })
  assert.deepEqual(await names({ department_id: at.west }), ['west.a', 'west.b'], 'also who belongs there besides')
  assert.deepEqual(await names({ department_id: at.chengdu }), ['west.a'])
  assert.deepEqual(await names({ role_id: role.store }), ['west.a'])
  assert.deepEqual(await names({ text: 'WEST.' }), ['west.a', 'west.b'])
  assert.deepEqual(await names({ text: 'west_a' }), [], 'no wildcards')
  assert.deepEqual(await names({ text: '林' }), ['lin.mei'])
  assert.deepEqual(await names({ state: 'left' }), [])
  assert.ok((await names({ state: 'active' })).includes('west.a'))
  const pages = []
  for (let cursor; ; ) {
    const page = await owner.staff.list({ limit: 2, cursor })
    pages.push(...page.items.map((s) => s.login))
    if (!(cursor = page.next)) break
  }
  assert.deepEqual([...pages].sort(), await names())
  assert.equal(new Set(pages).size, pages.length)
  assert.deepEqual(await refused(owner.staff.list({ department_id: 99999 })), [404, 'not_found', 'department_id'])
  assert.deepEqual(await refused(owner.staff.list({ state: 'gone' })), [422, 'bad_choice', 'state'])
})

test('a change: only what came, only from the version seen; rights follow at once', async () => {
  const kim = await hire(server, owner, { login: 'kim', department: at.shanghai, roles: ['staff'] })
  assert.deepEqual(await refused(kim.department.list()), [403, 'forbidden', null])
  const version = (await owner.staff.get({ id: kim.id })).version
  const changed = await owner.staff.change({ id: kim.id, name: '金', role_ids: [role.staff, role.store] }, { version })
  assert.deepEqual([changed.name, changed.login, changed.department_id, changed.role_ids], ['金', 'kim', at.shanghai, [role.store, role.staff].sort()])
  await kim.department.list()
  assert.deepEqual(await refused(owner.staff.change({ id: kim.id, name: 'x' }, { version })), [412, 'version_changed', null])
  assert.deepEqual(await refused(owner.staff.change({ id: kim.id, login: 'owner' })), [409, 'taken', 'login'])
  await owner.staff.change({ id: kim.id, login: 'Kim.2' })
  assert.deepEqual(await refused(signIn(server, 'kim')), [401, 'bad_credentials', null])
  await signIn(server, 'kim.2')
  await owner.staff.change({ id: kim.id, department_id: at.chengdu, other_department_ids: [at.chengdu, at.hangzhou] })
  assert.deepEqual((await owner.staff.get({ id: kim.id })).other_department_ids, [at.hangzhou], 'the primary one is no further one')
  await owner.staff.change({ id: kim.id, role_ids: [] })
  assert.deepEqual(await refused(kim.tag.list()), [403, 'forbidden', null])
})

test('suspend, leave, back: sessions end, tokens end with who leaves', async () => {
  const dan = await hire(server, owner, { login: 'dan', department: at.shanghai, roles: ['staff'] })
  const id = dan.id
  const facts = (name) => Number(ask(server, `SELECT count(*) FROM event e JOIN event_type t ON t.id = e.type_id WHERE t.name = '${name}' AND e.customer_id IS NULL`))
  const [joined, left] = [facts('staff.joined'), facts('staff.left')]
  assert.ok(joined > 0)

  assert.equal((await owner.staff.suspend({ id })).state, 'suspended')
  assert.deepEqual(await refused(dan.account.me()), [401, 'not_signed_in', null])
  assert.deepEqual(await refused(signIn(server, 'dan')), [401, 'bad_credentials', null])
  assert.deepEqual(await refused(owner.staff.suspend({ id })), [409, 'wrong_state', null])
  assert.equal((await owner.staff.back({ id })).state, 'active')
  assert.deepEqual(await refused(owner.staff.back({ id })), [409, 'wrong_state', null])
  assert.deepEqual(await refused(dan.account.me()), [401, 'not_signed_in', null], 'a session that ended stays so')
  await signIn(server, 'dan')
  assert.deepEqual([facts('staff.joined'), facts('staff.left')], [joined, left])

  assert.equal((await owner.staff.leave({ id })).state, 'left')
  assert.equal(facts('staff.left'), left + 1)
  assert.deepEqual(await refused(owner.staff.leave({ id })), [409, 'wrong_state', null])
  assert.deepEqual(await refused(owner.staff.suspend({ id })), [409, 'wrong_state', null])
  const back = await owner.staff.back({ id })
  assert.deepEqual([back.state, back.password_change], ['active', true], 'who comes back chooses a new password')
  assert.equal(facts('staff.joined'), joined + 1)
  assert.equal((await signIn(server, 'dan')).me.password_change, true)

  await owner.staff.leave({ id })
  await owner.department.close({ id: at.shanghai }).catch(() => {}) // others work there; the next store is empty
  const empty = await owner.department.create({ parent_id: at.east, kind: 'store', name: '空店' })
  const eve = await hire(server, owner, { login: 'eve', department: empty.id })
  await owner.staff.leave({ id: eve.id })
  await owner.department.close({ id: empty.id })
  assert.deepEqual(await refused(owner.staff.back({ id: eve.id })), [409, 'wrong_state', 'department_id'])
  await owner.staff.change({ id: eve.id, department_id: at.shanghai })
  assert.equal((await owner.staff.back({ id: eve.id })).state, 'active')
})

test('while a crowd reads, whatever was answered is seen by the next read', async () => {
  const gil = await hire(server, owner, { login: 'gil', department: at.shanghai, roles: ['staff'] })
  const { id } = await owner.customer.create({ name: '0', department_id: at.shanghai, staff_id: gil.id })
  let over = false
  const crowd = Array.from({ length: 24 }, async () => {
    while (!over) await owner.customer.get({ id })
  })
  for (let i = 1; i <= 100; i++) {
    await owner.customer.change({ id, name: String(i) })
    const seen = await Promise.all(Array.from({ length: 4 }, () => gil.customer.get({ id })))
    assert.deepEqual(seen.map((c) => c.name), Array(4).fill(String(i)))
  }
  await owner.staff.suspend({ id: gil.id })
  const after = await Promise.all(Array.from({ length: 8 }, () => refused(gil.customer.get({ id }))))
  assert.deepEqual(after, Array(8).fill([401, 'not_signed_in', null]))
  await owner.staff.back({ id: gil.id })
  assert.deepEqual(await refused(gil.customer.get({ id })), [401, 'not_signed_in', null])
  over = true
  await Promise.all(crowd)
})

test('a new first password lets in again, and only so', async () => {
  const fay = await hire(server, owner, { login: 'fay', department: at.shanghai, roles: ['staff'] })
  assert.deepEqual(await refused(owner.staff.resetPassword({ id: fay.id, password: 'fay' })), [422, 'bad_password', 'password'])
  assert.deepEqual(await refused(owner.staff.resetPassword({ id: fay.id, password: 'password123' })), [422, 'bad_password', 'password'])
  const { first_password } = await owner.staff.resetPassword({ id: fay.id })
  assert.deepEqual(await refused(fay.account.me()), [401, 'not_signed_in', null])
  assert.deepEqual(await refused(signIn(server, 'fay')), [401, 'bad_credentials', null])
  assert.equal((await signIn(server, 'fay', first_password)).me.password_change, true)
  assert.equal((await owner.staff.resetPassword({ id: fay.id, password: 'given by the office' })).first_password, 'given by the office')
  await signIn(server, 'fay', 'given by the office')
  // The same request again is the same answer, not another password.
  const once = await owner.staff.resetPassword({ id: fay.id }, { key: 'reset-fay' })
  const twice = await owner.staff.resetPassword({ id: fay.id }, { key: 'reset-fay' })
  assert.equal(once.first_password, twice.first_password)
  await signIn(server, 'fay', once.first_password)
  assert.equal(ask(server, "SELECT count(*) FROM audit_detail WHERE after LIKE '%given by%'"), '0')
})

test('nobody keeps themselves out, and the last owner stays', async () => {
  const me = owner.me.staff_id
  const wrong = [409, 'wrong_state', null]
  for (const action of ['suspend', 'leave', 'resetPassword', 'totpOff']) assert.deepEqual(await refused(owner.staff[action]({ id: me })), wrong, action)
  assert.deepEqual(await refused(owner.staff.change({ id: me, role_ids: [role.operations] })), wrong)
  const machine = local(server) // whoever owns the machine keeps to it, too
  assert.deepEqual(await refused(machine.staff.suspend({ id: me })), wrong)
  assert.deepEqual(await refused(machine.staff.leave({ id: me })), wrong)
  assert.deepEqual(await refused(machine.staff.change({ id: me, role_ids: [] })), wrong)
  assert.deepEqual((await owner.staff.get({ id: me })).role_ids, [role.owner], 'nothing was kept of what was refused')
  assert.match((await problem(machine.staff.suspend({ id: me }))).title, /最后一位在职的所有者/)

  const second = await hire(server, owner, { login: 'second', department: at.root, roles: ['owner'] })
  await second.staff.suspend({ id: me })
  assert.deepEqual(await refused(owner.account.me()), [401, 'not_signed_in', null])
  assert.deepEqual(await refused(machine.staff.leave({ id: second.id })), wrong, 'a suspended owner is none')
  await second.staff.back({ id: me })
  owner = await signIn(server)
  await owner.staff.leave({ id: second.id })
})

test('two owners who put each other out at once: one remains', async () => {
  const third = await hire(server, owner, { login: 'third', department: at.root, roles: ['owner'] })
  const results = await Promise.allSettled([owner.staff.suspend({ id: third.id }), third.staff.suspend({ id: owner.me.staff_id })])
  assert.equal(ask(server, `SELECT count(*) FROM staff s JOIN staff_role sr ON sr.staff_id = s.id WHERE sr.role_id = ${role.owner} AND s.state = 'active'`), '1')
  assert.ok(results.filter((r) => r.status === 'fulfilled').length <= 1)
  const rest = (await owner.account.me().then(() => true, () => false)) ? owner : third
  await rest.staff.back({ id: rest === owner ? third.id : owner.me.staff_id })
  owner = await signIn(server)
})

// Whoever manages one region, with every right but those of the owner.
async function regionalAdmin() {
  const keys = ['org.read', 'org.write', 'role.write', 'token.write', 'customer.read', 'tag.assign']
  const made = await owner.role.create({ name: '区域行政', scope: 'below', permissions: keys })
  return hire(server, owner, { login: 'regional', department: at.east, roles: [made.id] })
}

test('nobody gives what they do not have, or touches who has more', async () => {
  const admin = await regionalAdmin()
  const own = (await owner.staff.get({ id: admin.id })).role_ids[0]
  const clerk = await admin.staff.create({ login: 'clerk', name: '小周', department_id: at.shanghai, role_ids: [] })
  const mighty = await hire(server, owner, { login: 'mighty', department: at.shanghai, roles: ['operations'] })
  const wide = await owner.role.create({ name: '全部可见', scope: 'all', permissions: ['customer.read'] })
  const chosen = await owner.role.create({ name: '指定西区', scope: 'chosen', department_ids: [at.west], permissions: ['customer.read'] })
  const near = await owner.role.create({ name: '指定杭州', scope: 'chosen', department_ids: [at.hangzhou], permissions: ['customer.read'] })
  const far = await hire(server, owner, { login: 'far', department: at.chengdu, roles: ['staff'] })
  const exceeds = (field) => [403, 'exceeds', field]

  const refusals = [
    ['a permission one lacks', () => admin.staff.change({ id: clerk.id, role_ids: [role.staff] }), exceeds('role_ids')],
    ['the owner role', () => admin.staff.change({ id: clerk.id, role_ids: [role.owner] }), exceeds('role_ids')],
    ['a scope of everything', () => admin.staff.change({ id: clerk.id, role_ids: [wide.id] }), exceeds('role_ids')],
    ['a chosen scope elsewhere', () => admin.staff.change({ id: clerk.id, role_ids: [chosen.id] }), exceeds('role_ids')],
    ['a place elsewhere', () => admin.staff.change({ id: clerk.id, department_id: at.chengdu }), exceeds('department_id')],
    ['a further place elsewhere', () => admin.staff.change({ id: clerk.id, other_department_ids: [at.west] }), exceeds('other_department_ids')],
    ['the same for somebody new', () => admin.staff.create({ login: 'n1', name: 'n', department_id: at.shanghai, role_ids: [role.owner] }), exceeds('role_ids')],
    ['somebody new elsewhere', () => admin.staff.create({ login: 'n2', name: 'n', department_id: at.chengdu }), exceeds('department_id')],
    ['the name of who has more', () => admin.staff.change({ id: mighty.id, name: 'x' }), exceeds(null)],
    ['their password', () => admin.staff.resetPassword({ id: mighty.id }), exceeds(null)],
    ['their one-time code', () => admin.staff.totpOff({ id: mighty.id }), exceeds(null)],
    ['their state', () => admin.staff.suspend({ id: mighty.id }), exceeds(null)],
    ['their sessions', () => admin.staffSession.endAll({ staff_id: mighty.id }), exceeds(null)],
    ['their tokens', () => admin.staffToken.list({ staff_id: mighty.id }), exceeds(null)],
    ['who is elsewhere is not there', () => admin.staff.change({ id: far.id, name: 'x' }), [404, 'not_found', null]],
    ['nor is the owner', () => admin.staff.resetPassword({ id: owner.me.staff_id }), [404, 'not_found', null]],
    ['one\'s own roles', () => admin.staff.change({ id: admin.id, role_ids: [own, near.id] }), exceeds('role_ids')],
    ['one\'s own place', () => admin.staff.change({ id: admin.id, department_id: at.shanghai }), exceeds('department_id')],
    ['a role with a permission one lacks', () => admin.role.create({ name: 'r1', scope: 'self', permissions: ['audit.read'] }), exceeds('permissions')],
    ['a role that sees everything', () => admin.role.create({ name: 'r2', scope: 'all', permissions: [] }), exceeds('permissions')],
    ['a role that sees elsewhere', () => admin.role.create({ name: 'r3', scope: 'chosen', department_ids: [at.west], permissions: [] }), exceeds('permissions')],
    ['one\'s own role', () => admin.role.change({ id: own, permissions: ['org.read'] }), exceeds(null)],
    ['a role that has more', () => admin.role.change({ id: role.operations, name: 'x' }), exceeds(null)],
    ['a token with more', () => admin.token.create({ name: 't', permissions: ['audit.read'] }), exceeds('permissions')],
  ]
  for (const [what, attempt, expected] of refusals) assert.deepEqual(await refused(attempt()), expected, what)
  assert.equal((await all(owner.role.list)).filter((r) => /^r\d$/.test(r.name)).length, 0, 'what was refused was not kept')
  assert.deepEqual((await owner.staff.get({ id: clerk.id })).role_ids, [])

  // What is within one's own may be given.
  const helper = await admin.role.create({ name: '店务', scope: 'department', permissions: ['customer.read', 'org.read'] })
  await admin.staff.change({ id: clerk.id, role_ids: [helper.id, near.id], other_department_ids: [at.hangzhou] })
  // Widened to what its members must not see, a role is refused as a whole.
  const outside = await owner.staff.create({ login: 'outside', name: 'o', department_id: at.chengdu, role_ids: [helper.id] })
  assert.deepEqual(await refused(admin.role.change({ id: helper.id, scope: 'below' })), exceeds(null), 'it has a member elsewhere')
  await owner.staff.change({ id: outside.id, role_ids: [] })
  assert.equal((await admin.role.change({ id: helper.id, scope: 'below' })).scope, 'below')
  assert.deepEqual((await admin.staff.resetPassword({ id: clerk.id })).role_ids, [near.id, helper.id].sort((a, b) => a - b))
  await admin.staff.suspend({ id: clerk.id })
})

test('a person with every permission and scope, but not an owner, makes no owners', async () => {
  const keys = (await owner.role.matrix()).permissions.map((p) => p.key)
  const twin = await owner.role.create({ name: '全能', scope: 'all', permissions: keys })
  const deputy = await hire(server, owner, { login: 'deputy', department: at.root, roles: [twin.id] })
  const victim = await owner.staff.create({ login: 'victim', name: 'v', department_id: at.root })
  assert.deepEqual(await refused(deputy.staff.change({ id: victim.id, role_ids: [role.owner] })), [403, 'exceeds', 'role_ids'])
  assert.deepEqual(await refused(deputy.staff.resetPassword({ id: owner.me.staff_id })), [403, 'exceeds', null])
  assert.deepEqual(await refused(deputy.staff.suspend({ id: owner.me.staff_id })), [403, 'exceeds', null])
  await deputy.staff.change({ id: victim.id, role_ids: [twin.id] })
  await deputy.staff.change({ id: deputy.id, role_ids: [twin.id, role.staff] })
})

test('what one sees of colleagues is one\'s own scope', async () => {
  const boss = await hire(server, owner, { login: 'boss', department: at.hangzhou, roles: ['store'] })
  const mate = await hire(server, owner, { login: 'mate', department: at.chengdu, others: [at.hangzhou], roles: ['staff'] })
  const seen = (await all(boss.staff.list)).map((s) => s.login)
  assert.ok(seen.includes('boss') && seen.includes('mate'))
  assert.ok(!seen.includes('owner') && !seen.includes('west.a'))
  assert.equal((await boss.staff.get({ id: mate.id })).login, 'mate')
  assert.deepEqual(await refused(boss.staff.get({ id: owner.me.staff_id })), [404, 'not_found', null])
  assert.deepEqual(await refused(boss.staff.get({ id: 999999 })), [404, 'not_found', null])
  assert.deepEqual(await refused(boss.staff.create({ login: 'x1', name: 'x', department_id: at.hangzhou })), [403, 'forbidden', null])
  assert.deepEqual(await refused(anonymous(server).staff.list()), [401, 'not_signed_in', null])
  // With a scope of their own rows alone, somebody sees themselves.
  const solo = await owner.role.create({ name: '只看自己', scope: 'self', permissions: ['org.read'] })
  const hermit = await hire(server, owner, { login: 'hermit', department: at.hangzhou, roles: [solo.id] })
  assert.deepEqual((await all(hermit.staff.list)).map((s) => s.login), ['hermit'])
})

