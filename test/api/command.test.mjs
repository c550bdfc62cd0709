import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { startServer, signIn, hetang, tempFolder, ask, anonymous, local, eventually, databaseArgs, binary } from '../lib/server.mjs'

let server, owner
before(async () => {
  server = await startServer({ clock: null })
  owner = await signIn(server)
})
after(() => server.exited || server.stop())

const run = (...args) => hetang([...args, '--data', server.data, ...server.db])

test('serve needs an instance in which somebody can sign in, and says how to make one', () => {
  const serve = (data, ...args) => hetang(['serve', '--data', data, '--listen', '127.0.0.1:0', ...args], { timeout: 20000 })
  const missing = path.join(tempFolder(), 'not-here'), empty = tempFolder()
  for (const data of [missing, empty]) {
    const r = serve(data)
    assert.deepEqual([r.code, r.out], [1, ''])
    assert.ok(r.err.includes(`there is no instance in ${data}; make one with hetang init --data ${data}, or one full of`) && r.err.includes(`hetang demo --data ${data}`), r.err)
  }
  assert.equal(fs.existsSync(missing), false)
  assert.deepEqual(fs.readdirSync(empty), [], 'nothing is made')

  const begun = tempFolder()
  assert.match(hetang(['init', '--data', begun, '--password', 'short']).err, /password/i)
  const nobody = serve(begun)
  assert.deepEqual([nobody.code, nobody.err.includes(`hetang init --data ${begun} makes the owner`)], [1, true], nobody.err)
  assert.match(hetang(['init', '--data', begun]).out, /Sign in as owner/)
})

test('serve needs an instance in a database of its own too', async () => {
  const db = await databaseArgs()
  if (!db.length) return
  const data = tempFolder()
  const r = hetang(['serve', '--data', data, '--listen', '127.0.0.1:0', ...db], { timeout: 20000 })
  assert.deepEqual([r.code, r.err.includes('there is no instance in')], [1, true], r.err)
  assert.equal(fs.existsSync(path.join(data, 'hetang.key')), false)
  assert.match(hetang(['init', '--data', data, ...db]).out, /Sign in as owner/)
})

test('settings: listed with where they come from, one got, one set', () => {
  const data = tempFolder()
  const config = (args, env = {}) => hetang(['config', ...args, '--data', data], { env: { ...process.env, ...env } })
  const row = (name, env) => JSON.parse(config(['list', '--json'], env).out).find((r) => r.name === name)
  assert.deepEqual(row('listen').from, 'default')
  fs.writeFileSync(path.join(data, 'hetang.ini'), '# mine\nworkers = 3\n\nlisten=127.0.0.1:1\nlisten = 127.0.0.1:2\n')
  assert.deepEqual([row('listen').value, row('listen').from], ['127.0.0.1:2', 'hetang.ini'])
  assert.equal(config(['set', 'listen', '127.0.0.1:3']).code, 0)
  assert.equal(config(['set', 'slow-ms', '5']).code, 0)
  assert.equal(fs.readFileSync(path.join(data, 'hetang.ini'), 'utf8'), '# mine\nworkers = 3\n\nlisten = 127.0.0.1:3\nslow_ms = 5\n')
  assert.equal(fs.statSync(path.join(data, 'hetang.ini')).mode & 0o777, 0o600)
  assert.equal(config(['get', 'slow_ms']).out, '5\n')
  const beaten = config(['set', 'listen', '127.0.0.1:4'], { HETANG_LISTEN: '127.0.0.1:9' })
  assert.match(beaten.err, /the environment says otherwise/)
  assert.deepEqual(JSON.parse(config(['get', 'listen', '--json'], { HETANG_LISTEN: '127.0.0.1:9' }).out), { name: 'listen', value: '127.0.0.1:9', from: 'environment' })
  assert.equal(config(['set', 'db', 'postgres://a:secret@h/d']).code, 0)
  assert.doesNotMatch(config(['list']).out, /secret/)
  assert.equal(config(['set', 'db', '']).code, 0)
  assert.equal(config(['get', 'db']).out, '\n')
  for (const [args, code, re] of [
    [['set', 'slow_ms', 'fast'], 1, /whole number from 0 to 60000/],
    [['set', 'test_mode', 'yes'], 1, /true or false/],
    [['set', 'zone', 'a\nlisten = x'], 1, /is one line/],
    [['set', 'zone', 'a ; b'], 1, /without ;/],
    [['set', 'colour', 'red'], 1, /there is no setting colour/],
    [['get', 'colour'], 1, /there is no setting colour/],
    [['set', 'zone'], 2, /what to do is/],
    [['sell'], 2, /what to do is/],
  ]) {
    const r = config(args)
    assert.equal(r.code, code, args.join(' '))
    assert.match(r.err, re)
  }
})

