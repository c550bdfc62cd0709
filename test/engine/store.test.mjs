// ClickHouse as the store of facts (the setting `events`), with real servers: the same answers as of our own index, whatever is
// stopped, killed, wiped or wrong meanwhile.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import test from 'node:test'
import { CLUSTER, clickhouseCommand, eventsUrl, startClickhouse, startClickhouses } from '../lib/clickhouse.mjs'
import { freshDatabase, startPostgres } from '../lib/postgres.mjs'
import { ask, binary, eventually, hetang, problem, root, signIn, startServer, tempFolder, NOW } from '../lib/server.mjs'

const skip = !clickhouseCommand() && 'no clickhouse-server on this machine'
const FACTS = 200000
const PEOPLE = 1000

/** What `owner` sees of the state. */
const state = (owner) => owner.insight.state()
const current = (owner) => eventually(async () => {
  const s = await state(owner)
  return s.ready && s.behind === 0 && s
}, 'being told everything')

// --- the same questions of two instances of the same log

const range = { since: '2026-01-01', until: '2026-03-02' }
const questions = [
  { kind: 'segment' },
  { kind: 'segment', people: { event: 't.paid', count: { gte: 40 } }, counts: true },
  { kind: 'segment', people: { all: [{ attr: 'city', eq: '上海' }, { event: 't.paid', sum: { prop: 'amount', gte: 20000 } }] } },
  { kind: 'funnel', ...range, steps: ['t.visit', 't.cart', 't.paid'], window: '2d', breakdown: [{ prop: 'channel' }] },
  { kind: 'funnel', ...range, steps: ['t.visit', 't.paid'], window: '7d', count: 'entry' },
  { kind: 'retention', ...range, start: 't.visit', return: 't.paid', unit: 'week', periods: 6, value: 'amount' },
  { kind: 'trend', ...range, of: 't.paid', figure: 'sum', prop: 'amount', unit: 'day', breakdown: [{ attr: 'city' }] },
  { kind: 'trend', ...range, of: 'customer.merged', figure: 'count', unit: 'month' },
  { kind: 'attribution', ...range, touch: 't.visit', channel: 'channel', conversion: 't.paid', value: 'amount', window: '3d' },
  { kind: 'paths', ...range, from: 't.visit', levels: 4, top: 5, by: 'channel' },
  { kind: 'profile', people: { event: 't.paid', within: '3d' }, attrs: ['city'] },
]
const answer = async (owner, query) => {
  const { count, people, result } = await owner.insight.ask({ query, people: 1000 })
  return { count, people, result }
}
async function agree(ours, theirs) {
  for (const query of questions)
    assert.deepEqual(await answer(theirs, query).catch((e) => e.message), await answer(ours, query), JSON.stringify(query))
  const types = async (o) => (await o.insight.events()).items.map((t) => [t.name, t.facts, t.props]).sort((a, b) => (a[0] < b[0] ? -1 : 1))
  const props = (list) => list.map(([name, , p]) => [name, p])
  // our own index counts what was dropped until it is folded
  assert.deepEqual(props(await types(theirs)), props(await types(ours)))
}

/** A folder with people and FACTS facts of theirs; the numbers of the people. */
async function history() {
  const server = await startServer()
  const owner = await signIn(server)
  const people = []
  for (let i = 0; i < PEOPLE; i++) people.push((await owner.customer.create({ name: `c ${i}`, city: ['上海', '杭州', '苏州'][i % 3] })).id)
  await server.stop()
  assert.equal(people.at(-1) - people[0], PEOPLE - 1)
  const from = Date.parse('2026-01-01T00:00:00Z')
  ask(server, `INSERT INTO event_type (name, declared, first_seen_at) VALUES ('t.visit', 0, 1), ('t.cart', 0, 1), ('t.paid', 0, 1);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${FACTS})
    INSERT INTO event (customer_id, type_id, at_ms, received_ms, source_id, props)
    SELECT ${people[0]} + i * 7919 % ${PEOPLE}, (SELECT id FROM event_type WHERE name = CASE (i / ${PEOPLE} + i * 7) % 5 WHEN 0 THEN 't.paid' WHEN 1 THEN 't.cart' ELSE 't.visit' END),
      ${from} + i * 104729 % 5000000 * 1000, ${from} + i, 1, json_object('amount', i % 997 + 0.5, 'channel', 'c' || (i * 31 % 7), 'gift', json(iif(i % 3, 'true', 'false'))) FROM n`)
  return { data: server.data, people }
}

