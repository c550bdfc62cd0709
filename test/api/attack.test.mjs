// What is sent to us by mistake or to harm us: a clear refusal, nothing written, bounded memory, and everybody else is served.
import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import http2 from 'node:http2'
import net from 'node:net'
import path from 'node:path'
import { spawn } from 'node:child_process'
import { startServer, signIn, anonymous, hetang, tempFolder, problem, ask, eventually } from '../lib/server.mjs'
import { plant, hire } from '../lib/staff.mjs'

// Freed memory that the sanitizer keeps back to find mistakes is not what is measured here.
process.env.ASAN_OPTIONS = `${process.env.ASAN_OPTIONS ?? ''}:quarantine_size_mb=4`

let server, owner
before(async () => {
  server = await startServer()
  owner = await signIn(server)
})
after(() => server.stop())

/** A connection of our own: say() sends bytes, answer() gives the next answer as { status, headers, body, json }. */
async function connect(port = server.port) {
  const socket = net.connect(port, '127.0.0.1')
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  let got = Buffer.alloc(0), closed = false, wake = () => {}
  socket.on('data', (d) => (got = Buffer.concat([got, d]), wake()))
  socket.on('error', () => {})
  socket.on('close', () => (closed = true, wake()))
  const more = () => closed || new Promise((r) => (wake = r))
  const line = {
    socket,
    get closed() { return closed },
    say: (...parts) => parts.forEach((p) => socket.write(p)),
    end: () => socket.destroy(),
    async gone() { while (!closed) await more() },
    async answer() {
      for (;;) {
        const end = got.indexOf('\r\n\r\n')
        if (end >= 0) {
          const head = got.subarray(0, end).toString().split('\r\n')
          const headers = Object.fromEntries(head.slice(1).map((l) => [l.slice(0, l.indexOf(':')).toLowerCase(), l.slice(l.indexOf(':') + 1).trim()]))
          const length = Number(headers['content-length'] ?? 0)
          if (got.length >= end + 4 + length) {
            const body = got.subarray(end + 4, end + 4 + length)
            got = got.subarray(end + 4 + length)
            const reply = { status: Number(head[0].split(' ')[1]), headers, body }
            if (/json/.test(headers['content-type'])) reply.json = JSON.parse(body)
            return reply
          }
        }
        if (closed) return null
        await more()
      }
    },
  }
  return line
}

const head = (method, target, headers = {}) =>
  `${method} ${target} HTTP/1.1\r\nHost: x\r\n${Object.entries(headers).map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\n`
const signed = () => ({ cookie: owner.cookie(), 'x-csrf-token': owner.csrf(), 'accept-language': 'en' })
const post = (target, body, headers = {}) => {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body)
  return Buffer.concat([Buffer.from(head('POST', target, { 'content-type': 'application/json', ...signed(), 'content-length': bytes.length, ...headers })), bytes])
}
const rss = (pid = server.child.pid) => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024
const count = (table) => Number(ask(server, `SELECT count(*) FROM ${table}`))
const MB = 1 << 20

test('bodies that are not what they should be: the code, the field, the place; nothing written; the connection lives', async () => {
  const deep = (n) => '{"name":' + '['.repeat(n) + ']'.repeat(n) + '}'
  const cases = [
    ['{"name": "x"', 400, 'bad_json', /position|line|column|unexpected|ends/i],
    ['{"name": "x",}', 400, 'bad_json'],
    ['', 422, 'required', null, 'name'],
    ['nonsense', 400, 'bad_json'],
    ['{"name": "x"} {}', 400, 'bad_json'],
    ['{"name": 01}', 400, 'bad_json'],
    ['{"name": "\u0001"}', 400, 'bad_json'],
    [Buffer.from([0x7b, 0x22, 0x6e, 0x61, 0x6d, 0x65, 0x22, 0x3a, 0x22, 0xc3, 0x28, 0x22, 0x7d]), 400, 'bad_json'],
    [Buffer.from('{"name":"\xed\xa0\x80"}', 'latin1'), 400, 'bad_json'],
    ['{"name": "\\ud800"}', 400, 'bad_json'],
    [deep(40), 400, 'bad_json'],
    [deep(100000), 400, 'bad_json'],
    ['[]', 422, 'wrong_type'],
    ['{"name": 5}', 422, 'wrong_type', null, 'name'],
    ['{"name": "x", "colour": 1}', 422, 'unknown_field', null, 'colour'],
    ['{"name": "x", "sort": 99999999999999999999}', 422, null, null, 'sort'],
    ['{"name": "x", "sort": 10000}', 422, 'out_of_range', null, 'sort'],
    [`{"name": "${'长'.repeat(31)}"}`, 422, 'too_long', null, 'name'],
  ]
  const groups = count('tag_group'), audits = count('audit')
  const line = await connect()
  for (const [body, status, code, , field] of cases) {
    const what = String(body).slice(0, 40)
    line.say(post('/api/v1/tag-groups', body))
    const r = await line.answer()
    assert.equal(r.status, status, `${what}: ${JSON.stringify(r.json)}`)
    if (code) assert.equal(r.json.code, code, what)
    if (field) assert.equal(r.json.field, field, what)
    if (status === 400 && what) assert.match(JSON.stringify(r.json), /line|column|at|depth/, what)
    assert.ok(r.json.request_id)
  }
  line.say(post('/api/v1/tag-groups', '{"name":"good"}'))
  assert.equal((await line.answer()).status, 201, 'on the same connection')
  line.end()
  assert.deepEqual([count('tag_group'), count('audit')], [groups + 1, audits + 1])
})

