// What runs here, for whoever runs it.
import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { startServer, signIn, problem, NOW } from '../lib/server.mjs'
import { hire, plant } from '../lib/staff.mjs'

let server, owner
before(async () => {
  server = await startServer({ args: ['--test-clock', NOW, '--slow-ms', '1234'] })
  owner = await signIn(server)
})
after(() => server.stop())

test('version, clock, database, disk and memory, as they are', async () => {
  const s = await owner.system.status()
  assert.match(s.version, /^\d+\.\d+\.\d+$/)
  assert.equal(s.now, NOW)
  assert.ok(Math.abs(Date.now() - Date.parse(s.started_at)) < 600_000, 'by the true clock, which the test has not moved')
  assert.ok(s.size_bytes > 4096 && s.memory_bytes > 1 << 20)
  assert.ok(s.disk_free_bytes > 0 && s.disk_free_bytes <= s.disk_total_bytes)
  assert.equal(s.journal_bytes === null, s.engine === 'postgresql')
})

test('settings say what holds and what differs, nothing of tests, and no address of a database', async () => {
  const { settings, engine } = await owner.system.status()
  const by = Object.fromEntries(settings.map((s) => [s.name, s]))
  assert.deepEqual([by.slow_ms.value, by.slow_ms.initial, by.slow_ms.changed], ['1234', '300', true])
  assert.deepEqual([by.zone.value, by.zone.changed], ['Asia/Shanghai', false])
  assert.ok(settings.every((s) => s.help && !s.name.startsWith('test_')))
  if (engine === 'postgresql') assert.match(by.db.value, /^[a-z]+$/)
  else assert.equal(by.db.value, '')
})

test('only for those who may set the system', async () => {
  const { root } = await plant(owner, {})
  const analyst = await hire(server, owner, { login: 'analyst', department: root, roles: ['analyst'] })
  const { status, code } = await problem(analyst.system.status())
  assert.deepEqual([status, code], [403, 'forbidden'])
})
