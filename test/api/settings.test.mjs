// Settings changed over the API: from the request to hetang.ini, to what holds, and to what still holds after a restart.
import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { startServer, signIn, problem, local, hetang, all } from '../lib/server.mjs'
import { hire, plant } from '../lib/staff.mjs'

let server, owner
const ini = () => path.join(server.data, 'hetang.ini')
const text = () => fs.readFileSync(ini(), 'utf8')
const shown = async (name) => (await owner.system.status()).settings.find((s) => s.name === name)
const log = () => all(owner.audit.list, { entity: 'setting' })
before(async () => {
  process.env.HETANG_JOB_DAYS = '9'
  server = await startServer({ args: ['--queue-max', '500'] })
  owner = await signIn(server)
})
after(() => server.exited || server.stop())

test('each says what it is, where it comes from and when a change holds', async () => {
  const { settings, file_problem } = await owner.system.status()
  assert.equal(file_problem, null)
  const by = Object.fromEntries(settings.map(({ help, ...s }) => [s.name, s]))
  assert.deepEqual(by.session_hours, { name: 'session_hours', value: '12', from: 'default', next: null, initial: '12', changed: false, kept: false, kind: 'number', min: 1, max: 720, choices: [], effect: 'at_once' })
  assert.deepEqual([by.log_level.kind, by.log_level.choices], ['choice', ['debug', 'info', 'warn', 'error']])
  assert.deepEqual([by.job_days.value, by.job_days.from], ['9', 'environment'])
  assert.deepEqual([by.queue_max.value, by.queue_max.from, by.queue_max.next], ['500', 'command_line', null])
  assert.equal(by.workers.effect, 'at_start')
  for (const name of ['listen', 'db', 'zone', 'currency', 'tls_cert', 'tls_key', 'trusted_proxy', 'webhook_private'])
    assert.equal(by[name].effect, 'by_file', name)
})

test('what can hold at once does, stands in the file beside what was there, and is in the audit log', async () => {
  fs.writeFileSync(ini(), '# ours\nbody_max_kb = 128\n\n; the long evenings\nupload-max-mb=5\n')
  const put = await owner.system.settingPut({ name: 'upload_max_mb', value: '1' })
  assert.deepEqual([put.value, put.from, put.next, put.changed, put.kept], ['1', 'file', null, true, true])
  assert.equal(text(), '# ours\nbody_max_kb = 128\n\n; the long evenings\nupload_max_mb = 1\n')
  assert.equal(fs.statSync(ini()).mode & 0o777, 0o600)
  assert.deepEqual(fs.readdirSync(server.data).filter((f) => f.endsWith('.new')), [])
  const refused = await problem(owner.import.create({ kind: 'customers', name: 'a.csv', size: 2 << 20 }))
  assert.deepEqual([refused.code, refused.field], ['out_of_range', 'size'])
  const [row] = await log()
  assert.deepEqual([row.action, row.entity], ['system.setting_put', 'setting'])
  const full = await owner.audit.get({ id: row.id })
  assert.deepEqual([full.before, full.after], [{ name: 'upload_max_mb', value: '5' }, { name: 'upload_max_mb', value: '1' }])
})

test('the log level and the slow statements are taken up by those who keep a copy', async () => {
  assert.doesNotMatch(server.log, /"http\.request"/)
  await owner.system.settingPut({ name: 'log_level', value: 'debug' })
  await owner.system.status()
  assert.match(server.log, /"http\.request"/)
  await owner.system.settingReset({ name: 'log_level' })
  const { value, from, kept } = await shown('log_level')
  assert.deepEqual([value, from, kept], ['info', 'default', false])
  const lines = server.log.length
  await owner.system.status()
  assert.doesNotMatch(server.log.slice(lines), /"http\.request"/)
})

test('what needs a restart says what runs and what will', async () => {
  const put = await owner.system.settingPut({ name: 'workers', value: '3' })
  assert.deepEqual([put.value, put.from, put.next, put.kept], ['0', 'default', '3', true])
  assert.equal((await shown('workers')).next, '3')
  assert.equal((await shown('body_max_kb')).next, '128', 'a change by hand is seen too')
})

test('nothing is written, and nothing logged, when nothing changes', async () => {
  const [{ id }] = await log()
  const { ino } = fs.statSync(ini())
  await owner.system.settingPut({ name: 'workers', value: '3' })
  await owner.system.settingReset({ name: 'export_days' })
  assert.deepEqual([(await log())[0].id, fs.statSync(ini()).ino], [id, ino])
})