test('addresses that are not what they should be', async () => {
  const line = await connect()
  for (const [target, status] of [
    ['/api/v1/tags?limit=x', 422], ['/api/v1/tags?limit=-1', 422], ['/api/v1/tags?colour=1', 422], ['/api/v1/tags?cursor=%ff', 400],
    ['/api/v1/customers/99999999999999999999', 404], ['/api/v1/customers/0x1', 404], ['/api/v1/customers/1%2f..%2f2', 404],
    ['/api/v1/%00', 404], ['/api/../../etc/passwd', 404], ['/..%2f..%2fetc%2fpasswd', 404], [`/api/v1/${'a'.repeat(5000)}`, 404],
  ]) {
    line.say(head('GET', target, signed()))
    const r = await line.answer()
    assert.equal(r.status, status, `${target.slice(0, 40)}: ${r.body}`)
    assert.doesNotMatch(String(r.body), /root:/)
  }
  line.end()
})

const wants = { 'content-type': 'application/json' }
const refused = (r, status, code, what) => {
  assert.equal(r?.status, status, what)
  assert.equal(r.headers['content-type'], 'application/problem+json; charset=utf-8', what)
  assert.deepEqual([r.json.status, r.json.code], [status, code], what)
  assert.match(r.json.request_id, /^[0-9a-f]{8}-[0-9a-f]+$/, what)
}

test('a body that is too large: refused before it is read, and while it comes', async () => {
  const before = rss()
  const line = await connect()
  line.say(head('POST', '/api/v1/tag-groups', { ...signed(), ...wants, 'content-length': 9 * MB }))
  const early = await line.answer()
  refused(early, 413, 'body_too_large', 'before it is read')
  assert.deepEqual(early.json.params, { max: 4 * MB })
  assert.match(early.json.title, /too large; the limit is 4194304 bytes/)
  line.end()
  const chunked = await connect()
  chunked.say(head('POST', '/api/v1/tag-groups', { ...signed(), ...wants, 'transfer-encoding': 'chunked' }))
  const piece = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65536, 97), Buffer.from('\r\n')])
  for (let i = 0; i < 200 && !chunked.closed; i++) {
    chunked.say(piece)
    await new Promise((r) => setImmediate(r))
  }
  refused(await chunked.answer(), 413, 'body_too_large', 'while it comes')
  chunked.end()
  assert.ok(rss() - before < 64 * MB, `${(rss() - before) / MB} MB`)
  assert.equal((await anonymous(server).fetch('/healthz')).status, 200)
})

test('who sends all of a body that is too large still reads why; the connection lives if it was not far too large', async () => {
  const at = (size) => Buffer.concat([
    Buffer.from(head('POST', '/api/v1/tag-groups', { ...signed(), ...wants, 'content-length': size })), Buffer.alloc(size, 97), Buffer.from(head('GET', '/healthz')),
  ])
  for (const [size, lives] of [[4 * MB + 1, true], [5 * MB, true], [5 * MB + 1, false], [20 * MB, false]]) {
    const line = await connect()
    line.say(at(size))
    refused(await line.answer(), 413, 'body_too_large', `${size} bytes`)
    const next = await line.answer()
    assert.equal(next?.status, lives ? 200 : undefined, `after ${size} bytes`)
    line.end()
  }
  const within = await connect()
  within.say(at(4 * MB))
  assert.equal((await within.answer()).json.code, 'bad_json', 'the limit itself is allowed')
  within.end()
})