test('a new key beside the server: all is sealed anew, old keys go when nothing needs them', async () => {
  const made = { name: '韩梅梅', address: '南京路1号', identities: [{ kind: 'mobile', value: '13900001111' }] }
  const c = await owner.customer.create(made, { key: 'once' })
  const other = await owner.customer.create({ address: '南京路2号', identities: [{ kind: 'mobile', value: '13900002222' }] })
  await owner.source.create({ name: 'web' })
  await owner.customer.merge({ id: c.id, other_id: other.id })
  await owner.account.totpEnrol()
  const me = (await owner.staff.list({ limit: 1 })).items[0]
  await owner.staff.change({ id: me.id, mobile: '13700001111' }, { version: me.version })
  const sealed = ['identity.sealed', 'identity_conflict.sealed', 'customer.address_sealed', 'merge.survivor_before', 'source.key_sealed', 'staff.mobile_sealed', 'staff.totp_sealed', 'idempotency.reply']
  const hex = (column) => (server.db.length ? `encode(substr(${column}, 1, 5), 'hex')` : `hex(substr(${column}, 1, 5))`)
  const heads = () => Object.fromEntries(sealed.map((s) => {
    const [table, column] = s.split('.')
    return [s, ask(server, `SELECT DISTINCT ${hex(column)} FROM ${table} WHERE ${column} IS NOT NULL`).split('\n').filter(Boolean)]
  }))
  // One that the server itself makes rarely: two people who turned out to be one, to be decided by a person.
  ask(server, `INSERT INTO identity_conflict (customer_id, kind, scope, sealed, reason, origin, created_at) SELECT customer_id, kind, '', sealed, 'limit', 'x', 1 FROM identity WHERE sealed IS NOT NULL LIMIT 1`)
  for (const [s, found] of Object.entries(heads())) assert.deepEqual(found, ['0101000000'], s)
  const r = run('config', 'rotate-key')
  assert.equal(r.code, 0, r.err)
  assert.match(r.out, /^Key 2 is in use and everything is sealed with it/)
  const now = heads()
  for (const s of sealed) assert.deepEqual(now[s], ['0102000000'], s)
  const open = await owner.customer.reveal({ id: c.id })
  assert.deepEqual([open.address, open.identities[0].value], ['南京路1号', '13900001111'])
  assert.deepEqual((await owner.customer.create(made, { key: 'once' })).id, c.id, 'what was answered before is answered again')
  assert.match(run('config', 'rotate-key', '--prune').err, /stop the server \(process \d+\) first/)
  await server.stop()
  assert.match(run('config', 'rotate-key', '--prune').out, /^1 key removed, 1 kept/)
  server = await startServer({ data: server.data, db: server.db, clock: null })
  owner = await signIn(server)
  assert.equal((await owner.customer.reveal({ id: c.id })).address, '南京路1号')
  assert.equal(JSON.parse(run('doctor', '--json').out).findings.find((f) => f.check === 'contents').health, 'ok')
})

