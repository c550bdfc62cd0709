import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'
import { startServer, signIn, hetang, tempFolder, databaseArgs, eventually, ask, binary, all } from '../lib/server.mjs'

let server, owner, person
before(async () => {
  server = await startServer()
  owner = await signIn(server)
  person = await owner.customer.create({ name: '李雷', address: '浦东新区世纪大道100号', identities: [{ kind: 'mobile', value: '13812345678' }] })
  await owner.note.add({ id: person.id, text: "it's a note — 备注" })
})
after(() => server.stop())

const run = (...args) => hetang([...args])
const backup = (...args) => run('backup', ...args, '--data', server.data, ...server.db)
const key = () => path.join(server.data, 'hetang.key')

/** The instance of a backup, served; what it says of the person. */
async function restored(file, ...args) {
  const data = path.join(tempFolder(), 'there')
  const db = await databaseArgs()
  const r = run('restore', file, '--data', data, ...db, ...args)
  assert.equal(r.code, 0, r.err)
  const again = await startServer({ data, db: [] }) // of a server, hetang.ini says which
  again.db = db
  const c = await signIn(again)
  return { again, c, data, db, said: r.out }
}

test('while it is served: packed, read back, restored, the same', async () => {
  const folder = tempFolder()
  let writing = true, written = 0
  const load = (async () => {
    while (writing) await owner.customer.create({ name: `w${written++}` })
  })()
  await eventually(() => written > 5)
  const child = spawn(binary, ['backup', '--data', server.data, ...server.db, '--out', folder, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = '', err = ''
  child.stdout.on('data', (d) => (out += d))
  child.stderr.on('data', (d) => (err += d))
  const code = await new Promise((r) => child.on('exit', r))
  writing = false
  await load
  assert.equal(code, 0, err)
  const said = JSON.parse(out)
  assert.match(path.basename(said.file), /^hetang-\d{8}T\d{6}Z\.tar\.gz$/)
  assert.deepEqual(fs.readdirSync(folder), [path.basename(said.file)], 'nothing else is left')
  assert.equal(fs.statSync(said.file).mode & 0o777, 0o600)
  assert.ok(said.tables.customer >= 2 && said.tables.customer <= written + 1)
  assert.deepEqual(spawnSync('tar', ['-tzf', said.file], { encoding: 'utf8' }).stdout.trim().split('\n'), ['hetang.db', 'manifest.json'])

  const { again, c } = await restored(said.file, '--key', key())
  const back = await c.customer.reveal({ id: person.id })
  assert.deepEqual([back.name, back.address, back.identities[0].value], ['李雷', '浦东新区世纪大道100号', '13812345678'])
  assert.equal((await all(c.note.list, { id: person.id }))[0].text, "it's a note — 备注")
  assert.equal(Number(ask(again, 'SELECT count(*) FROM customer')), said.tables.customer)
  assert.throws(() => ask(again, "INSERT INTO department (parent_id, kind, name, path, created_at) VALUES (NULL, 'head', 'x', '/9/', 1)"), /[Uu]nique|UNIQUE/, 'still one root')
  const more = await c.customer.create({ name: 'after' }) // numbers go on behind the last
  assert.ok(more.id > person.id)
  await again.stop()
})

test('the key file: with it when asked, else told', async () => {
  const folder = tempFolder()
  const plain = backup(path.join(folder, 'a.tar.gz'))
  assert.match(plain.err, /the key file is not in it/)
  const whole = backup(path.join(folder, 'b.tar.gz'), '--with-key')
  assert.deepEqual([plain.code, whole.code], [0, 0])
  const { again, c } = await restored(path.join(folder, 'b.tar.gz'))
  assert.equal((await c.customer.reveal({ id: person.id })).identities[0].value, '13812345678')
  await again.stop()

  const data = path.join(tempFolder(), 'x'), db = await databaseArgs()
  const r = run('restore', path.join(folder, 'a.tar.gz'), '--data', data, ...db)
  assert.match(r.out, /put your copy at .*hetang\.key/)
  const serve = run('serve', '--data', data, '--listen', '127.0.0.1:0')
  assert.deepEqual([serve.code, /key file .* is missing/.test(serve.err)], [1, true], serve.err)
})

test('what is damaged or not ours is refused, and nothing stays', async () => {
  const folder = tempFolder()
  const good = path.join(folder, 'good.tar.gz')
  assert.equal(backup(good).code, 0)
  const bytes = fs.readFileSync(good)
  const tar = zlib.gunzipSync(bytes)
  const flip = (buffer, at) => { const b = Buffer.from(buffer); b[at] ^= 1; return b }
  const cases = {
    'cut in half': [bytes.subarray(0, bytes.length >> 1), /damaged/],
    'cut by a byte': [bytes.subarray(0, bytes.length - 1), /damaged/],
    'a bit of the packed file': [flip(bytes, bytes.length >> 1), /damaged/],
    'a bit of the database, packed again': [zlib.gzipSync(flip(tar, 512 + 5000)), /damaged: a file is not what the manifest says/],
    'a file too many': [zlib.gzipSync(Buffer.concat([tar.subarray(0, tar.length - 1024), evil(), tar.subarray(-1024)])), /not of a backup/],
    'no manifest': [zlib.gzipSync(tar.subarray(0, tar.indexOf('manifest.json'))), /damaged/],
    'not packed': [tar, /no gzip/],
    'empty': [Buffer.alloc(0), /no gzip/],
    'a text': [Buffer.from('SELECT 1'), /no gzip/],
  }
  for (const [name, [content, re]] of Object.entries(cases)) {
    const file = path.join(folder, 'bad.tar.gz'), data = path.join(folder, 'never')
    fs.writeFileSync(file, content)
    const r = run('restore', file, '--data', data)
    assert.equal(r.code, 1, name)
    assert.match(r.err, re, name)
    assert.equal(fs.existsSync(data), false, `${name}: nothing is left`)
  }
  const full = tempFolder()
  fs.writeFileSync(path.join(full, 'mine'), '')
  assert.match(run('restore', good, '--data', full).err, /is not empty/)
  // What was broken off is not in the way, and is no instance.
  const half = path.join(folder, 'half')
  fs.mkdirSync(path.join(half, 'restoring'), { recursive: true })
  fs.writeFileSync(path.join(half, 'restoring/hetang.db'), 'half of one')
  assert.match(run('serve', '--data', half).err, /there is no instance in/)
  assert.equal(run('restore', good, '--data', half).code, 0)
  assert.deepEqual(fs.readdirSync(half).filter((n) => !['hetang.db', 'hetang.key'].includes(n)), [])
  assert.match(run('restore', path.join(folder, 'none'), '--data', folder).err, /cannot read/)
  fs.writeFileSync(path.join(folder, 'wrong.key'), 'nothing', { mode: 0o600 })
  const r = run('restore', good, '--data', path.join(folder, 'k'), '--key', path.join(folder, 'wrong.key'))
  assert.deepEqual([r.code, fs.existsSync(path.join(folder, 'k'))], [1, false], r.err)
})

function evil() {
  const h = Buffer.alloc(512)
  h.write('../evil', 0)
  h.write('0000600\0', 100)
  h.write('00000000000\0', 124)
  h.write('0', 156)
  h.write('ustar\0', 257)
  h.fill(' ', 148, 156)
  h.write(`${[...h].reduce((a, b) => a + b, 0).toString(8).padStart(6, '0')}\0 `, 148)
  return h
}

test('again and again, the newest kept', async () => {
  const folder = tempFolder()
  const left = path.join(folder, '.hetang-backup-dead'), yesterday = Date.now() / 1000 - 100000
  fs.mkdirSync(left)
  fs.writeFileSync(path.join(left, 'hetang.db'), 'half')
  fs.utimesSync(left, yesterday, yesterday)
  fs.writeFileSync(path.join(folder, 'notes.txt'), 'not ours')
  const child = spawn(binary, ['backup', '--data', server.data, ...server.db, '--out', folder, '--every', '1s', '--keep', '2'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  child.stdout.on('data', (d) => (out += d))
  const files = () => fs.readdirSync(folder).filter((f) => f.endsWith('.tar.gz')).sort()
  const made = () => [...out.matchAll(/^(.*\.tar\.gz):/gm)].map((m) => path.basename(m[1]))
  await eventually(() => made().length >= 3)
  child.kill('SIGTERM')
  const code = await new Promise((r) => child.on('exit', r))
  assert.equal(code, 0)
  assert.deepEqual(files(), made().slice(-2))
  assert.deepEqual(fs.readdirSync(folder).filter((f) => !f.endsWith('.gz')), ['notes.txt'])
})

test('what cannot be is said', () => {
  const folder = tempFolder()
  fs.writeFileSync(path.join(folder, 'there'), '')
  const cases = [
    [[path.join(folder, 'there')], 1, /is there already/],
    [['--every', 'often'], 2, /--every is a number/],
    [['--every', '6h', 'x'], 2, /names its files itself/],
    [['--keep', '0', '--every', '6h'], 2, /whole number from 1/],
    [['a', '--out', 'b'], 2, /not both/],
    [['--out', '/proc/none'], 1, /cannot make the folder/],
  ]
  for (const [args, code, re] of cases) {
    const r = backup(...args)
    assert.equal(r.code, code, args.join(' '))
    assert.match(r.err, re)
  }
  assert.match(run('backup', '--data', folder).err, /there is no instance/)
  assert.deepEqual(fs.readdirSync(folder), ['there'])
})