test('who goes on sending after such an answer is not listened to for long', { timeout: 30000 }, async () => {
  const line = await connect()
  line.say(head('POST', '/api/v1/tag-groups', { ...signed(), ...wants, 'transfer-encoding': 'gzip' }))
  refused(await line.answer(), 400, 'bad_request', 'gzip')
  const drip = setInterval(() => line.closed || line.say('x'), 100)
  await line.gone()
  clearInterval(drip)
})

test('what the server refuses before a route sees it is told like the rest, in the language asked for', async () => {
  for (const [headers, body, reason] of [
    [{ 'content-length': -5 }, '', /content-length/], [{ 'content-length': '99999999999999999999999' }, '', /content-length/],
    [{ 'transfer-encoding': 'gzip' }, '', /transfer-encoding/], [{ 'transfer-encoding': 'chunked' }, 'zz\r\n\r\n', /chunked/],
    [{ 'content-length': 2, expect: 'miracles' }, '{}', /expectation/],
  ]) {
    for (const [language, title] of [['en', /cannot be understood/], ['zh-CN', /无法理解/]]) {
      const line = await connect()
      line.say(head('POST', '/api/v1/tag-groups', { ...signed(), ...wants, 'accept-language': language, ...headers }), body)
      const r = await line.answer()
      refused(r, 400, 'bad_request', JSON.stringify(headers))
      assert.match(r.json.params.reason, reason)
      assert.match(r.json.title, title)
      line.end()
    }
  }
})

test('HTTP/2: a body that is too large is refused, the others of the connection are served', async () => {
  const session = http2.connect(server.url)
  const send = (size) => new Promise((resolve) => {
    const s = session.request({ ':method': 'POST', ':path': '/api/v1/tag-groups', cookie: owner.cookie(), 'x-csrf-token': owner.csrf(), ...wants })
    let status, body = ''
    s.on('response', (h) => (status = h[':status'])).on('data', (d) => (body += d)).on('error', (e) => (body = e.message)).on('close', () => resolve({ status, body }))
    s.end(Buffer.alloc(size, 97))
  })
  const little = await send(4 * MB + 1)
  assert.deepEqual([little.status, JSON.parse(little.body).code], [413, 'body_too_large'])
  assert.match((await send(9 * MB)).body, /REFUSED_STREAM/)
  assert.deepEqual([(await send(3)).status], [400])
  session.destroy()
})

test('requests that are none, and two that pretend to be one', async () => {
  for (const bytes of [
    'GET / HTTP/1.1\r\nHost x\r\n\r\n', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'G\0T / HTTP/1.1\r\n\r\n', 'A'.repeat(100000),
    'POST /api/v1/tag-groups HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n',
    'POST /api/v1/tag-groups HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n',
  ]) {
    const line = await connect()
    line.say(Buffer.from(bytes, 'latin1'))
    line.socket.end()
    const r = await line.answer()
    assert.ok(r === null || (r.status >= 400 && r.status < 500), `${JSON.stringify(bytes.slice(0, 30))}: ${r?.status}`)
    line.end()
  }
  const before = count('tag_group')
  const line = await connect() // a body of two lengths must not smuggle a second request
  line.say(head('POST', '/api/v1/sign-in', { 'content-type': 'application/json', 'content-length': 2, 'transfer-encoding': 'chunked' }), `0\r\n\r\n${post('/api/v1/tag-groups', '{"name":"smuggled"}')}`)
  await line.answer()
  line.end()
  assert.ok(count('tag_group') - before <= 1)
})

test('a header flood: bounded, refused', async () => {
  const before = rss()
  const lines = await Promise.all(Array.from({ length: 20 }, () => connect()))
  await Promise.all(lines.map(async (line) => {
    line.say('GET /healthz HTTP/1.1\r\nHost: x\r\n')
    for (let i = 0; i < 2000 && !line.closed; i++) {
      line.say(`x-${i}: ${'y'.repeat(1000)}\r\n`)
      if (i % 50 === 0) await new Promise((r) => setImmediate(r))
    }
    line.say('\r\n')
    const r = await line.answer()
    assert.ok(r === null || (r.status >= 400 && r.status < 500), `${r?.status}`)
    line.end()
  }))
  assert.ok(rss() - before < 64 * MB, `${(rss() - before) / MB} MB`)
  assert.equal((await anonymous(server).fetch('/healthz')).status, 200)
})

