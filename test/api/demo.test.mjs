// A brand's year, made and looked at: the same seed gives the same people, whatever interrupted an earlier attempt.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { spawn } from 'node:child_process'
import { startServer, signIn, all, hetang, tempFolder, databaseArgs, binary, eventually } from '../lib/server.mjs'

const END = new Date().toISOString()
const plan = ['--customers', '250', '--seed', '7', '--until', END]
const demo = (data, ...args) => hetang(['demo', '--data', data, ...plan, ...args])
const onSqlite = process.env.HETANG_TEST_PG === undefined

async function look(server) {
  const owner = await signIn(server, 'owner', 'hetang-demo')
  const people = await all(owner.customer.search)
  const tags = (await owner.tag.list({ limit: 200 })).items
  return {
    people: people.map((c) => [c.id, c.name, c.city, c.birthday, c.stage_id, c.order_count, c.order_fen, c.last_order_at, c.joined_at]),
    tags: tags.map((t) => [t.name, t.people]),
  }
}

test('a year of a brand, the same twice', async (t) => {
  const seen = []
  for (let i = 0; i < 2; i++) {
    const data = path.join(tempFolder(), 'brand')
    const db = await databaseArgs()
    const made = demo(data, ...db)
    assert.equal(made.code, 0, made.err)
    const server = await startServer({ data, db, clock: null, args: ['--test-clock', END] })
    t.after(() => server.kill())
    seen.push(await look(server))
    if (i === 0) {
      const manager = await signIn(server, 'store1', 'hetang-demo')
      const own = await manager.customer.search({ limit: 200 })
      assert.ok(own.items.length > 0 && own.items.length < 60, `a store manager sees the store's own: ${own.items.length}`)
    }
    await server.stop()
  }
  const [one, two] = seen
  one.people.forEach((p, i) => assert.deepEqual(p, two.people[i]))
  assert.deepEqual(one, two)
  assert.ok(one.people.length > 230 && one.people.length <= 250, `${one.people.length} people`)
  assert.ok(one.tags.filter(([, people]) => people > 0).length > 20, 'rules and hands have given tags')
  assert.ok(one.people.filter((p) => p[5] > 1).length > 20, 'people come back')
})

test('an interrupted demo leaves nothing behind, and the next one is whole', { skip: !onSqlite && 'a folder is renamed; a database server has none' }, async () => {
  const data = path.join(tempFolder(), 'brand')
  const child = spawn(binary, ['demo', '--data', data, '--customers', '20000', '--until', END], { stdio: 'ignore' })
  const ended = new Promise((done) => child.on('exit', done))
  await eventually(() => fs.existsSync(`${data}.making/hetang.db`), 'the folder beside')
  child.kill('SIGKILL')
  await ended
  assert.ok(!fs.existsSync(data))
  assert.equal(demo(data).code, 0)
  assert.deepEqual(fs.readdirSync(path.dirname(data)), ['brand'])

  const before = fs.statSync(path.join(data, 'hetang.db')).mtimeMs
  assert.equal(demo(data, '--seed', '8').code, 0, 'one that is there is left as it is')
  assert.equal(fs.statSync(path.join(data, 'hetang.db')).mtimeMs, before)
})

test('a wish that cannot be is refused', () => {
  for (const [args, code] of [[['--customers', '3'], 2], [['--until', 'yesterday'], 2], [['--seed', 'x'], 2]])
    assert.equal(hetang(['demo', '--data', path.join(tempFolder(), 'no'), ...args]).code, code, args.join(' '))
})
