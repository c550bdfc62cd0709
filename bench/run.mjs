// Measures what Hetang promises of its speed and size, each figure beside that of a peer measured in the same run: absolute figures
// are a machine's, the ratio says more. Peer and Hetang take turns, several short rounds each; the median counts.
//   ./run bench [NAME …]     HETANG_ROUNDS=3 and HETANG_SECONDS=5 a round, HETANG_SHARED: where data/online-retail.csv.xz is
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

process.env.HETANG_BINARY ??= path.resolve('build/release/hetang')
const { startServer, signIn, hetang, tempFolder, ask, eventually, binary, root } = await import('../test/lib/server.mjs')
const { startPostgres, freePort, psql } = await import('../test/lib/postgres.mjs')

const ROUNDS = Number(process.env.HETANG_ROUNDS ?? 3)
const SECONDS = Number(process.env.HETANG_SECONDS ?? 5)
const CONNECTIONS = 64
const RETAIL_ROWS = 541909
const ends = [] // what is to be stopped, newest last
const measured = ['--test-mode', 'false']

const median = (all) => all.slice().sort((a, b) => a - b)[Math.floor(all.length / 2)]
const say = (text) => process.stderr.write(`${text}\n`)
const installed = (program) => spawnSync('sh', ['-c', 'command -v "$0"', program]).status === 0
const wait = (ms) => new Promise((r) => setTimeout(r, ms))

/** Runs a program to its end without stopping what this process has to read meanwhile. */
function run(program, args, { input } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'] })
    let out = '', err = ''
    child.stdout.on('data', (d) => (out += d))
    child.stderr.on('data', (d) => (err += d))
    child.on('error', reject)
    child.on('exit', (code) => (code === 0 ? resolve(out) : reject(new Error(`${program} ended with ${code}: ${err.slice(-500)}${out.slice(-500)}`))))
    if (input) child.stdin.end(input)
  })
}

async function timed(work) {
  const start = process.hrtime.bigint()
  await work()
  return Number(process.hrtime.bigint() - start) / 1e9
}

/** One round of wrk; fails when a request does. `kind`: of load.lua. */
async function wrk(url, { kind = [], headers = {}, connections = CONNECTIONS, threads = 2, seconds = SECONDS } = {}) {
  const said = Object.entries(headers).flatMap(([k, v]) => ['-H', `${k}: ${v}`])
  const load = [`-t${threads}`, `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', path.join(root, 'bench/load.lua')]
  const out = await run('wrk', [...load, ...said, url, '--', ...kind])
  const result = JSON.parse(out.trim().split('\n').at(-1))
  if (result.failed || !result.requests) throw new Error(`${url}: ${result.failed} of ${result.requests} requests failed\n${out}`)
  return { ...result, rate: result.requests / (result.us / 1e6) }
}

/** Medians of ours, of the peer's (taking turns with ours) and of each round's ratio: rounds of one moment had the same machine. */
async function turns(our, their) {
  const ours = [], peers = []
  for (let i = 0; i < ROUNDS; i++) {
    ours.push(await our())
    if (their) peers.push(await their())
    say(`  round ${i + 1} of ${ROUNDS}: ${ours[i].toPrecision(4)}${their ? `, the peer ${peers[i].toPrecision(4)}` : ''}`)
  }
  return { ours: median(ours), ...(their && { peer: median(peers), ratios: ours.map((x, i) => x / peers[i]) }) }
}

async function stopAll() {
  for (const end of ends.splice(0).reverse()) await end().catch((e) => say(e.message))
}
let interrupted = false
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    interrupted = true
    stopAll().then(() => process.exit(130))
  })

/** Something that is made when first asked for. */
function once(make) {
  let made
  return () => (made ??= make())
}

const instance = once(async () => {
  const server = await startServer({ clock: null, args: measured })
  ends.push(() => server.stop())
  return { server, owner: await signIn(server) }
})

const postgres = once(async () => {
  if (!installed('pgbench') || !fs.existsSync('/usr/lib/postgresql')) return null
  const pg = await startPostgres({ settings: ['fsync=on', 'synchronous_commit=on', 'shared_buffers=256MB'] })
  ends.push(async () => {
    await pg.stop()
    pg.remove()
  })
  psql(pg.url, `CREATE TABLE event (id bigserial PRIMARY KEY, message_id text NOT NULL UNIQUE, user_id text NOT NULL, type text NOT NULL,
    props jsonb NOT NULL, at timestamptz NOT NULL DEFAULT now())`)
  return pg
})

/** nginx as it comes: a worker a core, answering from its configuration; a $ would start a variable, so it becomes a character of the same size. */
async function startNginx(body, type) {
  const folder = tempFolder('hetang-nginx-')
  const port = await freePort()
  const quoted = body.replace(/[\\']/g, '\\$&').replace(/\$/g, '_')
  fs.chmodSync(folder, 0o755)
  fs.writeFileSync(path.join(folder, 'nginx.conf'), `daemon off; worker_processes auto; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 1000000000; default_type '${type}';
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((p) => `${p}_temp_path ${folder}/${p};`).join(' ')}
  server { listen 127.0.0.1:${port}; location / { return 200 '${quoted}'; } } }\n`)
  const child = spawn(installed('nginx') ? 'nginx' : '/usr/sbin/nginx', ['-p', folder, '-c', path.join(folder, 'nginx.conf')], { stdio: 'ignore' })
  const ended = new Promise((r) => child.on('exit', r))
  const url = `http://127.0.0.1:${port}/`
  ends.push(() => {
    child.kill('SIGTERM')
    return ended
  })
  const answer = await eventually(() => fetch(url).then((r) => r.text()), 'nginx answers')
  if (Buffer.byteLength(answer) !== Buffer.byteLength(body)) throw new Error('nginx answers something of another size')
  return url
}

