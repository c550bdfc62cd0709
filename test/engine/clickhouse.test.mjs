// ClickHouse answers what the plain evaluator answers: random questions about random histories, and the largest there may
// be. With the server of this machine, and with chdb (today’s ClickHouse within this process) where `./run bench engine` has been.
// SEED=… HISTORIES=… QUESTIONS=… asks others, or more.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import test from 'node:test'
import { clickhouseCommand, SETTINGS, startClickhouse } from '../lib/clickhouse.mjs'

const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../..')
const driver = path.join(root, 'build/test/engine_clickhouse')
const seed = process.env.SEED ?? String(Math.floor(Math.random() * 1e9))
const histories = process.env.HISTORIES ?? '30'
const questions = process.env.QUESTIONS ?? '10' // of each
const many = (n, of) => Array.from({ length: n }, (_, i) => of(i))
const range = { since: '2020-01-01', until: '2030-01-01' }
const largest = [
  { kind: 'funnel', ...range, steps: many(20, (i) => (i % 2 ? 'visit' : 'order.paid')), window: '366d' },
  { kind: 'funnel', ...range, steps: many(20, () => ({ event: ['visit', 'order.paid', 'cart.added'] })), window: '366d', order: 'strict' },
  { kind: 'funnel', ...range, steps: many(20, () => ({ event: ['visit', 'order.paid', 'cart.added'] })), window: '366d', count: 'entry',
    exclude: many(19, (i) => ({ event: '退款', after: i + 1 })) },
  { kind: 'funnel', ...range, steps: many(20, (i) => ({ event: 'visit', where: [{ prop: 'amount', gte: i - 10 }] })), window: '366d', order: 'any' },
  { kind: 'segment', people: { any: many(50, (i) => ({ event: 'visit', count: { gte: i }, since_event: { event: 'order.paid' } })) } },
  { kind: 'segment', counts: true, people: { not: { any: many(50, (i) => ({ event: 'visit', count: { gte: i }, since_event: { event: 'order.paid' } })) } } },
  { kind: 'segment', person: 38, people: { any: many(100, (i) => ({ event: 'visit', sum: { prop: 'amount', gte: i }, since_event: { event: 'order.paid' } })) } },
  { kind: 'segment', people: { sequence: many(20, () => ({ event: ['visit', 'order.paid', 'cart.added'] })), within_each: '90d' } },
  { kind: 'segment', people: many(7, () => 0).reduce((inner) => ({ not: inner }), { attr: 'city', in: many(500, (i) => `'${i}\\`.repeat(20)) }) },
  { kind: 'retention', since: '2025-01-01', until: '2027-01-01', start: 'visit', return: 'order.paid', unit: 'day', periods: 366, every: true },
  { kind: 'retention', ...range, start: 'visit', return: 'order.paid', unit: 'month', periods: 60, or_after: true, value: 'amount' },
  { kind: 'trend', ...range, of: 'visit', figure: 'p99', prop: 'amount', unit: 'month', breakdown: [{ prop: 'channel' }, { set: 'tag' }] },
  { kind: 'life', since: '2025-01-01', until: '2027-01-01', of: { event: ['visit', 'order.paid'] }, breakdown: [{ set: 'tag' }] },
  { kind: 'stickiness', since: '2025-01-01', until: '2027-01-01', of: 'visit', window: 366 },
  { kind: 'paths', ...range, from: { event: ['visit', 'order.paid', 'cart.added'] }, every: true, levels: 10, top: 50, by: 'channel', collapse: true, gap: '366d' },
  { kind: 'attribution', ...range, touch: { event: ['visit', 'message.opened'] }, channel: 'channel', conversion: 'order.paid', value: 'amount',
    window: '366d', refund: '退款', held: 'quantity', listed: 1000 },
  { kind: 'diagnosis', ...range, steps: many(20, (i) => (i % 2 ? 'visit' : 'order.paid')), window: '366d', step: 20, attrs: ['city', 'vip', 'likes'], sets: ['tag'] },
  { kind: 'profile', people: { any: many(100, (i) => ({ event: 'visit', count: { gte: i } })) }, attrs: many(20, (i) => `attribute ${i}`), sets: ['tag'] },
  { kind: 'overlap', of: many(20, (i) => ({ any: many(5, (k) => ({ event: 'visit', count: { gte: i + k } })) })) },
].map((question) => JSON.stringify(question))

/** Runs the driver against `ask` with the business in `zone`; what it says at the end, if everything agreed. */
function agree(ask, zone, ...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(driver, args, { cwd: root, env: { ...process.env, ZONE: zone }, stdio: ['pipe', 'pipe', 'pipe'] })
    let waiting = Buffer.alloc(0)
    let said = ''
    let busy = Promise.resolve()
    const next = async () => {
      for (;;) {
        const end = waiting.indexOf(10)
        const length = end < 0 ? 0 : Number(waiting.subarray(0, end))
        if (!length || waiting.length < end + 1 + length) return
        const statement = waiting.subarray(end + 1, end + 1 + length)
        waiting = waiting.subarray(end + 1 + length)
        const { ok, body } = await ask(statement)
        child.stdin.write(`${ok ? 'ok' : 'no'} ${body.length}\n`)
        child.stdin.write(body)
      }
    }
    child.stdout.on('data', (d) => {
      waiting = Buffer.concat([waiting, d])
      busy = busy.then(next).catch(reject)
    })
    child.stderr.on('data', (d) => (said += d))
    child.stdin.on('error', () => {})
    child.on('exit', (code) => (code === 0 ? resolve(said.trim().split('\n').at(-1)) : reject(new Error(said.slice(0, 8000)))))
  })
}

async function check(t, ask) {
  const summary = await agree(ask, 'Asia/Shanghai', seed, histories, questions)
  assert.match(summary, /^asked [1-9]/)
  // where days are of 23, 24 and 25 hours
  const large = await agree(ask, 'America/New_York', seed, '2', '10', ...largest)
  const asked = 2 * (10 + largest.length)
  assert.match(large, new RegExp(`^asked ${asked}, agreed ${asked},`))
  t.diagnostic(`seed ${seed}: ${summary}`)
}

test('the server of this machine answers as the plain evaluator does', { skip: !clickhouseCommand() && 'no clickhouse-server on this machine' }, async (t) => {
  const server = await startClickhouse()
  t.after(server.stop)
  t.diagnostic(`ClickHouse ${server.version}`)
  await check(t, server.ask)
})

/** chdb, where `./run bench engine` has put it: it is too large for every run of the tests. */
function chdbThere() {
  try {
    return createRequire(path.join(root, 'build/bench/package.json'))('chdb')
  } catch {}
}
const chdb = chdbThere()
test('today’s ClickHouse answers as the plain evaluator does', { skip: !chdb && './run bench engine was not run here, which installs chdb' }, async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hetang-chdb-'))
  const session = new chdb.Session(folder)
  t.after(() => {
    session.cleanup?.()
    fs.rmSync(folder, { recursive: true, force: true })
  })
  for (const setting of SETTINGS.split('&')) session.query(`SET ${setting.replace(/=(.*)/, "='$1'")}`)
  await check(t, async (statement) => {
    try {
      return { ok: true, body: Buffer.from(session.query(statement.toString(), 'TabSeparated')) }
    } catch (e) {
      return { ok: false, body: Buffer.from(String(e).slice(0, 2000)) }
    }
  })
})
