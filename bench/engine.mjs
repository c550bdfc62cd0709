// The engine beside ClickHouse and DuckDB: the same facts, the same questions, two threads each, in one run. They take turns, so that a
// machine others use is as slow for each; medians count, and answers must be equal.
//   ./run bench engine [FACTS [LARGEST]]     10,000,000 facts unless told, a person for every ten; the growth of cost is measured from
//                                            a tenth of them up to LARGEST (ten times as many unless told; 0: not at all)
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { leaves, questions, schema } from './engine-questions.mjs'

const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..')
const peers = createRequire(path.join(root, 'build/bench/package.json'))
const ROUNDS = 7
const THREADS = 2
const INGEST = { ingest: 120_000, seconds: 10 }
const INGEST_WANTED = 100_000
const BYTES_A_FACT_LOADING = 150 // what is held while facts are folded
const [facts = 10_000_000, largest = 10 * facts] = process.argv.slice(2).map(Number)
if (!(facts >= 1000 && largest >= 0)) {
  console.error('./run bench engine [FACTS [LARGEST]]')
  process.exit(2)
}

const say = (text) => process.stderr.write(`${text}\n`)
const median = (all) => all.slice().sort((a, b) => a - b)[Math.floor(all.length / 2)]
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hetang-bench-'))
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))

/** The driver with so many facts: { loaded, ask(line), stop() }; `to`: a folder that gets them as files, too. */
async function engine(count, to) {
  const child = spawn(path.join(root, 'build/release/engine'), [count, Math.max(Math.round(count / 10), 10), ...(to ? [to] : [])], { stdio: ['pipe', 'pipe', 'inherit'] })
  process.on('exit', () => child.kill())
  const ended = new Promise((resolve) => child.on('exit', resolve))
  let buffer = []
  let waiting
  child.stdout.on('data', (piece) => {
    buffer.push(piece)
    if (piece.at(-1) !== 10) return
    const line = Buffer.concat(buffer).toString()
    buffer = []
    waiting.resolve(line)
  })
  const line = () => new Promise((resolve, reject) => {
    waiting = { resolve }
    ended.then((code) => reject(new Error(`the driver ended with ${code}`)))
  })
  const ask = async (what) => {
    const answer = line()
    child.stdin.write(`${JSON.stringify(what)}\n`)
    const read = JSON.parse(await answer)
    if (read.error) throw new Error(`${JSON.stringify(what)}: ${read.error}`)
    return read
  }
  const loaded = JSON.parse(await line())
  return { loaded, ask, stop: () => { child.stdin.end(); return ended } }
}

const number = (cell) => (typeof cell === 'string' && /^-?\d+$/.test(cell) ? Number(cell) : cell)
const comparable = (rows) => JSON.stringify(rows.map((row) => JSON.stringify(row.map(number))).sort())

function clickhouse() {
  const { Session } = peers('chdb')
  const session = new Session(path.join(folder, 'clickhouse'))
  const version = session.query('SELECT version()', 'TabSeparated').trim()
  const run = (sql) => session.query(`${sql} SETTINGS max_threads = ${THREADS}`, 'JSONCompactEachRow')
  return {
    name: `ClickHouse ${version}`, prefix: 'hetang.',
    load: async () => { for (const sql of schema.clickhouse(folder)) session.query(sql) },
    ask: async (sql) => run(sql).trim().split('\n').filter(Boolean).map((row) => JSON.parse(row)),
    stop: () => session.cleanup?.(),
  }
}

async function duckdb() {
  const { DuckDBInstance } = peers('@duckdb/node-api')
  const instance = await DuckDBInstance.create(path.join(folder, 'duck.db'), { threads: String(THREADS) })
  const connection = await instance.connect()
  const ask = async (sql) => (await connection.runAndReadAll(sql)).getRowsJson()
  const version = (await ask('SELECT version()'))[0][0]
  return {
    name: `DuckDB ${version}`, prefix: '',
    load: async () => { for (const sql of schema.duckdb(folder)) await connection.run(sql) },
    ask, stop: () => connection.closeSync(),
  }
}