async function customerRead() {
  const { server, owner } = await instance()
  const group = await owner.tagGroup.create({ name: '关注' })
  const tags = [await owner.tag.create({ group_id: group.id, name: '新品' }), await owner.tag.create({ group_id: group.id, name: '折扣' })]
  const person = await owner.customer.create({ name: '林黛玉', city: '苏州', gender: 'female', birthday: '1995-02-12',
    identities: [{ kind: 'mobile', value: '13600001111' }, { kind: 'email', value: 'daiyu@example.com' }] })
  await owner.customer.assignTags({ id: person.id, add: tags.map((t) => t.id) })
  const url = `${server.url}/api/v1/customers/${person.id}`
  const headers = { cookie: owner.cookie() }
  const reply = await fetch(url, { headers })
  const nginx = await startNginx(await reply.text(), reply.headers.get('content-type'))
  const rate = (...args) => async () => (await wrk(...args)).rate
  await wrk(url, { headers, seconds: 1 })
  return { ...(await turns(rate(url, { headers }), rate(nginx))), peerName: 'nginx' }
}

const source = once(async () => {
  const { server, owner } = await instance()
  const made = await owner.source.create({ name: '量一量', trusted: true })
  const headers = { authorization: `Basic ${Buffer.from(`${made.write_key}:`).toString('base64')}`, 'content-type': 'application/json' }
  // Who the events are about is known before they are measured.
  await wrk(`${server.url}/v1/batch`, { headers, kind: ['events', '100', 'first'], seconds: 1 })
  return headers
})

/** PostgreSQL's part: the same events as rows, `per` a statement, each statement committed durably. */
async function rows(per) {
  const pg = await postgres()
  if (!pg) return null
  const script = path.join(tempFolder(), 'insert.sql')
  fs.writeFileSync(script, `\\set n random(1, 1000)
INSERT INTO event (message_id, user_id, type, props) SELECT gen_random_uuid()::text, 'u-' || :n, 'cart.added',
  '{"sku":"A-7","price":19900,"quantity":1,"page":"/p/7"}' ${per > 1 ? `FROM generate_series(1, ${per})` : ''};\n`)
  return async () => {
    const out = await run('pgbench', ['-n', '-M', 'prepared', '-c', String(CONNECTIONS), '-j', '2', '-T', String(SECONDS), '-f', script, pg.url])
    return per * Number(/^tps = ([\d.]+)/m.exec(out)[1])
  }
}

async function events(call, per) {
  const { server } = await instance()
  const headers = await source()
  const kept = () => Number(ask(server, `SELECT count(*) FROM event WHERE type_id = (SELECT id FROM event_type WHERE name = 'cart.added')`))
  const peer = await rows(per)
  let round = 0
  const ourRound = async () => {
    const before = kept()
    const r = await wrk(`${server.url}/v1/${call}`, { headers, kind: ['events', String(per), `${call}-${process.pid}-${round++}`] })
    if (kept() - before < r.requests * per) throw new Error(`${r.requests * per} events were answered for, ${kept() - before} are there`)
    return r.rate * per
  }
  return { ...(await turns(ourRound, peer)), peerName: peer ? `PostgreSQL, INSERT of ${per}` : 'PostgreSQL is not installed' }
}

