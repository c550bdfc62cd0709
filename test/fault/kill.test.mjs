// Killed at any moment of a write load, again and again: what was answered is there, nothing is there twice.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { startServer, hetang } from '../lib/server.mjs'
import { writers, prove, proveAudit, proveHealth } from '../lib/faults.mjs'

const ROUNDS = Number(process.env.HETANG_KILLS ?? 50)

test(`kill -9 at ${ROUNDS} moments`, { timeout: 900000 }, async () => {
  let server = await startServer()
  const { data, db } = server
  const all = { answered: [], open: [] }
  for (let round = 0; round < ROUNDS; round++) {
    const load = writers(server, { wide: 16, prefix: `k-${round}` })
    await new Promise((r) => setTimeout(r, Math.random() * 250)) // the moment is what is tried
    await server.kill()
    await load.stop()
    all.answered.push(...load.answered)
    all.open.push(...load.open)
    server = await startServer({ data, db })
    prove(server, all, 'k')
  }
  assert.ok(all.answered.length > ROUNDS, `${all.answered.length} writes were answered`)
  assert.ok(all.open.length > 0, 'some were cut off')
  proveAudit(server)
  proveHealth(server)
  await server.stop()
})

test('one folder, one process; a dead one leaves no lock behind', async () => {
  const server = await startServer({ db: [] })
  const refused = [['serve', '--listen', '127.0.0.1:0'], ['init']]
  for (const args of refused) {
    const r = hetang([...args, '--data', server.data], { timeout: 20000 })
    assert.equal(r.code, 1, args[0])
    assert.match(r.err, new RegExp(`another Hetang \\(process ${server.child.pid}\\) is using .*; stop it first`))
  }
  assert.match(hetang(['migrate', '--data', server.data]).err, new RegExp(`a server \\(process ${server.child.pid}\\) has the instance`))
  await server.kill()
  const again = await startServer({ data: server.data, db: [] })
  await again.stop()
})
