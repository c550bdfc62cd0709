import { test, before, beforeEach, after } from 'node:test'
import assert from 'node:assert/strict'
import { startServer, signIn, anonymous, local, problem, all, ask, setClock, NOW, PASSWORD } from '../lib/server.mjs'
import { plant, hire } from '../lib/staff.mjs'

let server, owner, at
let now = Date.parse(NOW)
const iso = (ms) => new Date(ms).toISOString().replace('.000Z', 'Z')
const pass = (ms) => setClock(server, iso((now += ms)))
const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR
before(async () => {
  server = await startServer()
  owner = await signIn(server)
  at = await plant(owner, { east: ['region', 'root'], west: ['region', 'root'], shanghai: ['store', 'east'] })
})
beforeEach(async () => (owner = await signIn(server)))
after(() => server.stop())

const refused = async (promise) => {
  const p = await problem(promise)
  return [p.status, p.code, p.field ?? null]
}
const bearer = (token) => anonymous(server, { authorization: `Bearer ${token}` })

test('a token: said once, of one\'s own permissions, revoked', async () => {
  const made = await owner.token.create({ name: '数据对接', permissions: ['tag.write', 'customer.read', 'tag.write'] })
  const { token, ...row } = made
  assert.match(token, /^hetang_[\w-]{43}$/)
  assert.deepEqual(row, {
    id: made.id, name: '数据对接', hint: token.slice(0, 11), permissions: ['customer.read', 'tag.write'], expires_at: null, seen_at: null, created_at: NOW,
  })
  assert.deepEqual(await all(owner.token.list), [row])
  assert.equal(ask(server, `SELECT count(*) FROM token WHERE token_hash = '${token}' OR hint = '${token}'`), '0')

  const machine = bearer(token)
  assert.deepEqual((await machine.account.me()).permissions, ['customer.read', 'tag.write'])
  assert.equal((await machine.account.me()).csrf, null)
  await machine.tagGroup.create({ name: 'by token' }) // without a page's token: nothing is sent by itself
  assert.deepEqual(await refused(machine.department.list()), [403, 'forbidden', null], 'its owner may, it may not')
  assert.deepEqual((await all(owner.token.list))[0].seen_at, NOW)

  await owner.token.revoke({ id: made.id })
  assert.deepEqual(await refused(machine.tag.list()), [401, 'bad_token', null])
  assert.deepEqual(await refused(owner.token.revoke({ id: made.id })), [404, 'not_found', null])
  for (const wrong of ['hetang_', token.slice(0, -1), `${token}x`, 'x'.repeat(5000)]) assert.deepEqual(await refused(bearer(wrong).tag.list()), [401, 'bad_token', null])
})

test('bad input names the field', async () => {
  const good = { name: 'x', permissions: ['customer.read'] }
  const cases = [
    [{ name: '' }, [422, 'required', 'name']],
    [{ permissions: [] }, [422, 'required', 'permissions']],
    [{ permissions: ['signed_in'] }, [422, 'invalid', 'permissions']],
    [{ permissions: ['no.such'] }, [422, 'invalid', 'permissions']],
    [{ expires_at: iso(now) }, [422, 'invalid', 'expires_at']],
    [{ expires_at: 'tomorrow' }, [422, 'wrong_type', 'expires_at']],
  ]
  for (const [input, expected] of cases) assert.deepEqual(await refused(owner.token.create({ ...good, ...input })), expected, JSON.stringify(input))
})

test('expiry and last use go by the clock', async () => {
  const made = await owner.token.create({ name: 'kurz', permissions: ['customer.read'], expires_at: iso(now + HOUR) })
  const machine = bearer(made.token)
  const seen = async () => (await all(owner.token.list)).find((t) => t.id === made.id).seen_at
  await machine.tag.list()
  assert.equal(await seen(), iso(now))
  const first = iso(now)
  await pass(MINUTE)
  await machine.tag.list()
  assert.equal(await seen(), first, 'within a minute it is not written again')
  await pass(SECOND)
  await machine.tag.list()
  assert.equal(await seen(), iso(now))
  const person = await owner.customer.create({ name: '林黛玉' })
  await pass(MINUTE + SECOND)
  await machine.customer.get({ id: person.id })
  assert.equal(await seen(), iso(now), 'by what is answered without a worker, too')
  await pass(HOUR - 2 * MINUTE - 3 * SECOND)
  await machine.tag.list()
  await pass(SECOND)
  assert.deepEqual(await refused(machine.tag.list()), [401, 'bad_token', null], 'over at that very moment')
  assert.equal((await all(owner.token.list)).find((t) => t.id === made.id).expires_at, iso(now), 'still listed')
})

