import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { startServer, signIn, anonymous, problem, all, eventually, setClock, hetang, ask, NOW } from '../lib/server.mjs'
import { hire } from '../lib/staff.mjs'

let server, owner
before(async () => {
  server = await startServer({ args: ['--test-clock', NOW] })
  owner = await signIn(server)
})
after(() => server.stop())

const ms = Date.parse(NOW)
const clock = (hours) => setClock(server, new Date(ms + hours * 3600e3).toISOString())
const time = (hours) => new Date(ms + hours * 3600e3).toISOString()

test('who did what, when, from where, before and after', async () => {
  await clock(1)
  const group = await owner.tagGroup.create({ name: '渠道', sort: 1 })
  await clock(2)
  await owner.tagGroup.change({ id: group.id, name: '来源' })
  await clock(3)
  await owner.tagGroup.delete({ id: group.id })
  const customer = await owner.customer.create({ name: '韩梅梅' })
  await owner.customer.reveal({ id: customer.id })
  const rows = await all(owner.audit.list, { entity: 'tag_group', entity_id: group.id })
  assert.deepEqual(rows.map((r) => r.action), ['tag_group.delete', 'tag_group.change', 'tag_group.create'])
  const [, change] = rows
  assert.deepEqual([change.at, change.actor_kind, change.actor_id, change.actor_name, change.ip], [time(2).replace('.000', ''), 'staff', owner.me.staff_id, owner.me.name, '127.0.0.1'])
  assert.ok(change.request_id)
  const full = await owner.audit.get({ id: change.id })
  assert.deepEqual([full.before.name, full.after.name, full.blanked], ['渠道', '来源', false])
  assert.match(full.hash, /^[0-9a-f]{64}$/)
  assert.equal((await problem(owner.audit.get({ id: 9999999 }))).status, 404)
  // Looking at private data is one of them.
  const about = await all(owner.audit.list, { customer_id: customer.id })
  assert.ok(about.some((r) => r.action === 'customer.reveal'))
})

test('filters narrow, together too; pages meet', async () => {
  const everything = await all(owner.audit.list)
  assert.deepEqual(everything.map((r) => r.id), [...Array(everything.length).keys()].map((i) => everything.length - i))
  const cases = [
    [{ staff_id: owner.me.staff_id }, (r) => r.actor_id === owner.me.staff_id],
    [{ staff_id: 999 }, () => false],
    [{ action: 'tag_group.create' }, (r) => r.action === 'tag_group.create'],
    [{ entity: 'tag_group' }, (r) => r.entity === 'tag_group'],
    [{ ip: '127.0.0.1' }, (r) => r.ip === '127.0.0.1'],
    [{ ip: '10.0.0.1' }, () => false],
    [{ from_at: time(2) }, (r) => Date.parse(r.at) >= ms + 2 * 3600e3],
    [{ to_at: time(2) }, (r) => Date.parse(r.at) < ms + 2 * 3600e3],
    [{ from_at: time(1), to_at: time(3), entity: 'tag_group' }, (r) => r.entity === 'tag_group' && Date.parse(r.at) >= ms + 3600e3 && Date.parse(r.at) < ms + 3 * 3600e3],
    [{ from_at: time(99) }, () => false],
    [{ ip: '127.0.0.1', staff_id: owner.me.staff_id, action: 'tag_group.delete' }, (r) => r.action === 'tag_group.delete'],
  ]
  for (const [filter, keep] of cases)
    assert.deepEqual((await all(async (input) => owner.audit.list({ ...input, limit: 2 }), filter)).map((r) => r.id), everything.filter(keep).map((r) => r.id), JSON.stringify(filter))
  assert.ok(everything.filter(cases[8][1]).length === 2)
  assert.deepEqual((await problem(owner.audit.list({ entity_id: 1 }))).field, 'entity')
  const actions = (await owner.audit.actions()).items.map((a) => a.action)
  assert.deepEqual(actions, [...new Set(everything.map((r) => r.action))].sort())
  assert.equal((await problem(anonymous(server).audit.list())).status, 401)
})

test('an auditor sees it and has it verified; others do not', async () => {
  const auditor = await hire(server, owner, { login: 'auditor', department: 1, roles: ['auditor'] })
  const lead = await hire(server, owner, { login: 'lead', department: 1, roles: ['operations'] })
  assert.ok((await auditor.audit.list()).items.length > 0)
  await auditor.audit.verify()
  assert.equal((await auditor.audit.verification()).by_name, 'auditor')
  for (const call of ['list', 'verify', 'verification', 'actions']) assert.equal((await problem(lead.audit[call]())).status, 403)
  assert.equal((await problem(lead.audit.get({ id: 1 }))).status, 403)
  assert.equal((await problem(auditor.webhook.list())).status, 403)
})