test('slow requests are ended; others are served meanwhile', { timeout: 60000 }, async () => {
  const slow = await Promise.all(Array.from({ length: 200 }, () => connect()))
  const text = head('POST', '/api/v1/tag-groups', { 'content-type': 'application/json', ...signed(), 'content-length': 1000 })
  slow.forEach((line, i) => i % 2 && line.say(text)) // half of them a body, the others headers, a byte at a time
  let sent = 0
  const drip = setInterval(() => {
    slow.forEach((line, i) => line.closed || line.say(i % 2 ? ' ' : text[sent % text.length] === '\n' ? 'a' : text[Math.min(sent, 10)]))
    sent++
  }, 300)
  const from = Date.now()
  let served = 0, worst = 0
  while (slow.some((l) => !l.closed) && Date.now() - from < 40000) {
    const at = Date.now()
    assert.equal((await owner.fetch('/api/v1/tags')).status, 200)
    worst = Math.max(worst, Date.now() - at)
    served++
    await new Promise((r) => setTimeout(r, 50))
  }
  clearInterval(drip)
  const left = slow.filter((l) => !l.closed).length
  slow.forEach((l) => l.end())
  assert.equal(left, 0, `${left} slow requests are still open after ${Date.now() - from} ms`)
  assert.ok(served > 20 && worst < 8000, `${served} served, the slowest took ${worst} ms`)
})

test('ten thousand idle connections: little memory each, and one more is served', { timeout: 120000 }, async (t) => {
  const limit = Number(/Max open files\s+(\d+)/.exec(fs.readFileSync('/proc/self/limits', 'utf8'))[1])
  const N = Math.min(10000, limit - 500)
  if (N < 10000) t.diagnostic(`this machine allows ${N} connections only`)
  const before = rss()
  const open = []
  for (let i = 0; i < N; i += 500) open.push(...(await Promise.all(Array.from({ length: Math.min(500, N - i) }, () => connect()))))
  const each = (rss() - before) / N
  assert.equal((await owner.fetch('/api/v1/tags')).status, 200)
  assert.ok(each < 40 * 1024, `${each.toFixed(0)} bytes a connection`)
  t.diagnostic(`${each.toFixed(0)} bytes a connection`)
  open.forEach((l) => l.end())
  assert.equal((await owner.fetch('/api/v1/tags')).status, 200)
})

test('more connections than allowed wait, and are served when others go', { timeout: 60000 }, async () => {
  const small = await startServer({ args: ['--conns-max', '16'] })
  try {
    const open = []
    for (let i = 0; i < 16; i++) open.push(await connect(small.port))
    await new Promise((r) => setTimeout(r, 200)) // all are taken in
    const late = await connect(small.port) // by the kernel
    late.say(head('GET', '/healthz'))
    let answered = false
    const reply = late.answer().then((r) => ((answered = true), r))
    await new Promise((r) => setTimeout(r, 300))
    assert.equal(answered, false)
    open.forEach((l) => l.end())
    assert.equal((await reply).status, 200)
    late.end()
  } finally {
    await small.stop()
  }
})

test('a client that asks much and reads nothing costs bounded memory', { timeout: 60000 }, async () => {
  const before = rss()
  const line = await connect()
  line.socket.pause()
  const ask = head('GET', '/api/v1/openapi.json', signed())
  for (let i = 0; i < 200; i++) line.say(ask) // pipelined: some 100 MB of answers
  await eventually(async () => (await anonymous(server).fetch('/healthz')).status === 200)
  await new Promise((r) => setTimeout(r, 1000))
  assert.ok(rss() - before < 96 * MB, `${(rss() - before) / MB} MB`)
  line.end()
})

test('HTTP/2: a flood of streams and of resets is survived', { timeout: 60000 }, async () => {
  const before = rss()
  const session = http2.connect(server.url)
  session.on('error', () => {})
  for (let i = 0; i < 2000 && !session.destroyed && !session.closed; i++) {
    const s = session.request({ ':path': '/api/v1/tags', cookie: owner.cookie() })
    s.on('error', () => {})
    s.close(http2.constants.NGHTTP2_CANCEL)
    if (i % 100 === 0) await new Promise((r) => setImmediate(r))
  }
  session.destroy()
  assert.equal((await owner.fetch('/api/v1/tags')).status, 200)
  assert.ok(rss() - before < 64 * MB, `${(rss() - before) / MB} MB`)
})