test('nodes of one database: who lacks the key that another seals with is told so, and gets well when it is copied', { skip: process.env.HETANG_TEST_PG === undefined && 'PostgreSQL only' }, async (t) => {
  const db = await databaseArgs()
  const home = path.join(tempFolder(), 'first')
  assert.equal(hetang(['init', '--data', home, ...db]).code, 0)
  const first = await startServer({ db, data: home, clock: null })
  t.after(() => first.kill())
  const data = tempFolder(), key = path.join(data, 'hetang.key')
  fs.copyFileSync(path.join(first.data, 'hetang.key'), key)
  const second = await startServer({ db, data, clock: null })
  t.after(() => second.kill())
  const ready = async (server) => anonymous(server).fetch('/readyz').then(async (r) => [r.status, await r.json()])
  const at = (server) => ['--data', server.data, ...db]
  assert.equal((await ready(second))[0], 200)
  await local(first).customer.create({ name: 'x', identities: [{ kind: 'mobile', value: '13900007777' }] })
  const before = fs.readFileSync(key)
  const rotating = spawn(binary, ['config', 'rotate-key', ...at(first)], { stdio: 'ignore' }) // until all is sealed anew
  t.after(() => rotating.kill())
  const [status, problem] = await eventually(async () => {
    const r = await ready(second)
    return r[0] !== 200 && r
  })
  assert.deepEqual([status, problem.code], [503, 'unavailable'])
  assert.match(problem.title, /another node seals with key 2, .*copy hetang.key from there/)
  assert.equal((await ready(first))[0], 200)
  const found = JSON.parse(hetang(['doctor', ...at(second), '--json']).out).findings.filter((f) => f.check === 'contents')
  assert.deepEqual(found.map((f) => f.health), ['problem'])
  assert.match(found[0].text ?? JSON.stringify(found[0]), /another node seals with key 2/)
  const again = hetang(['config', 'rotate-key', ...at(second)])
  assert.equal(again.code, 1)
  assert.match(again.err, /another node seals with key 2/)
  assert.deepEqual(fs.readFileSync(key), before, 'a second key 2 was not made')
  fs.copyFileSync(path.join(first.data, 'hetang.key'), key)
  assert.equal((await ready(second))[0], 200, 'without a restart')
  assert.equal(await eventually(() => rotating.exitCode !== null && `code ${rotating.exitCode}`, 'the end of the rotation'), 'code 0')
  assert.equal(ask(first, `SELECT count(*) FROM identity WHERE sealed IS NOT NULL AND encode(substr(sealed, 1, 5), 'hex') <> '0102000000'`), '0')
  const one = await local(first).customer.find({ kind: 'mobile', value: '13900007777' })
  assert.equal((await local(second).customer.reveal({ id: one.id })).identities[0].value, '13900007777')
})

test('a new key after an earlier rotation was killed: the job is taken up, on PostgreSQL when its lease has run out', async () => {
  const data = path.join(tempFolder(), 'killed'), db = await databaseArgs()
  assert.equal(hetang(['init', '--data', data, ...db]).code, 0)
  const lease = Date.now() + (db.length ? 2000 : 110000)
  ask({ data, db }, `INSERT INTO job (kind, payload, state, due_at, dedupe_key, attempts, done, total, created_at) VALUES ('reseal', '{}', 'running', ${lease}, 'reseal', 1, 0, 0, ${Date.now()})`)
  const r = hetang(['config', 'rotate-key', '--data', data, ...db], { timeout: 30000 })
  assert.deepEqual([r.code, r.signal], [0, null], r.err)
  assert.match(r.out, /^Key 2 is in use and everything is sealed with it/)
})

const doctor = (args) => {
  const r = hetang(['doctor', ...args, '--json'])
  return { code: r.code, of: (check) => JSON.parse(r.out).findings.filter((f) => f.check === check), text: r.out + r.err }
}

test('doctor: a server that runs is well', () => {
  const d = doctor(['--data', server.data, ...server.db])
  assert.equal(d.code, 0, d.text)
  for (const check of ['folder', 'files', 'disk', 'settings', 'tls', 'key', 'database', 'contents']) assert.deepEqual(d.of(check).map((f) => f.health), ['ok'], check)
  assert.match(d.of('ports')[0].text, /serves, and says it is ready/)
  assert.match(run('doctor').out, /^ok +folder/)
})