test('whoever changes or removes a row is found out, by the command and by the job', async () => {
  for (let i = 0; i < 5; i++) await owner.tagGroup.create({ name: `链${i}` })
  const command = (...more) => hetang(['audit', 'verify', '--data', server.data, ...server.db, ...more])
  const job = async () => {
    const { job_id } = await owner.audit.verify()
    return (await eventually(async () => {
      const v = await owner.audit.verification()
      return v.job_id === job_id && v.state === 'done' && v
    })).result
  }
  const last = () => Number(ask(server, 'SELECT max(seq) FROM audit'))
  const whole = command()
  assert.equal(whole.code, 0, whole.err)
  assert.equal(whole.out, `All ${last()} rows are whole.\n`)
  assert.deepEqual(JSON.parse(command('--json').out), { rows: last(), bad: null, fault: null })
  assert.equal((await job()).bad, null)
  const victim = Number(ask(server, `SELECT max(seq) FROM audit WHERE action = 'tag_group.create'`)) - 2
  const columns = 'seq, at, actor_kind, actor_id, actor_name, ip, request_id, action, entity, entity_id, customer_id, detail_hash, hash'
  ask(server, `CREATE TABLE audit_copy AS SELECT * FROM audit; CREATE TABLE detail_copy AS SELECT * FROM audit_detail; CREATE TABLE head_copy AS SELECT * FROM audit_head`)
  const put_back = () => ask(server, `DELETE FROM audit; DELETE FROM audit_detail; DELETE FROM audit_head;
    INSERT INTO audit (${columns}) SELECT ${columns} FROM audit_copy; INSERT INTO audit_detail (seq, before, after) SELECT seq, before, after FROM detail_copy;
    INSERT INTO audit_head (id, seq, mac) SELECT id, seq, mac FROM head_copy`)
  const end = last()
  const crimes = [
    [`UPDATE audit SET actor_name = 'somebody else' WHERE seq = ${victim}`, victim, 'changed'],
    [`UPDATE audit SET at = at + 1 WHERE seq = ${victim}`, victim, 'changed'],
    [`UPDATE audit SET hash = (SELECT hash FROM audit_copy WHERE seq = ${victim - 1}) WHERE seq = ${victim}`, victim, 'changed'],
    [`DELETE FROM audit WHERE seq = ${victim}`, victim, 'missing'],
    [`DELETE FROM audit WHERE seq = 1`, 1, 'missing'],
    [`UPDATE audit_detail SET after = '{}' WHERE seq = ${victim}`, victim, 'detail_changed'],
    [`DELETE FROM audit_detail WHERE seq = ${victim}`, victim, 'detail_missing'],
    [`DELETE FROM audit WHERE seq = ${end}`, end, 'end_missing'],
    [`DELETE FROM audit WHERE seq >= ${end - 3}`, end - 3, 'end_missing'],
    [`DELETE FROM audit WHERE seq = ${end}; UPDATE audit_head SET seq = ${end - 1}`, end - 1, 'head_changed'],
    [`DELETE FROM audit_head`, end, 'head_changed'],
  ]
  for (const [crime, bad, fault] of crimes) {
    ask(server, crime)
    const said = command('--json')
    assert.equal(said.code, 1, crime)
    assert.deepEqual([JSON.parse(said.out).bad, JSON.parse(said.out).fault], [bad, fault], crime)
    assert.match(command().out, new RegExp(`^Row ${bad}: `), crime)
    put_back()
    await new Promise(setImmediate) // the commands are waited for without a turn: a connection that has ended is seen now
  }
  assert.equal(command().code, 0)
  // The job says the same, and in both languages; asking for it is a row itself.
  ask(server, `UPDATE audit SET ip = '8.8.8.8' WHERE seq = ${victim}`)
  const result = await job()
  assert.deepEqual(result, { rows: victim - 1, bad: victim, fault: 'changed', zh: '记录被修改', en: 'the row was changed' })
  ask(server, `UPDATE audit SET ip = '127.0.0.1' WHERE seq = ${victim}`)
  const asked = await owner.audit.verification()
  assert.equal(asked.by_name, owner.me.name)
  assert.equal((await owner.audit.list({ limit: 1 })).items[0].action, 'audit.verify')
  ask(server, 'DROP TABLE audit_copy; DROP TABLE detail_copy; DROP TABLE head_copy')
  assert.equal(hetang(['audit', 'look', '--data', server.data]).code, 2)
  assert.equal(hetang(['audit', '--data', server.data]).code, 2)
})

test('what is blanked when a person is erased leaves the chain whole', async () => {
  const c = await owner.customer.create({ name: '李雷' })
  const [row] = await all(owner.audit.list, { customer_id: c.id })
  assert.ok((await owner.audit.get({ id: row.id })).after)
  await owner.customer.erase({ id: c.id })
  const blank = await owner.audit.get({ id: row.id })
  assert.deepEqual([blank.before, blank.after, blank.blanked], [null, null, true])
  assert.equal(hetang(['audit', 'verify', '--data', server.data, ...server.db]).code, 0)
})
