// Several network threads, as on a machine with more cores: whatever they share must be shared with care. A crowd of connections keeps
// all of them busy; what goes wrong between them ends the process.
import test from 'node:test'
import assert from 'node:assert/strict'
import net from 'node:net'
import { startServer } from '../lib/server.mjs'

const CONNECTIONS = 32
const PIECE = 200 // requests a connection sends ahead
const SECONDS = 6

/** Sends pieces until the time is over; how many were answered with 200. */
function keepAsking(port, until) {
  const request = 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(PIECE)
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(request))
    let answered = 0, inPiece = 0, rest = ''
    socket.setEncoding('latin1')
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`closed after ${answered} answers`)))
    socket.on('data', (text) => {
      const parts = (rest + text).split('HTTP/1.1 200')
      rest = parts.pop().slice(-11)
      answered += parts.length
      inPiece += parts.length
      if (inPiece < PIECE) return
      inPiece = 0
      if (Date.now() < until) socket.write(request)
      else {
        socket.removeAllListeners('close').end()
        resolve(answered)
      }
    })
  })
}

test('four network threads answer a crowd', async (t) => {
  const server = await startServer({ args: ['--loops', '4'] })
  t.after(() => server.stop())
  const until = Date.now() + SECONDS * 1000
  const answered = await Promise.all(Array.from({ length: CONNECTIONS }, () => keepAsking(server.port, until)))
  for (const n of answered) assert.equal(n % PIECE, 0)
  const sum = answered.reduce((a, b) => a + b)
  t.diagnostic(`${sum} answers`)
  assert.ok(sum >= CONNECTIONS * PIECE)
})