test('doctor: each fault is found, with its cure', async () => {
  const data = path.join(tempFolder(), 'd')
  assert.equal(hetang(['init', '--data', data]).code, 0)
  const find = (check, args = []) => {
    const d = doctor(['--data', data, ...args])
    const bad = d.of(check).filter((f) => f.health !== 'ok')
    assert.ok(bad.length && bad.every((f) => f.cure), `${check}: ${d.text}`)
    return { code: d.code, text: bad.map((f) => f.text).join('\n') }
  }
  assert.equal(doctor(['--data', data, '--listen', '127.0.0.1:0']).code, 0)
  assert.match(find('folder', ['--data', `${data}/none`]).text, /no such folder/)
  fs.chmodSync(data, 0o755)
  assert.match(find('folder').text, /others may look into/)
  fs.chmodSync(data, 0o700)
  const key = path.join(data, 'hetang.key'), db = path.join(data, 'hetang.db')
  fs.chmodSync(key, 0o644)
  assert.deepEqual([find('files').code, find('key').code], [1, 1])
  fs.chmodSync(key, 0o600)
  fs.renameSync(key, `${key}.away`)
  assert.match(find('key').text, /is missing/)
  fs.renameSync(`${key}.away`, key)
  assert.match(find('disk', ['--disk-reserve-mb', '1000000']).text, /less than the reserve/)
  assert.match(find('settings', ['--zone', 'Mars/Olympus']).text, /knows no time zone/)
  assert.match(find('settings', ['--test-mode', 'true']).text, /move the clock/)
  assert.match(find('limits', ['--conns-max', '1000000']).text, /files may be open|conns_max/)
  const busy = net.createServer().listen(0, '127.0.0.1')
  await new Promise((r) => busy.on('listening', r))
  assert.match(find('ports', ['--listen', `127.0.0.1:${busy.address().port}`]).text, /in use/)
  busy.close()
  assert.match(find('tls', ['--listen', '0.0.0.0:8080']).text, /passwords go over the wire/)
  assert.match(find('tls', ['--tls-cert', '/none', '--tls-key', '/none']).text, /cannot be used together/)
  const pem = (days) => {
    const base = path.join(data, '..', `t${days}`)
    spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=x', '-days', String(days), '-keyout', `${base}.key`, '-out', `${base}.pem`])
    return ['--tls-cert', `${base}.pem`, '--tls-key', `${base}.key`]
  }
  assert.match(find('tls', pem(3)).text, /ends in [23] days/)
  assert.equal(doctor(['--data', data, ...pem(90)]).of('tls')[0].health, 'ok')
  // what was written is ahead of the clock; a job that failed for good; a value of a lost key
  const sql = (text) => spawnSync('sqlite3', [db, text], { encoding: 'utf8' })
  const ahead = Date.now() + 3600000
  assert.equal(sql(`UPDATE event SET received_ms = ${ahead}`).stderr, '')
  assert.match(find('contents').text, /ahead of the clock/)
  assert.equal(sql(`UPDATE event SET received_ms = 1`).stderr, '')
  assert.equal(doctor(['--data', data]).of('contents')[0].health, 'ok')
  assert.equal(sql(`UPDATE staff SET mobile_sealed = CAST(x'0100000009' || zeroblob(40) AS BLOB)`).stderr, '')
  assert.match(find('contents').text, /1 values are sealed with a key that the key file does not have/)
  const bytes = fs.readFileSync(db)
  bytes.fill(0xff, 4096 * 3, 4096 * 6)
  fs.writeFileSync(db, bytes)
  assert.equal(find('database').code, 1)
})

test('completion offers commands, words, options and settings, in bash; the same for zsh', () => {
  const script = path.join(tempFolder(), 'c')
  fs.writeFileSync(script, hetang(['completion', 'bash']).out)
  const offer = (...words) => spawnSync('bash', ['-c', `source ${script}; COMP_WORDS=(hetang "$@"); COMP_CWORD=$#; _hetang; printf '%s\\n' "\${COMPREPLY[@]}"`, 'x', ...words], { encoding: 'utf8' }).stdout.trim().split('\n')
  assert.deepEqual(offer('ba'), ['backup'])
  assert.deepEqual(offer('config', 'r'), ['rotate-key'])
  assert.deepEqual(offer('config', '--pr'), ['--prune'])
  assert.deepEqual(offer('serve', '--slow'), ['--slow-ms'])
  assert.deepEqual(offer('completion', ''), ['bash', 'zsh', '--data', '--json', '--help'])
  const zsh = hetang(['completion', 'zsh']).out
  for (const c of JSON.parse(hetang(['help', '--json']).out)) {
    assert.ok(zsh.includes(`\n    '${c.name}:`) && zsh.includes(`\n    ${c.name})\n`), c.name)
    for (const o of c.options) assert.ok(zsh.includes(`--${o.name}[`), o.name)
  }
  assert.equal(hetang(['completion', 'fish']).code, 2)
})

test('help and version, for people and machines', () => {
  assert.match(hetang(['help']).out, /hetang backup +Back the instance up/)
  assert.match(hetang(['backup', '--help']).out, /--every TIME/)
  assert.equal(hetang(['help', 'backup']).out, hetang(['backup', '--help']).out)
  assert.equal(JSON.parse(hetang(['help', 'backup', '--json']).out).options[0].name, 'out')
  assert.ok(JSON.parse(hetang(['help', 'settings', '--json']).out).some((s) => s.name === 'listen'))
  assert.match(hetang(['help', 'settings']).out, /^listen +Address/)
  assert.equal(hetang(['help', 'dance']).code, 2)
  assert.equal(hetang(['dance']).code, 2)
  assert.match(JSON.parse(hetang(['version', '--json']).out).version, /^\d+\.\d+\.\d+$/)
  assert.equal(JSON.parse(hetang(['openapi']).out).openapi, '3.1.0')
  // The table of commands is what can be run: none answers "there is no command".
  for (const c of JSON.parse(hetang(['help', '--json']).out)) assert.equal(hetang([c.name, '--help']).code, 0, c.name)
})
