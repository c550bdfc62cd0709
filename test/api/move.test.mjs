import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { startServer, signIn, hetang, tempFolder, databaseArgs, ask, all } from '../lib/server.mjs'

const onServer = process.env.HETANG_TEST_PG !== undefined
let server, owner, person
before(async () => {
  server = await startServer()
  owner = await signIn(server)
  person = await owner.customer.create({ name: '李雷', birthday: '1990-02-03', address: '世纪大道100号', identities: [{ kind: 'mobile', value: '13812345678' }] })
  await owner.note.add({ id: person.id, text: 'moved 搬家' })
})
after(() => server.exited || server.stop())

const migrate = (data, ...args) => hetang(['migrate', '--data', data, ...args])
const same = async (c) => {
  const back = await c.customer.reveal({ id: person.id })
  assert.deepEqual([back.name, back.birthday, back.address, back.identities[0].value], ['李雷', '1990-02-03', '世纪大道100号', '13812345678'])
  assert.equal((await all(c.note.list, { id: person.id }))[0].text, 'moved 搬家')
}

test('what cannot be is said, and nothing is moved', async () => {
  const cases = [
    [['--to', 'mysql://x'], 2, /--to is postgres:\/\//],
    [['--to', onServer ? 'postgres://127.0.0.1:1/x' : 'sqlite'], 2, /already/],
    [['--to', onServer ? 'sqlite' : 'postgres://127.0.0.1:1/x'], 1, /stop the server \(process \d+\) first/],
    [[], 1, /a server \(process \d+\) has the instance/],
  ]
  for (const [args, code, re] of cases) {
    const r = migrate(server.data, ...server.db, ...args)
    assert.equal(r.code, code, args.join(' ') + r.err)
    assert.match(r.err, re)
  }
  assert.match(migrate(tempFolder(), '--to', 'postgres://127.0.0.1:1/x').err, /there is no instance/)
})

test('stopped: up to date, and a target that is not there or not empty is refused', async () => {
  await server.stop()
  const r = migrate(server.data, ...server.db, '--json')
  assert.equal(r.code, 0, r.err)
  assert.deepEqual(Object.keys(JSON.parse(r.out)), ['migrations', 'newest'])
  if (onServer) return
  const gone = migrate(server.data, '--to', 'postgres://127.0.0.1:1/x')
  assert.deepEqual([gone.code, /may this machine reach it/.test(gone.err)], [1, true])
})

test('from the server into a file and into another server', { skip: !onServer && 'on PostgreSQL only' }, async () => {
  const r = migrate(server.data, ...server.db, '--to', 'sqlite', '--json')
  assert.equal(r.code, 0, r.err)
  const moved = JSON.parse(r.out)
  const count = (at, table) => Number(ask(at, `SELECT count(*) FROM ${table}`))
  for (const t of moved.tables) assert.equal(count(server, `"${t.name}"`), t.rows, t.name)
  assert.ok(moved.tables.every((t) => /^[0-9a-f]{32}$/.test(t.checksum)))
  const file = await startServer({ data: server.data, db: [] })
  const c = await signIn(file)
  await same(c)
  const added = await c.customer.create({ name: 'in the file' })
  await file.stop()

  const db = await databaseArgs()
  const full = migrate(server.data, '--to', server.db[1])
  assert.deepEqual([full.code, /not empty/.test(full.err)], [1, true], full.err)
  const back = migrate(server.data, '--to', db[1])
  assert.equal(back.code, 0, back.err)
  assert.match(back.out, /the same rows and checksums on both sides/)
  assert.equal(hetang(['config', 'set', 'db', db[1], '--data', server.data]).code, 0)
  const again = await startServer({ data: server.data, db: [] })
  const d = await signIn(again)
  await same(d)
  assert.ok((await d.customer.create({ name: 'on the server' })).id > added.id)
  assert.equal(fs.existsSync(path.join(server.data, 'hetang.db')), true, 'the file was only read')
  await again.stop()
})