async function timed(work) {
  const from = process.hrtime.bigint()
  const result = await work()
  return { ms: Number(process.hrtime.bigint() - from) / 1e6, result }
}

/** Every way of asking a peer, on facts sorted by person and by type, once or twice; the fastest is its way. */
async function wayOf(peer, sqls, wanted, rows = (r) => r) {
  let best
  for (const sql of sqls.flatMap((s) => ['by_person', 'by_type'].map((table) => s.replaceAll('{facts}', peer.prefix + table).replaceAll('{people}', `${peer.prefix}people`)))) {
    await timed(() => peer.ask(sql))
    const { ms, result } = await timed(() => peer.ask(sql))
    const told = comparable(rows(result))
    if (told !== wanted) throw new Error(`${peer.name} answers ${told.slice(0, 300)}, Hetang ${wanted.slice(0, 300)}: ${sql}`)
    if (!best || ms < best.ms) best = { sql, ms }
  }
  return best.sql
}

async function compare(ours, all, q) {
  const { answer } = await ours.ask(q.question)
  const wanted = comparable(q.rows(answer))
  const ways = []
  for (const peer of all) ways.push(await wayOf(peer, q.sql[peer.kind], wanted, q.peer_rows))
  const times = [[], ...all.map(() => [])]
  for (let i = 0; i <= ROUNDS; i++) {
    const took = [(await ours.ask(q.question)).ms]
    for (const [k, peer] of all.entries()) took.push((await timed(() => peer.ask(ways[k]))).ms)
    if (i) took.forEach((ms, k) => times[k].push(ms)) // the first warms up
  }
  const [mine, ...theirs] = times.map(median)
  const ratios = times[0].map((ms, i) => Math.min(...times.slice(1).map((t) => t[i])) / ms)
  return { mine, theirs, ratio: Math.min(...theirs) / mine, ratios }
}

/** Bytes of the columns the question looks at. */
const touched = (q, loaded) => Object.entries(q.reads).reduce((sum, [type, columns]) => sum + columns.reduce((s, c) => s + (loaded.types[type]?.[c] ?? 0), 0), 0)

const ms = (t) => `${t.toLocaleString('en', { maximumFractionDigits: t < 100 ? 2 : 0 })} ms`
function print(lines) {
  const widths = lines[0].map((_, i) => Math.max(...lines.map((r) => r[i].length)))
  for (const r of lines) console.log(r.map((cell, i) => cell.padEnd(widths[i])).join('  ').trimEnd())
}

async function table(ours, all) {
  const { bytes_a_second: bandwidth } = await ours.ask({ read: 1 << 30 })
  const lines = [['question', 'Hetang', ...all.map((p) => p.name), 'times faster', 'wanted', 'reached', 'of the memory’s bandwidth']]
  for (const q of questions) {
    say(`  ${q.name}`)
    const r = await compare(ours, all, q)
    const share = touched(q, ours.loaded) / (r.mine / 1e3) / bandwidth
    lines.push([q.name, ms(r.mine), ...r.theirs.map(ms), `${r.ratio.toFixed(1)} (${Math.min(...r.ratios).toFixed(1)} … ${Math.max(...r.ratios).toFixed(1)})`,
      q.times ? `≥ ${q.times}` : '', q.times ? (r.ratio >= q.times ? 'yes' : 'no') : '', `${(100 * share).toFixed(1)} %`])
  }
  console.log(`${facts.toLocaleString('en')} facts of ${ours.loaded.people.toLocaleString('en')} people, ${(ours.loaded.bytes / facts).toFixed(1)} bytes a fact, loaded in ${(ours.loaded.load_ms / 1e3).toFixed(1)} s; memory is read at ${(bandwidth / 1e9).toFixed(1)} GB/s`)
  print(lines)
}

async function ingest(ours) {
  const r = await ours.ask({ ...INGEST, ask: questions[0].question })
  console.log(`while ${Math.round(r.facts_a_second).toLocaleString('en')} facts a second come in, a funnel every second: ${ms(r.ms)} on average, ${ms(r.worst_ms)} at worst (${INGEST.ingest.toLocaleString('en')} are sent, ${INGEST_WANTED.toLocaleString('en')} are wanted)`)
}

