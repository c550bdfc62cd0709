import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import http2 from 'node:http2'
import https from 'node:https'
import net from 'node:net'
import path from 'node:path'
import tls from 'node:tls'
import { startServer, hetang, tempFolder, databaseArgs, eventually } from '../lib/server.mjs'

const folder = tempFolder(), cert = path.join(folder, 'cert.pem'), key = path.join(folder, 'key.pem')
let server
const made = {}

/** A certificate of this name, and its key; kept aside until placed. */
function make(name) {
  const base = path.join(folder, name)
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}`, '-days', '30', '-keyout', `${base}.key`, '-out', `${base}.pem`], { stdio: 'ignore' })
  made[name] = { cert: fs.readFileSync(`${base}.pem`), key: fs.readFileSync(`${base}.key`) }
}
const put = (file, bytes) => {
  fs.writeFileSync(`${file}.new`, bytes, { mode: 0o600 })
  fs.renameSync(`${file}.new`, file)
}
const place = (name) => (put(cert, made[name].cert), put(key, made[name].key))

before(async () => {
  for (const name of ['first', 'second', 'third']) make(name)
  place('first')
  const db = await databaseArgs(), data = path.join(tempFolder(), 'd')
  assert.equal(hetang(['init', '--data', data, ...db]).code, 0)
  server = await startServer({ data, db, clock: null, args: ['--tls-cert', cert, '--tls-key', key] })
})
after(() => server.stop())

const open = (options = {}) => new Promise((resolve, reject) => {
  const s = tls.connect({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false, ...options }, () => resolve(s))
  s.on('error', reject)
})
const shown = async () => {
  const s = await open()
  const name = s.getPeerCertificate().subject.CN
  s.destroy()
  return name
}
const get = (agent) => new Promise((resolve, reject) => {
  https.get({ port: server.port, host: '127.0.0.1', path: '/healthz', rejectUnauthorized: false, agent }, (res) => {
    res.resume()
    res.on('end', () => resolve({ status: res.statusCode, socket: res.socket, reused: res.req.reusedSocket }))
  }).on('error', reject)
})

test('HTTPS and HTTP/2, TLS 1.2 at least; plain HTTP on that port gets nothing', async () => {
  assert.equal((await get()).status, 200)
  const s = await open({ ALPNProtocols: ['h2', 'http/1.1'] })
  assert.deepEqual([s.alpnProtocol, s.getProtocol()], ['h2', 'TLSv1.3'])
  s.destroy()
  await assert.rejects(open({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }))
  const plain = net.connect(server.port, '127.0.0.1')
  plain.on('error', () => {})
  plain.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
  let said = ''
  plain.on('data', (d) => (said += d.toString('latin1')))
  await new Promise((r) => plain.on('close', r))
  assert.doesNotMatch(said, /HTTP\/1/)
})

test('a new certificate on SIGHUP: no connection is dropped, new ones get it', async () => {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false })
  const one = await get(agent)
  const session = http2.connect(`https://127.0.0.1:${server.port}`, { rejectUnauthorized: false })
  const over2 = () => new Promise((resolve, reject) => session.request({ ':path': '/healthz' }).on('response', (h) => resolve(h[':status'])).on('error', reject).end())
  assert.equal(await over2(), 200)
  let running = true, answered = 0, failed = []
  const load = Promise.all(Array.from({ length: 8 }, async () => {
    while (running) await get().then((r) => (answered += r.status === 200), (e) => failed.push(e.message))
  }))
  await eventually(() => answered > 20)
  place('second')
  server.child.kill('SIGHUP')
  await eventually(async () => (await shown()) === 'second')
  const at = answered
  await eventually(() => answered > at + 20)
  running = false
  await load
  assert.deepEqual(failed, [])
  const two = await get(agent)
  assert.equal(two.socket, one.socket, 'the same connection')
  assert.equal(two.reused, true)
  assert.equal(await over2(), 200)
  session.close()
  agent.destroy()
})

test('two files are not replaced at once: between them the old pair serves, and then the new, without a signal', { timeout: 60000 }, async () => {
  put(cert, made.third.cert)
  server.child.kill('SIGHUP')
  await eventually(() => /"event":"tls.refused"/.test(server.log))
  assert.equal(await shown(), 'second')
  put(key, made.third.key)
  await eventually(async () => (await shown()) === 'third')
  fs.writeFileSync(cert, 'no certificate at all')
  server.child.kill('SIGHUP')
  await eventually(() => server.log.match(/"event":"tls.refused"/g).length >= 2)
  assert.equal(await shown(), 'third')
  place('first')
  await eventually(async () => (await shown()) === 'first')
})

test('half a handshake is not waited for, and hinders nobody', { timeout: 60000 }, async () => {
  const sockets = Array.from({ length: 50 }, () => net.connect(server.port, '127.0.0.1'))
  sockets.forEach((s) => (s.on('error', () => {}), s.write(Buffer.from([0x16, 0x03, 0x01]))))
  const closed = Promise.all(sockets.map((s) => new Promise((r) => s.on('close', r))))
  assert.equal((await get()).status, 200)
  await closed
})

test('a pair that does not fit: said at the start', () => {
  put(key, made.second.key)
  const data = server.data + '2'
  assert.equal(hetang(['init', '--data', data]).code, 0)
  const r = hetang(['serve', '--data', data, '--listen', '127.0.0.1:0', '--tls-cert', cert, '--tls-key', key], { timeout: 20000 })
  assert.equal(r.code, 1)
  assert.match(r.err, /hetang: TLS: .*cert\.pem with .*key\.pem: key values mismatch/)
})
