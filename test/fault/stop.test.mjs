// Stopped as an operator does: what was taken in is finished, and nobody who does not read holds it up.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import net from 'node:net'
import { startServer, local, eventually } from '../lib/server.mjs'
import { writers, prove, proveAudit } from '../lib/faults.mjs'

test('under load: what was answered is there, and it ends by itself', { timeout: 120000 }, async () => {
  let server = await startServer({ db: [] })
  const { data } = server
  const all = { answered: [], open: [] }
  for (let round = 0; round < 5; round++) {
    const load = writers(server, { wide: 16, prefix: `s-${round}` })
    await new Promise((r) => setTimeout(r, 100 + 40 * round))
    await eventually(() => load.answered.length > 0, 'an answer')
    const from = Date.now()
    await server.stop()
    assert.ok(Date.now() - from < 9000, `${Date.now() - from} ms`)
    await load.stop()
    assert.ok([...(load.statuses ?? [])].every((s) => s === 503))
    all.answered.push(...load.answered)
    all.open.push(...load.open)
    server = await startServer({ data, db: [] })
    prove(server, all, 's')
  }
  proveAudit(server)
  await server.stop()
})

test('clients that do not read, or never finish asking: ended within ten seconds', { timeout: 60000 }, async () => {
  const server = await startServer({ db: [] })
  const sockets = Array.from({ length: 60 }, (_, i) => {
    const s = net.connect(server.port, '127.0.0.1')
    s.on('error', () => {})
    s.pause()
    if (i % 3 === 0) s.write('POST /api/v1/tag-groups HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{')
    if (i % 3 === 1) for (let k = 0; k < 30; k++) s.write('GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n')
    return s
  })
  assert.equal((await local(server).fetch('/healthz')).status, 200)
  const from = Date.now()
  await server.stop()
  assert.ok(Date.now() - from < 20000, `${Date.now() - from} ms`)
  sockets.forEach((s) => s.destroy())
})