test('a token may never more than its owner, and sees what they see', async () => {
  const made = await owner.role.create({ name: '对接', scope: 'below', permissions: ['org.read', 'token.write', 'customer.read', 'tag.write'] })
  const kit = await hire(server, owner, { login: 'kit', department: at.east, roles: [made.id] })
  assert.deepEqual(await refused(kit.token.create({ name: 'x', permissions: ['org.write'] })), [403, 'exceeds', 'permissions'])
  const { token } = await kit.token.create({ name: 'x', permissions: ['org.read', 'tag.write'] })
  const machine = bearer(token)
  const seen = async () => (await all(machine.department.list)).filter((d) => d.in_scope).map((d) => d.name).sort()
  assert.deepEqual(await seen(), ['east', 'shanghai'])
  await owner.department.move({ id: at.shanghai, parent_id: at.west })
  assert.deepEqual(await seen(), ['east'])
  await owner.department.move({ id: at.shanghai, parent_id: at.east })

  await owner.role.change({ id: made.id, permissions: ['org.read', 'token.write'] })
  assert.deepEqual((await machine.account.me()).permissions, ['org.read'])
  assert.deepEqual(await refused(machine.tagGroup.create({ name: 'no' })), [403, 'forbidden', null])
  await owner.role.change({ id: made.id, permissions: ['org.read', 'token.write', 'tag.write'] })
  assert.deepEqual((await machine.account.me()).permissions, ['tag.write', 'org.read'], 'what came back to the owner did to the token')

  await owner.staff.suspend({ id: kit.id })
  assert.deepEqual(await refused(machine.department.list()), [401, 'bad_token', null])
  await owner.staff.back({ id: kit.id })
  await machine.department.list()
  await owner.staff.leave({ id: kit.id })
  await owner.staff.back({ id: kit.id })
  assert.deepEqual(await refused(machine.department.list()), [401, 'bad_token', null], 'who left has none any more')
  await owner.staff.leave({ id: kit.id })
})

test('a token makes and changes no credentials', async () => {
  const keys = (await owner.role.matrix()).permissions.map((p) => p.key)
  const made = await owner.token.create({ name: 'alles', permissions: keys })
  const machine = bearer(made.token)
  const session = (await all(owner.session.list))[0].id
  const calls = {
    token: () => machine.token.create({ name: 'child', permissions: ['customer.read'] }),
    password: () => machine.account.changePassword({ old_password: PASSWORD, new_password: 'something quite else' }),
    enrol: () => machine.account.totpEnrol(),
    confirm: () => machine.account.totpConfirm({ code: '123456' }),
    disable: () => machine.account.totpDisable({ password: PASSWORD }),
    session: () => machine.session.end({ id: session }),
    sessions: () => machine.session.endOthers(),
  }
  for (const [what, call] of Object.entries(calls)) assert.deepEqual(await refused(call()), [403, 'person_only', null], what)
  assert.deepEqual(await refused(local(server).token.create({ name: 'x', permissions: ['customer.read'] })), [403, 'person_only', null])
  await machine.token.revoke({ id: made.id }) // itself, it may
  assert.deepEqual(await refused(machine.tag.list()), [401, 'bad_token', null])
})

test('no more than fifty', async () => {
  const before = (await all(owner.token.list)).length
  for (let i = before; i < 50; i++) await owner.token.create({ name: `n${i}`, permissions: ['customer.read'] })
  assert.deepEqual(await refused(owner.token.create({ name: 'one more', permissions: ['customer.read'] })), [422, 'too_many', null])
  for (const t of await all(owner.token.list)) await owner.token.revoke({ id: t.id })
})