const copyOf = (data) => {
  const to = tempFolder()
  fs.cpSync(data, to, { recursive: true, filter: (f) => !/\/(socket|engine)$/.test(f) })
  return to
}

/** A server that says how it stands before it is ready. */
async function serveWith(data, events, clock = NOW) {
  const server = await startServer({ data, args: ['--events', events], clock })
  return { server, owner: await signIn(server) }
}

/** What a command says, while this process goes on with what it serves. */
function beside(args) {
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const from of [child.stdout, child.stderr]) from.on('data', (d) => (said += d))
  return new Promise((resolve) => child.on('close', () => resolve(said)))
}

test('the tests of questions and segments hold with a ClickHouse', { skip }, async (t) => {
  const clickhouse = await startClickhouse()
  t.after(clickhouse.stop)
  for (const name of ['insight', 'segment', 'report']) {
    await clickhouse.say(`CREATE DATABASE ${name}`)
    const env = { ...process.env, HETANG_EVENTS: `clickhouse://brand:lotus@127.0.0.1:${clickhouse.port}/${name}` }
    delete env.NODE_TEST_CONTEXT
    const child = spawn(process.execPath, ['--test', `test/api/${name}.test.mjs`], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    child.stdout.on('data', (d) => (said += d))
    child.stderr.on('data', (d) => (said += d))
    assert.equal(await new Promise((r) => child.on('exit', r)), 0, said.slice(-6000))
    assert.notEqual(await clickhouse.say(`SELECT max(seq) FROM ${name}.told`), '0', 'it was told nothing')
  }
})

test('two shards, one of them killed in the middle of a load, Hetang too: nothing lost, nothing doubled', { skip, timeout: 280000 }, async (t) => {
  const shards = await startClickhouses(2)
  t.after(() => Promise.all(shards.map((s) => s.stop())))
  const { data, people } = await history()
  const copy = copyOf(data)
  const ours = await startServer({ data })
  t.after(() => ours.stop())
  const owner = await signIn(ours)
  let { server, owner: theirs } = await serveWith(copy, eventsUrl(shards))
  t.after(() => server.stop())
  const position = async (s) => Number(await s.say('SELECT seq FROM told FINAL'))
  await eventually(async () => (await position(shards[0])) >= FACTS / 5, 'a part of the load')
  await shards[1].kill()
  // It waits, says so, and asks nobody else.
  await eventually(async () => (await state(theirs)).problem?.includes(`127.0.0.1:${shards[1].port}`), 'noticing')
  assert.ok((await position(shards[0])) < FACTS, 'it was not in the middle')
  const refused = await problem(theirs.insight.ask({ query: { kind: 'segment' } }))
  assert.deepEqual([refused.status, refused.code], [503, 'unavailable'])
  assert.ok(refused.title.includes('does not answer'), refused.title)
  const metrics = async () => (await theirs.fetch('/metrics')).text()
  assert.match(await metrics(), /^hetang_insight_ready 0$/m)
  await server.kill()
  ;({ server, owner: theirs } = await serveWith(copy, eventsUrl(shards)))
  await eventually(async () => (await state(theirs)).problem, 'noticing again')
  await shards[1].start()
  await current(theirs)
  assert.match(await metrics(), /^hetang_insight_ready 1$/m)
  assert.equal(server.log.match(/"event":"insight.failed"/g).length, 1)
  assert.equal(server.log.match(/"event":"insight.goes_on"/g).length, 1)

  // Exact: by the database, by the servers, by the answers of our own index.
  const [[, total]] = [['', Number(ask(ours, `SELECT count(*) FROM event e JOIN event_type t ON t.id = e.type_id WHERE t.name LIKE 't.%'`))]]
  assert.equal(total, FACTS)
  assert.equal(await shards[0].say(`SELECT count() FROM events FINAL WHERE NOT dropped AND startsWith(type, 't.')`), String(FACTS))
  const sum = ask(ours, `SELECT sum(1000 * json_extract(props, '$.amount')) FROM event e JOIN event_type t ON t.id = e.type_id WHERE t.name = 't.paid'`)
  const trend = await answer(theirs, { kind: 'trend', ...range, of: 't.paid', figure: 'sum', prop: 'amount', unit: 'month', until: '2026-04-01' })
  assert.equal(trend.result.groups[0].total.sum * 1000, Number(sum))
  const each = await Promise.all(shards.map((s) => s.say('SELECT uniqExact(person) FROM events_local')))
  assert.equal(each.reduce((n, x) => n + Number(x), 0), PEOPLE, 'a person is on one shard')
  each.forEach((n) => assert.ok(Number(n) > PEOPLE / 3))
  await current(owner)
  await agree(owner, theirs)

  // Joined, parted, erased: on both instances; the shards of the two joined may differ.
  const both = [owner, theirs]
  const merges = []
  for (let i = 0; i < 12; i++) {
    const at = [people[2 * i], people[2 * i + 1]]
    merges.push(await Promise.all(both.map((o) => o.customer.merge({ id: at[0], other_id: at[1] }))))
  }
  await Promise.all(both.map(current))
  await agree(owner, theirs)
  assert.equal(await shards[1].say(`SELECT count() FROM events FINAL WHERE NOT dropped AND startsWith(type, 't.')`), String(FACTS))
  assert.equal(await shards[1].say(`SELECT count() FROM events FINAL WHERE NOT dropped AND person = ${people[1]}`), '0')
  for (let i = 0; i < 6; i++) await Promise.all(both.map((o, k) => o.merge.undo({ id: merges[i][k].id })))
  // … with a shard away while it happens, and Hetang ended before it is back
  await shards[0].kill()
  for (const o of both) {
    await o.customer.erase({ id: people[200] })
    await o.customer.merge({ id: people[201], other_id: people[202] })
  }
  await server.stop()
  await shards[0].start()
  ;({ server, owner: theirs } = await serveWith(copy, eventsUrl(shards)))
  await Promise.all([owner, theirs].map(current))
  await agree(owner, theirs)
  // Of the erased nothing is left but marks, which say nothing of them.
  await eventually(async () => {
    const left = await Promise.all(shards.map((s) => s.say(`SELECT count() FROM events_local WHERE person = ${people[200]} AND (NOT dropped OR type != '' OR notEmpty(text_names))`)))
    return left.every((n) => n === '0')
  }, 'erasing')
  assert.equal(await shards[0].say(`SELECT count() FROM persons WHERE person = ${people[200]} AND notEmpty(text_names)`), '0')

  // A shard that lost everything is told what it lacks.
  await eventually(async () => (await Promise.all(shards.map((s) => s.say('SELECT count() FROM system.mutations WHERE NOT is_done')))).every((n) => n === '0'), 'the deletions')
  for (const table of ['events_local', 'persons_local', 'told']) await shards[1].say(`DROP TABLE ${table}`)
  await eventually(async () => /"event":"insight.built"/.test(server.log), 'telling it anew')
  await current(theirs)
  await agree(owner, theirs)

  // The command line asks there too, and tells nothing.
  const file = path.join(copy, 'question.json')
  fs.writeFileSync(file, JSON.stringify(questions[3]))
  const said = hetang(['query', file, '--data', copy, '--events', eventsUrl(shards)])
  assert.equal(said.code, 0, said.err)
  assert.deepEqual(JSON.parse(said.out).result, (await answer(owner, questions[3])).result)
})

test('what is wrong with the servers is said, and not the password', { skip, timeout: 120000 }, async (t) => {
  const clickhouse = await startClickhouse()
  t.after(clickhouse.stop)
  const fake = (said) => new Promise((resolve) => {
    const f = http.createServer((_, reply) => reply.end(said)).listen(0, '127.0.0.1', () => resolve(f))
  })
  const [page, old] = await Promise.all([fake('<html>'), fake('1.1.54388\n')])
  t.after(() => [page, old].forEach((f) => { f.closeAllConnections(); f.close() }))
  const at = (port, database = 'default', user = '') => `clickhouse://${user}127.0.0.1:${port}/${database}`
  const first = await startServer()
  await first.stop()
  const data = first.data
  for (const [events, says] of [
    [at(clickhouse.port, 'default', 'brand:hunter2secret@'), 'refuses the user or the password'],
    [at(clickhouse.port, 'nono'), 'has no such database'],
    [at(page.address().port), 'is not a ClickHouse server'],
    [at(old.address().port), 'is too old (1.1.54388); it must be 18.16 or newer'],
    [at(1), 'does not answer: connect'],
    [`clickhouse://127.0.0.1:${clickhouse.port},127.0.0.1:${old.address().port}/default?cluster=${CLUSTER}`, 'is too old'],
    ['clickhouse://x:hunter2secret@127.0.0.1/default', 'the setting events is wrong'],
  ]) {
    const server = await startServer({ data, args: ['--events', events], clock: null })
    const owner = await signIn(server)
    const s = await eventually(async () => { const x = await state(owner); return x.problem && x }, says)
    assert.ok(s.problem.includes(says), `${s.problem}: ${says}`)
    assert.deepEqual([s.ready, s.store], [false, 'clickhouse'])
    const refused = await problem(owner.insight.ask({ query: { kind: 'segment' } }))
    assert.equal(refused.status, 503)
    assert.ok(refused.title.includes(says), refused.title)
    const system = JSON.stringify(await owner.system.status())
    await server.stop()
    const doctor = await beside(['doctor', '--data', data, '--events', events])
    assert.ok(doctor.includes(says), doctor)
    const shown = hetang(['config', 'list', '--data', data, '--events', events])
    for (const text of [server.log, s.problem, refused.title, doctor, system, shown.out]) assert.ok(!text.includes('hunter2secret'))
    assert.ok(server.log.includes('insight.failed'))
  }
  // Mended, it goes on: the database of the first case is there by now.
  await clickhouse.say('CREATE DATABASE nono')
  const { server, owner } = await serveWith(data, at(clickhouse.port, 'nono', 'brand:lotus@'), null)
  await current(owner)
  await server.stop()
})

test('a database of another instance, or with rows of others, is left alone; a log brought back is told anew', { skip, timeout: 120000 }, async (t) => {
  const clickhouse = await startClickhouse()
  t.after(clickhouse.stop)
  const url = eventsUrl([clickhouse])
  const one = await startServer({ args: ['--events', url] })
  const ann = await (await signIn(one)).customer.create({ name: 'ann', city: '上海' })
  await one.stop()
  const before = copyOf(one.data)
  let { server, owner: told } = await serveWith(one.data, url)
  await told.customer.create({ name: 'bo' })
  await current(told)
  assert.equal((await answer(told, { kind: 'segment' })).count, 2)

  // Sums are exact beyond 64 bits, and shown as the nearest that is none.
  const most = 9e15
  for (let i = 0; i < 3; i++) await told.test.event({ type: 't.huge', customer_id: ann.id, props: { amount: most } })
  await current(told)
  const huge = (measure) => answer(told, { kind: 'segment', people: { event: 't.huge', ...measure } })
  assert.equal((await huge({ sum: { prop: 'amount', gte: most } })).count, 1)
  assert.equal((await huge({ average: { prop: 'amount', eq: most } })).count, 1)
  assert.equal((await huge({ average: { prop: 'amount', lt: most } })).count, 0)
  const sum = await told.fetch('/api/v1/query', { method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: { kind: 'trend', of: 't.huge', figure: 'sum', prop: 'amount', unit: 'month', since: '2026-03-01', until: '2026-04-01' } }) })
  assert.match(await sum.text(), /"sum":9223372036854775\.807/)
  const back = await told.fetch('/api/v1/query', { method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: { kind: 'retention', start: 'customer.created', return: 't.huge', value: 'amount', unit: 'month', periods: 2, or_after: true, since: '2026-03-01', until: '2026-04-01' } }) })
  assert.match(await back.text(), /"cells":\[9223372036854775\.807,0\]/)
  await server.stop()
  const rows = await clickhouse.say('SELECT count(), sum(cityHash64(person, seq, version)) FROM events')

  // Somebody else's.
  const other = await startServer({ args: ['--events', url] })
  const stranger = await signIn(other)
  await eventually(async () => (await state(stranger)).problem?.includes("another instance's"), 'refusing')
  await other.stop()
  assert.equal(await clickhouse.say('SELECT count(), sum(cityHash64(person, seq, version)) FROM events'), rows)

  // Brought back from before: what the log has no more is not told of.
  ;({ server, owner: told } = await serveWith(before, url))
  await current(told)
  assert.deepEqual((await answer(told, { kind: 'segment' })).people, [ann.id])
  await server.stop()

  await clickhouse.say('CREATE DATABASE theirs')
  await clickhouse.say('CREATE TABLE theirs.events (person Int64) ENGINE = Log')
  await clickhouse.say('INSERT INTO theirs.events VALUES (1)')
  const third = await startServer({ args: ['--events', url.replace('/default', '/theirs')] })
  const thirdOwner = await signIn(third)
  await eventually(async () => (await state(thirdOwner)).problem?.includes("not Hetang's"), 'leaving it alone')
  await third.stop()
  assert.equal(await clickhouse.say('SELECT count() FROM theirs.events'), '1')
})

