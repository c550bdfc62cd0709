// A disk that fills up under writes: refused with 503, reads go on, and with room again all is well.
import { test, after } from 'node:test'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { startServer, tempFolder, hetang, local, eventually, anonymous } from '../lib/server.mjs'
import { writers, prove, proveAudit, proveHealth } from '../lib/faults.mjs'

const disk = tempFolder('hetang-disk-')
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=700', 'tmpfs', disk]).status === 0
const skip = !mounted && 'a small disk cannot be mounted here'
after(() => mounted && spawnSync('umount', ['-l', disk]))

async function started(name, reserve) {
  const data = path.join(disk, name)
  const args = ['--disk-reserve-mb', String(reserve)]
  const r = hetang(['init', '--data', data, ...args])
  assert.equal(r.code, 0, r.err)
  return startServer({ data, db: [], args })
}

const room = () => spawnSync('stat', ['-f', '-c', '%a %S', disk], { encoding: 'utf8' }).stdout.trim().split(' ').map(Number).reduce((a, b) => a * b)
const fill = (left) => fs.appendFileSync(path.join(disk, 'filler'), Buffer.alloc(Math.max(room() - left, 0)))
const clear = () => fs.rmSync(path.join(disk, 'filler'))
const ready = async (server) => (await anonymous(server).fetch('/readyz')).status
const accepts = async (server, name) => {
  const r = await local(server).fetch('/api/v1/customers', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name }) })
  return r.status < 300
}

test('the reserve: writing stops before the disk is full, reading does not', { skip }, async () => {
  const server = await started('reserve', 8)
  const load = writers(server, { wide: 4, prefix: 'r' })
  await eventually(() => load.answered.length > 20)
  fill(4 << 20)
  await eventually(() => load.refused.disk_full > 5)
  await load.stop()
  assert.deepEqual([...load.statuses], [503])
  await eventually(async () => {
    fill(4 << 20) // its journal has gone back into the file meanwhile
    return (await ready(server)) === 503
  })
  assert.equal((await local(server).fetch('/api/v1/tags')).status, 200)
  clear()
  await eventually(async () => (await accepts(server, 'after')) && (await ready(server)) === 200)
  prove(server, load, 'r')
  await server.stop()
  fs.rmSync(server.data, { recursive: true })
})

test('full to the last byte: 503, nothing half-written, nothing answered is lost, well again with room', { skip }, async () => {
  const server = await started('full', 0)
  fill(1 << 20)
  const load = writers(server, { wide: 8, prefix: 'd', pad: '世'.repeat(200) })
  await eventually(() => (load.refused.disk_full ?? 0) + (load.refused.storage ?? 0) > 20, 'a full disk')
  await load.stop()
  assert.deepEqual([...load.statuses], [503])
  assert.ok(load.answered.length > 0)
  assert.equal((await local(server).fetch('/api/v1/tags')).status, 200, 'what needs no room works')
  clear()
  await eventually(() => accepts(server, 'after'), 'a write with room again')
  prove(server, load, 'd')
  proveAudit(server)
  await server.kill() // what was promised is on the disk
  const again = await startServer({ data: server.data, db: [], args: server.args })
  prove(again, load, 'd')
  proveHealth(again)
  await again.stop()
})

test('no room for a backup is said before it begins; half of one does not stay', { skip }, async () => {
  const data = path.join(disk, 'full'), folder = path.join(disk, 'backups')
  fill(1 << 20)
  const r = hetang(['backup', '--data', data, '--out', folder])
  assert.equal(r.code, 1)
  assert.match(r.err, /there is room for .* and the backup needs up to/)
  assert.deepEqual(fs.readdirSync(folder), [])
  clear()
})