test('sessions: listed with what the browser calls itself, ended one by one or all', async () => {
  const kim = await hire(server, owner, { login: 'kim', department: at.shanghai, roles: ['staff'] }, { headers: { 'user-agent': 'Caf\u00e9' } })
  await pass(MINUTE)
  const phone = await signIn(server, 'kim', PASSWORD, { headers: { 'user-agent': 'Telephone' } })
  const tablet = await signIn(server, 'kim', PASSWORD, { headers: { 'user-agent': 'x'.repeat(400) } })
  const sessions = await all(phone.session.list)
  assert.deepEqual(sessions.map((s) => [s.agent, s.current, s.ip]), [['x'.repeat(300), false, '127.0.0.1'], ['Telephone', true, '127.0.0.1'], [null, false, '127.0.0.1']], 'what is not UTF-8 is left out')
  assert.deepEqual([sessions[1].created_at, sessions[1].seen_at, sessions[1].expires_at], [iso(now), iso(now), iso(now + 12 * HOUR)])

  await phone.session.end({ id: sessions[2].id })
  assert.deepEqual(await refused(kim.account.me()), [401, 'not_signed_in', null])
  assert.deepEqual(await refused(phone.session.end({ id: sessions[2].id })), [404, 'not_found', null])
  const theirs = (await all(owner.session.list))[0].id
  assert.deepEqual(await refused(phone.session.end({ id: theirs })), [404, 'not_found', null], 'of somebody else')
  await phone.session.endOthers()
  assert.deepEqual(await refused(tablet.account.me()), [401, 'not_signed_in', null])
  assert.equal((await all(phone.session.list)).length, 1)

  const desk = await signIn(server, 'kim')
  await desk.account.changePassword({ old_password: PASSWORD, new_password: 'a newer and longer one' })
  assert.deepEqual(await refused(phone.account.me()), [401, 'not_signed_in', null], 'a new password ends the others')
  assert.equal((await desk.account.me()).login, 'kim')
  await desk.session.end({ id: (await all(desk.session.list))[0].id })
  assert.deepEqual(await refused(desk.account.me()), [401, 'not_signed_in', null], 'one may end the one in use')
})

test('the office sees and ends sessions and tokens of those it manages', async () => {
  const lee = await hire(server, owner, { login: 'lee', department: at.shanghai, roles: ['owner'] })
  const made = await lee.token.create({ name: 'verloren', permissions: ['customer.read'] })
  const second = await signIn(server, 'lee')
  const staff_id = lee.id
  const listed = await all(owner.staffSession.list, { staff_id })
  assert.deepEqual(listed.map((s) => s.current), [false, false])
  await owner.staffSession.end({ staff_id, id: listed.at(-1).id })
  assert.deepEqual(await refused(owner.staffSession.end({ staff_id, id: listed.at(-1).id })), [404, 'not_found', null])
  const own = (await all(owner.session.list))[0].id
  assert.deepEqual(await refused(owner.staffSession.end({ staff_id, id: own })), [404, 'not_found', null], 'a session of somebody else')
  assert.equal((await all(owner.staffSession.list, { staff_id })).length, 1)
  await owner.staffSession.endAll({ staff_id })
  for (const client of [lee, second]) assert.deepEqual(await refused(client.account.me()), [401, 'not_signed_in', null])

  const { token, ...row } = made
  assert.deepEqual(await all(owner.staffToken.list, { staff_id }), [row])
  const other = await owner.token.create({ name: 'mine', permissions: ['customer.read'] })
  assert.deepEqual(await refused(owner.staffToken.revoke({ staff_id, id: other.id })), [404, 'not_found', null])
  await owner.staffToken.revoke({ staff_id, id: made.id })
  assert.deepEqual(await refused(bearer(token).tag.list()), [401, 'bad_token', null])
  assert.deepEqual(await refused(owner.staffToken.list({ staff_id: 99999 })), [404, 'not_found', null])
  await owner.staff.leave({ id: staff_id })
})

test('a member has at most fifty sessions; the one longest unused goes first', async () => {
  const max = await hire(server, owner, { login: 'max', department: at.shanghai })
  await pass(MINUTE * 2)
  await max.account.me() // in use
  const idle = await signIn(server, 'max')
  await pass(MINUTE * 2)
  await max.account.me()
  for (let i = 0; i < 49; i++) await signIn(server, 'max')
  assert.equal((await all(max.session.list)).length, 50)
  assert.deepEqual(await refused(idle.account.me()), [401, 'not_signed_in', null])
  await pass(DAY)
})