/** Live segments that all look at the event which comes in, each in one of the usual ways. */
const followed = Array.from({ length: 1000 }, (_, i) => [
  { event: 'type-0', count: { gte: 1 + (i % 20) }, within: `${1 + (i % 60)}d` },
  { event: 'type-0', sum: { prop: 'amount', gte: 1000 * i }, where: [{ prop: 'channel', eq: ['app', 'mini', 'group', 'store', 'ad'][i % 5] }] },
  { all: [{ attr: 'city', eq: '上海' }, { event: 'type-0', within: `${1 + (i % 30)}d` }, { not: { event: `type-${1 + (i % 31)}`, within: '30d' } }] },
  { sequence: ['type-0', `type-${1 + (i % 31)}`], within_each: `${1 + (i % 14)}d` },
][i % 4])
async function follow(ours) {
  const r = await ours.ask({ follow: followed })
  console.log(`one fact in ${r.segments.toLocaleString('en')} live segments that look at such facts: ${ms(r.ms)}, 95 % within ${ms(r.p95_ms)} (wanted: 5 ms); its person is in ${r.held} of them`)
}

const TYPED = 100
/** How long the segment builder waits for the count of a leaf, of each kind. */
async function typing(ours) {
  const all = []
  for (const [name, people] of leaves) {
    const times = []
    for (let i = 0; i < TYPED; i++) times.push((await ours.ask({ kind: 'segment', people, counts: true, only: 'count' })).ms)
    times.sort((a, b) => a - b)
    all.push({ name, median: times[TYPED / 2], p99: times[Math.ceil(TYPED * 0.99) - 1] })
  }
  all.sort((a, b) => b.p99 - a.p99)
  console.log(`the count of one leaf, of ${all.length} kinds: p99 ${all.slice(0, 3).map((l) => `${ms(l.p99)} (${l.name}, median ${ms(l.median)})`).join(', ')}, of the others at most ${ms(all[3].p99)} (wanted: 100 ms)`)
}

async function growth() {
  const sizes = []
  for (let n = Math.round(facts / 10); n <= largest; n *= 10) sizes.push(n)
  let last
  for (const n of sizes) {
    if (n * BYTES_A_FACT_LOADING > os.freemem()) {
      console.log(`${n.toLocaleString('en')} facts: skipped, ${Math.ceil(n * BYTES_A_FACT_LOADING / 1e9)} GB of free memory are needed`)
      return
    }
    say(`  ${n.toLocaleString('en')} facts`)
    const e = await engine(n)
    const first = (await e.ask(questions[0].question)).ms
    const all = []
    for (let i = 0; i < ROUNDS; i++) all.push((await e.ask(questions[0].question)).ms)
    const now = median(all)
    const slope = last && Math.log(now / last.now) / Math.log(n / last.n)
    console.log(`${n.toLocaleString('en')} facts: loaded in ${(e.loaded.load_ms / 1e3).toFixed(1)} s, ${(e.loaded.bytes / n).toFixed(1)} bytes each, first funnel ${ms(first)}, then ${ms(now)}${last ? `, slope ${slope.toFixed(2)} (1: linear)` : ''}`)
    last = { n, now }
    await e.stop()
  }
}

const [load] = os.loadavg()
say('making the facts')
const ours = await engine(facts, folder)
const all = [{ kind: 'clickhouse', ...clickhouse() }, { kind: 'duckdb', ...(await duckdb()) }]
for (const peer of all) {
  say(`${peer.name} loads them`)
  await peer.load()
}
for (const name of ['facts.csv', 'people.csv']) fs.rmSync(path.join(folder, name))
say('questions')
await table(ours, all)
say('facts come in')
await ingest(ours)
await follow(ours)
say('counts of leaves')
await typing(ours)
await ours.stop()
for (const peer of all) await peer.stop()
say('growth')
await growth()
console.log(`medians of ${ROUNDS} rounds in turns; ${os.cpus().length} cores, ${os.cpus()[0].model.trim()}; others' load before: ${load.toFixed(1)}`)
process.exit(0)