async function importRetail() {
  const file = path.join(process.env.HETANG_SHARED ?? path.join(root, '../shared'), 'data/online-retail.csv.xz')
  if (!fs.existsSync(file)) return { skipped: `${file} is not there` }
  const ours = () => {
    const data = tempFolder()
    const args = ['--data', data, '--zone', 'Europe/London', '--currency', 'GBP']
    const made = hetang(['init', ...args])
    if (made.code !== 0) throw new Error(made.err)
    return timed(async () => {
      const { counts } = JSON.parse(await run(binary, ['import', 'orders', file, '--preset', 'online-retail', '--json', ...args]))
      if (counts.rows !== RETAIL_ROWS) throw new Error(`${counts.rows} rows of ${RETAIL_ROWS} were read`)
    })
  }
  const peer = () => {
    const db = path.join(tempFolder(), 'peer.db')
    return timed(() => run('sh', ['-c', `xz -dc "$1" | sqlite3 -cmd 'PRAGMA synchronous=FULL' "$0" '.import --csv /dev/stdin line'`, db, file]))
  }
  const there = installed('sqlite3') && installed('xz')
  return { ...(await turns(ours, there && peer)), peerName: there ? 'sqlite3 .import, one table' : 'sqlite3 is not installed' }
}

/** An instance with a million customers, at rest: its folder. */
const million = once(async () => {
  say('  making a million customers')
  const server = await startServer({ clock: null, args: measured })
  const owner = await signIn(server)
  const group = await owner.tagGroup.create({ name: '来源' })
  const tags = []
  for (const name of ['甲', '乙', '丙', '丁']) tags.push((await owner.tag.create({ group_id: group.id, name })).id)
  await server.stop()
  const script = fs.readFileSync(path.join(root, 'bench/million.sql'), 'utf8').replaceAll(':tag', String(tags[0]))
  await run('sqlite3', ['-bail', path.join(server.data, 'hetang.db')], { input: script })
  // The first start makes the index of the log.
  const again = await startMillion(server.data)
  const person = await signIn(again)
  await eventually(async () => (await person.customer.timeline({ id: 1_000_000 })).items.length, 'the index of the log')
  await again.stop()
  return { data: server.data, tags }
})
const startMillion = (data) => startServer({ data, clock: null, args: measured })
async function withMillion(work) {
  const { data, tags } = await million()
  const server = await startMillion(data)
  try {
    return await work(server, tags)
  } finally {
    await server.stop()
  }
}

// Two filters each, by how many they let through: from one in eighty upwards, and one in a thousand.
const wide = (tags) => [
  [{ attr: 'city', eq: 'city-7' }, { order: 'count', gte: 3 }],
  [{ tag: tags[1], is: true }, { attr: 'stage', eq: 'fan' }],
  [{ attr: 'gender', eq: 'male' }, { order: 'amount', gte: 400000 }],
  [{ attr: 'city', in: ['city-3', 'city-4'] }, { tag: tags[2], is: true }],
]
const narrow = () => [[{ attr: 'city', eq: 'city-11' }, { order: 'count', gte: 22 }]]

const customerList = (pairs) => withMillion(async (server, tags) => {
  const owner = await signIn(server)
  const bodies = pairs(tags).flatMap((all) => ['newest', 'seen', 'amount', 'last_order'].map((sort) => ({ condition: { all }, sort, limit: 50 })))
  for (const body of bodies) {
    let found
    const took = await timed(async () => (found = (await owner.customer.search(body)).items.length))
    say(`  ${JSON.stringify(body)}: ${found} in ${(took * 1e3).toFixed(1)} ms`)
    if (found !== 50) throw new Error(`the page of ${JSON.stringify(body)} has ${found}`)
  }
  const file = path.join(tempFolder(), 'bodies')
  fs.writeFileSync(file, bodies.map((b) => JSON.stringify(b)).join('\n') + '\n')
  const headers = { cookie: owner.cookie(), 'x-csrf-token': owner.csrf(), 'content-type': 'application/json' }
  const halves = []
  const result = await turns(async () => {
    const r = await wrk(`${server.url}/api/v1/customers/search`, { headers, kind: ['bodies', file], connections: 1, threads: 1 })
    halves.push(r.p50_us / 1e3)
    return r.p99_us / 1e3
  })
  return { ...result, note: `half of them in ${shown(median(halves), 'ms')}` }
})

