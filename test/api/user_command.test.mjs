import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import path from 'node:path'
import { startServer, signIn, problem, hetang, tempFolder, ask, PASSWORD } from '../lib/server.mjs'

let server, owner
before(async () => {
  server = await startServer()
  owner = await signIn(server)
})
after(() => server.stop())

const user = (...args) => hetang(['user', ...args, '--data', server.data, ...server.db])
const json = (...args) => JSON.parse(user(...args, '--json').out)

test('beside a running server: listed, added, given a new password', async () => {
  const at = await owner.department.create({ parent_id: 1, kind: 'store', name: '人民广场店', code: 'RMGC' })
  const r = user('add', 'Night.Desk', '--role', 'store', '--name', '夜班', '--department', 'RMGC')
  const said = /^Night\.Desk signs in with the password ([a-z]{8}-[a-z]{8}\d\d) and then chooses another\.\n$/.exec(r.out)
  assert.ok(said && r.code === 0, r.out + r.err)
  const night = await signIn(server, 'night.desk', said[1])
  assert.deepEqual([night.me.name, night.me.department_id, night.me.password_change], ['夜班', at.id, true])
  await night.account.changePassword({ old_password: said[1], new_password: PASSWORD })

  assert.deepEqual(user('list').out.trim().split('\n').map((l) => l.split('\t').slice(0, 5)), [
    ['owner', 'active', '所有者', '总部', '所有者'], ['night.desk', 'active', '夜班', '人民广场店', '店长'],
  ])
  assert.deepEqual(json('list').map((s) => [s.login, s.department_id]), [['owner', 1], ['night.desk', at.id]])

  const { id } = await owner.customer.create({ name: '常客', department_id: at.id })
  const many = (n) => Promise.all(Array.from({ length: n }, () => night.customer.get({ id }).then((c) => c.name, (e) => e.status)))
  assert.deepEqual(await many(64), Array(64).fill('常客'))
  assert.deepEqual(json('password', 'night.desk', '--password', 'told on the telephone'), { login: 'night.desk', password: 'told on the telephone' })
  assert.deepEqual(await many(64), Array(64).fill(401), 'its sessions have ended, though it was another process that ended them')
  assert.equal((await signIn(server, 'night.desk', 'told on the telephone')).me.password_change, true)
  assert.equal(ask(server, "SELECT count(*) FROM audit WHERE action IN ('user.add', 'user.password')"), '2')
})

test('unlock lets somebody in again', async () => {
  for (let i = 0; i < 5; i++) assert.equal((await problem(signIn(server, 'owner', 'guessing and guessing'))).status, 401)
  assert.equal((await problem(signIn(server, 'owner'))).code, 'slow_down')
  const r = user('unlock', 'owner')
  assert.deepEqual([r.code, r.out], [0, 'owner may try again.\n'])
  await signIn(server)
  // Also of the one-time code, for who has lost the telephone.
  await owner.account.totpEnrol()
  ask(server, `UPDATE staff SET totp_on = ${server.db.length ? 'TRUE' : '1'} WHERE login = 'owner'`)
  assert.equal((await problem(signIn(server))).code, 'code_required')
  user('unlock', 'owner')
  assert.equal((await problem(signIn(server))).code, 'code_required')
  assert.equal(user('unlock', 'owner', '--no-code').code, 0)
  await signIn(server)
})

test('what is wrong is said, and nothing is done', () => {
  const cases = [
    [['add', 'x1'], 2, /--role is needed/],
    [['add', 'x1', '--role', 'king'], 1, /no such role: owner/],
    [['add', 'owner', '--role', 'staff'], 1, /“owner” is already in use/],
    [['add', 'x 1', '--role', 'staff'], 1, /2 to 60 letters/],
    [['add', 'x1', '--role', 'staff', '--department', 'NOWHERE'], 1, /no department has that code/],
    [['add', 'x1', '--role', 'staff', '--password', 'short'], 1, /at least 10 characters/],
    [['password', 'nobody'], 1, /no such user/],
    [['unlock', 'nobody'], 1, /no such user/],
    [['unlock'], 2, /which user/],
    [['list', 'owner'], 2, /takes no user/],
    [['dance'], 2, /list, add, password or unlock/],
    [[], 2, /needs/],
  ]
  for (const [args, code, text] of cases) {
    const r = user(...args)
    assert.equal(r.code, code, `${args}: ${r.err}`)
    assert.match(r.err, text)
    assert.equal(r.out, '')
  }
  assert.deepEqual(json('list').map((s) => s.login), ['owner', 'night.desk'])
})

test('without an instance it makes none', () => {
  const folder = path.join(tempFolder(), 'nothing')
  const r = hetang(['user', 'list', '--data', folder])
  assert.equal(r.code, 1)
  assert.match(r.err, /there is no instance/)
})

test('without a server, too', async () => {
  await server.stop()
  assert.equal(user('password', 'night.desk', '--password', 'while it was closed').code, 0)
  server = await startServer({ data: server.data, db: server.db })
  assert.equal((await signIn(server, 'night.desk', 'while it was closed')).me.login, 'night.desk')
})