test('what is refused, and why', async () => {
  const text0 = text()
  for (const [name, value, status, code, field] of [
    ['export_days', '0', 422, 'out_of_range', 'value'],
    ['export_days', '366', 422, 'out_of_range', 'value'],
    ['export_days', 'long', 422, 'wrong_type', 'value'],
    ['export_days', '', 422, 'required', 'value'],
    ['export_days', '7\nlisten = x', 422, 'wrong_type', 'value'],
    ['export_days', undefined, 422, 'required', 'value'],
    ['log_level', 'loud', 422, 'bad_choice', 'value'],
    ['zone', 'UTC', 409, 'wrong_state'],
    ['webhook_private', 'true', 409, 'wrong_state'],
    ['job_days', '3', 409, 'wrong_state'],
    ['queue_max', '3', 409, 'wrong_state'],
    ['test_mode', 'false', 404, 'not_found'],
    ['colour', 'red', 404, 'not_found'],
  ]) {
    const p = await problem(owner.system.settingPut({ name, value }))
    assert.deepEqual([p.status, p.code, p.field ?? undefined], [status, code, field], `${name} = ${value}`)
  }
  assert.match((await problem(owner.system.settingPut({ name: 'job_days', value: '3' }))).title, /environment/)
  assert.match((await problem(owner.system.settingReset({ name: 'queue_max' }))).title, /command line/)
  assert.equal(text(), text0)
})

test('two at once: both stand', async () => {
  const names = ['export_days', 'webhook_days', 'slow_ms', 'live_heartbeat_s', 'session_hours', 'disk_reserve_mb']
  const inFile = (n) => hetang(['config', 'set', n, '20', '--data', server.data]).code
  await Promise.all(names.map((name) => owner.system.settingPut({ name, value: '21' })))
  for (const name of names) assert.match(text(), new RegExp(`^${name} = 21$`, 'm'))
  assert.equal(inFile('slow_ms'), 0)
  assert.deepEqual([(await shown('slow_ms')).value, (await shown('slow_ms')).next], ['21', '20'])
  const put = await owner.system.settingPut({ name: 'slow_ms', value: '20' })
  assert.deepEqual([put.value, put.next], ['20', null], 'what the file says already is taken up')
})

test('a file with a mistake is shown and left alone', async () => {
  const good = text()
  fs.appendFileSync(ini(), 'colour = red\n')
  const status = await owner.system.status()
  assert.match(status.file_problem, /line \d+: there is no setting colour/)
  const p = await problem(owner.system.settingPut({ name: 'export_days', value: '3' }))
  assert.deepEqual([p.status, p.code], [409, 'wrong_state'])
  assert.match(p.title, /there is no setting colour/)
  assert.equal(text(), `${good}colour = red\n`)
  fs.writeFileSync(ini(), good)
})

test('a change that cannot be recorded is not made', async () => {
  const good = text()
  let code
  for (let at = 1; at < 12 && code !== 'none'; at++) {
    await owner.test.fault({ at })
    code = await owner.system.settingPut({ name: 'export_days', value: '5' }).then(() => 'none', (e) => e.problem.code)
    await owner.test.fault({ at: 0 })
    if (code !== 'none') assert.equal(text(), good, `statement ${at}`)
  }
  assert.equal(code, 'none')
  assert.deepEqual(fs.readdirSync(server.data).filter((f) => f.endsWith('.new')), [])
})

test('only for those who may set the system; the machine\'s own people over the socket', async () => {
  const { root } = await plant(owner, {})
  const analyst = await hire(server, owner, { login: 'analyst', department: root, roles: ['analyst'] })
  assert.equal((await problem(analyst.system.settingPut({ name: 'export_days', value: '6' }))).status, 403)
  assert.equal((await problem(analyst.system.settingReset({ name: 'export_days' }))).status, 403)
  assert.equal((await local(server).system.settingPut({ name: 'export_days', value: '6' })).value, '6')
})

test('after a restart all of it holds', async () => {
  await server.stop()
  delete process.env.HETANG_JOB_DAYS
  server = await startServer({ data: server.data, db: server.db })
  owner = await signIn(server)
  const by = Object.fromEntries((await owner.system.status()).settings.map((s) => [s.name, s]))
  for (const [name, value] of [['upload_max_mb', '1'], ['workers', '3'], ['body_max_kb', '128'], ['export_days', '6'], ['slow_ms', '20'], ['job_days', '14']])
    assert.deepEqual([by[name].value, by[name].next], [value, null], name)
  const back = await owner.system.settingReset({ name: 'workers' })
  assert.deepEqual([back.value, back.next, back.kept], ['3', '0', false])
  assert.equal((await owner.system.settingPut({ name: 'job_days', value: '3' })).value, '3', 'no longer set by the environment')
})