test('of two nodes on one PostgreSQL one tells; the other asks, and takes over', { skip, timeout: 120000 }, async (t) => {
  const clickhouse = await startClickhouse()
  t.after(clickhouse.stop)
  const pg = await startPostgres()
  t.after(async () => { await pg.stop(); pg.remove() })
  const db = ['--db', freshDatabase(pg.url)], args = ['--events', eventsUrl([clickhouse])]
  const first = await startServer({ db, args })
  const second = await startServer({ data: copyOf(first.data), db, args })
  const owners = [await signIn(first), await signIn(second)]
  const told = () => clickhouse.say(`SELECT count(), uniqExact(person) FROM events FINAL WHERE NOT dropped AND type = 'customer.created'`)
  for (let i = 0; i < 6; i++) await owners[i % 2].customer.create({ name: `c ${i}` })
  for (const o of owners) {
    await current(o)
    assert.equal((await answer(o, { kind: 'segment' })).count, 6)
  }
  const openings = async () => Number(await clickhouse.say('SELECT bitShiftRight(version, 32) FROM told FINAL'))
  const before = await openings()
  assert.equal(before, 1, 'one of them told')
  await first.stop()
  await owners[1].customer.create({ name: 'c 6' })
  await current(owners[1])
  assert.equal((await answer(owners[1], { kind: 'segment' })).count, 7)
  assert.equal(await openings(), before + 1)
  assert.equal(await told(), '7\t7')
  await second.stop()
})
