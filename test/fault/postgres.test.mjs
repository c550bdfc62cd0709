// PostgreSQL stopped, killed and started again under load: 503 meanwhile, then well, and nothing answered is lost.
import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { startServer, eventually, anonymous } from '../lib/server.mjs'
import { startPostgres, freshDatabase } from '../lib/postgres.mjs'
import { writers, prove, proveAudit, proveHealth } from '../lib/faults.mjs'

let pg, server
before(async () => {
  pg = await startPostgres()
  process.env.HETANG_TEST_PG = pg.url
  server = await startServer({ db: ['--db', freshDatabase(pg.url)] }).catch(async () => {
    throw new Error('no server')
  })
})
after(async () => {
  await server?.stop()
  await pg.stop()
  pg.remove()
})

const master = () => Number(fs.readFileSync(path.join(pg.data, 'postmaster.pid'), 'utf8').split('\n')[0])
const ready = async () => (await anonymous(server).fetch('/readyz')).status

for (const [how, signal] of [['stopped fast', 'SIGINT'], ['crashed', 'SIGQUIT']]) {
  test(`${how} and started again`, { timeout: 120000 }, async () => {
    const prefix = how.slice(0, 2)
    const load = writers(server, { wide: 8, prefix })
    await eventually(() => load.answered.length > 30)
    process.kill(master(), signal)
    await pg.exit
    const before = load.answered.length
    await eventually(() => Object.values(load.refused).reduce((a, b) => a + b, 0) > 10, 'refusals')
    assert.equal(await ready(), 503)
    assert.equal(server.exited, false)
    await pg.start()
    await eventually(() => load.answered.length > before + 30, 'writes again')
    await load.stop()
    assert.deepEqual([...load.statuses], [503], JSON.stringify(load.refused))
    assert.equal(await ready(), 200)
    prove(server, load, prefix)
    proveAudit(server)
    proveHealth(server)
  })
}