test('whose row it is: none, another\'s and one that does not exist look the same', async () => {
  const at = await plant(owner, { east: ['region', 'root'], west: ['region', 'root'] })
  const clerk = await hire(server, owner, { login: 'clerk.east', department: at.east, roles: ['region'] })
  const theirs = await owner.customer.create({ name: 'west', department_id: at.west })
  const blank = (p) => ({ ...p, request_id: null })
  const other = await problem(clerk.customer.get({ id: theirs.id })), none = await problem(clerk.customer.get({ id: 9999999 }))
  assert.equal(other.status, 404)
  assert.deepEqual(blank(other), blank(none))
  assert.equal((await problem(anonymous(server).customer.get({ id: theirs.id }))).status, 401)
  assert.equal((await problem(anonymous(server, { authorization: 'Bearer hetang_nothing' }).customer.get({ id: theirs.id }))).status, 401)
  const line = await connect()
  line.say(post('/api/v1/tag-groups', '{"name":"no token"}', { 'x-csrf-token': 'wrong' }))
  assert.deepEqual((({ status, json }) => [status, json.code])(await line.answer()), [403, 'bad_csrf'])
  line.end()
})

test('the same idempotency key: at once, again, and with another body', async () => {
  const before = count('tag_group')
  const all = await Promise.all(Array.from({ length: 20 }, () => owner.tagGroup.create({ name: 'at once' }, { key: 'k1' }).catch((e) => e)))
  const made = all.filter((r) => r.id)
  assert.ok(made.length >= 1)
  for (const r of all) assert.ok(r.id === made[0].id || [409, 503].includes(r.status), JSON.stringify(r))
  assert.equal((await owner.tagGroup.create({ name: 'at once' }, { key: 'k1' })).id, made[0].id)
  const p = await problem(owner.tagGroup.create({ name: 'something else' }, { key: 'k1' }))
  assert.equal(p.status, 422)
  assert.equal(count('tag_group'), before + 1)
})

test('a database that another program holds: 503, then well again', { skip: process.env.HETANG_TEST_PG !== undefined && 'SQLite only', timeout: 60000 }, async () => {
  const holder = spawn('sqlite3', ['-cmd', '.timeout 5000', path.join(server.data, 'hetang.db')], { stdio: ['pipe', 'pipe', 'inherit'] })
  let said = ''
  holder.stdout.on('data', (d) => (said += d))
  holder.stdin.write("BEGIN IMMEDIATE;\nSELECT 'held';\n")
  await eventually(() => said.includes('held'))
  const p = await problem(owner.tagGroup.create({ name: 'while held' }))
  assert.deepEqual([p.status, p.code], [503, 'busy'])
  assert.equal((await owner.fetch('/api/v1/tags')).status, 200, 'reading goes on')
  holder.stdin.end('ROLLBACK;\n')
  await new Promise((r) => holder.on('exit', r))
  await owner.tagGroup.create({ name: 'while held' })
})

test('a key file that is missing, or that others may read: the server says so and does not start', async () => {
  const data = path.join(tempFolder(), 'k'), key = path.join(data, 'hetang.key')
  assert.equal(hetang(['init', '--data', data]).code, 0)
  const serve = () => hetang(['serve', '--data', data, '--listen', '127.0.0.1:0'], { timeout: 20000 })
  fs.chmodSync(key, 0o644)
  assert.deepEqual([serve().code, /0600|others/.test(serve().err)], [1, true], serve().err)
  fs.chmodSync(key, 0o600)
  fs.renameSync(key, `${key}.away`)
  assert.deepEqual([serve().code, /key file .* is missing/.test(serve().err)], [1, true])
  assert.equal(fs.existsSync(key), false, 'no new one is made')
})

test('what is for tests is there in test mode alone', async () => {
  await owner.test.fault({ at: 0 })
  const data = tempFolder()
  assert.equal(hetang(['init', '--data', data]).code, 0)
  const child = spawn(process.env.HETANG_BINARY ?? 'build/test/hetang', ['serve', '--data', data, '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', (d) => (log += d))
  const port = await eventually(() => /"event":"serve.ready".*"port":(\d+)/.exec(log)?.[1])
  for (const [route, body] of [['clock', { now: '2026-01-01T00:00:00Z' }], ['fault', { at: 1 }]]) {
    const r = await fetch(`http://127.0.0.1:${port}/api/v1/test/${route}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    assert.equal(r.status, 404, route)
  }
  child.kill('SIGTERM')
  assert.equal(await new Promise((r) => child.on('exit', r)), 0, log)
})