async function start() {
  await million()
  return turns(() => {
    const begin = process.hrtime.bigint()
    return withMillion(() => Number(process.hrtime.bigint() - begin) / 1e9)
  })
}

/** Idle: after a start the index of columns looks at everybody once, so it is the memory that no longer changes. */
function memory() {
  const resident = (pid) => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024
  return turns(() => withMillion(async (server) => {
    for (let before = 0, now; ; before = now) {
      await wait(SECONDS * 1e3)
      now = resident(server.child.pid)
      if (Math.abs(now - before) < 1) return now
    }
  }))
}

const size = () => ({ ours: fs.statSync(binary).size / (1 << 20) })

// Wanted: times the peer's figure, or at least or at most so much.
const benchmarks = [
  { name: 'read', what: 'GET /api/v1/customers/{id}, signed in, 64 connections', unit: 'requests/s', run: customerRead, times: 0.35 },
  { name: 'track', what: 'one event a request, 64 connections, durable', unit: 'events/s', run: () => events('track', 1), least: 12000 },
  { name: 'batch', what: '/v1/batch of 100 events, 64 connections, durable', unit: 'events/s', run: () => events('batch', 100), least: 120000 },
  { name: 'import', what: 'import of the shop’s 541,909 lines', unit: 's', run: importRetail, most: 12 },
  { name: 'list', what: 'page of 50, two filters, 1,000,000 customers: p99', unit: 'ms', run: () => customerList(wide), most: 20 },
  { name: 'narrow', what: 'the same, filters that let one in 1,000 through', unit: 'ms', run: () => customerList(narrow), most: 20 },
  { name: 'start', what: 'start to ready, 1,000,000 customers', unit: 's', run: start, most: 0.5 },
  { name: 'memory', what: 'memory, idle after that start', unit: 'MB', run: memory, most: 80 },
  { name: 'size', what: 'binary with the console inside', unit: 'MB', run: size, most: 15 },
]

const shown = (value, unit) => (value === undefined ? '' : `${value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 2 : 0 })} ${unit}`)

function row({ name, what, unit, times, least, most }, r) {
  const cells = (ours, peer, ratio, wanted, reached) => [name, what, ours, peer, ratio, wanted, reached]
  if (r.skipped) return cells('', '', '', '', `skipped: ${r.skipped}`)
  const ratio = r.ratios && median(r.ratios)
  const reached = times ? ratio >= times : least ? r.ours >= least : r.ours <= most
  return cells(
    shown(r.ours, unit),
    [r.peer && `${shown(r.peer, unit)},`, r.peerName].filter(Boolean).join(' '),
    r.ratios ? `${ratio.toFixed(2)} (${Math.min(...r.ratios).toFixed(2)} … ${Math.max(...r.ratios).toFixed(2)})` : '',
    times ? `≥ ${times} × peer` : least ? `≥ ${shown(least, unit)}` : `≤ ${shown(most, unit)}`,
    (reached ? 'yes' : 'no') + (r.note ? `; ${r.note}` : ''),
  )
}

function print(lines) {
  const all = [['name', 'work', 'Hetang', 'peer', 'ratio', 'wanted', 'reached'], ...lines]
  const widths = all[0].map((_, i) => Math.max(...all.map((r) => r[i].length)))
  for (const r of all) console.log(r.map((cell, i) => cell.padEnd(widths[i])).join('  ').trimEnd())
  const [cores, load] = [os.cpus().length, os.loadavg()[0].toFixed(1)]
  console.log(`medians of ${ROUNDS} rounds of ${SECONDS} s; ${cores} cores, ${os.cpus()[0].model.trim()}; others' load before: ${busy}, at the end: ${load}`)
}

const busy = os.loadavg()[0].toFixed(1)
const names = process.argv.slice(2)
const unknown = names.filter((n) => !benchmarks.some((b) => b.name === n))
if (unknown.length) {
  console.error(`no benchmark is called ${unknown.join(', ')}; there are: ${benchmarks.map((b) => b.name).join(' ')}`)
  process.exit(2)
}
let failed = false
const lines = []
for (const b of benchmarks.filter((x) => !names.length || names.includes(x.name))) {
  say(`${b.name}: ${b.what}`)
  try {
    lines.push(row(b, await b.run()))
  } catch (e) {
    if (interrupted) await new Promise(() => {}) // until all is stopped
    failed = true
    lines.push([b.name, b.what, '', '', '', '', `failed: ${e.message.split('\n')[0]}`])
    say(e.stack)
  }
}
await stopAll()
print(lines)
process.exit(failed ? 1 : 0)
