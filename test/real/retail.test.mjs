// A year of a real shop. What must come of it was counted from the file with awk and sort, not with this program.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { root, binary, hetang, tempFolder, databaseArgs, ask } from '../lib/server.mjs'

const shared = process.env.HETANG_SHARED ?? path.join(root, '../shared')
const file = path.join(shared, 'data/online-retail.csv.xz')
const absent = fs.existsSync(file) ? false : `${file} is not there: skipped`
if (absent) console.log(absent)

const COUNTS = { rows: 541909, accepted: 540570, skipped: 1339, people: 4372, orders: 20725, refunds: 3836, lines: 540570, gifts: 1179 }
const REASONS = { stock_correction: 1336, adjustment: 3 }

const numbers = ({ counts: { reasons, ...n } }) => Object.fromEntries(Object.entries(n).filter(([, v]) => v))
const one = (at, sql) => ask(at, sql).split('|').map(Number)
const people = (at) => one(at, `SELECT (SELECT count(*) FROM customer), (SELECT count(*) FROM sales_order WHERE customer_id IS NOT NULL),
  (SELECT count(*) FROM refund WHERE customer_id IS NOT NULL)`)
/** What is left in every table that an import writes, summed. */
const everything = (at) => ask(at, `SELECT (SELECT count(*) FROM customer), (SELECT sum(joined_at) FROM customer), (SELECT sum(seen_at) FROM customer),
  (SELECT count(*) FROM identity), (SELECT count(*) FROM product), (SELECT count(*) FROM sales_order), (SELECT sum(amount_fen) FROM sales_order),
  (SELECT sum(ordered_at) FROM sales_order), (SELECT sum(line_count) FROM sales_order), (SELECT count(*) FROM order_line),
  (SELECT sum(amount_fen) FROM order_line), (SELECT sum(line_no) FROM order_line), (SELECT count(*) FROM refund), (SELECT sum(amount_fen) FROM refund),
  (SELECT sum(line_no) FROM refund_line), (SELECT sum(order_fen * order_count) FROM customer_sales), (SELECT sum(refund_fen) FROM customer_sales),
  (SELECT count(*) FROM event)`)

async function instance() {
  const data = tempFolder()
  const db = await databaseArgs()
  const args = ['--data', data, '--zone', 'Europe/London', '--currency', 'GBP', ...db]
  assert.equal(hetang(['init', ...args]).code, 0)
  const command = (...more) => ['import', 'orders', file, '--preset', 'online-retail', '--json', ...args, ...more]
  return {
    data, db, command,
    import(...more) {
      const r = hetang(command(...more))
      assert.equal(r.code, 0, r.err.slice(-2000))
      return JSON.parse(r.out)
    },
  }
}

test('the whole file: dry, for real, again, and stopped half-way', { skip: absent, timeout: 600000 }, async () => {
  const at = await instance()
  assert.deepEqual(numbers(at.import('--dry-run')), COUNTS)
  assert.deepEqual(people(at), [0, 0, 0])
  const done = at.import()
  assert.deepEqual([numbers(done), done.counts.reasons], [COUNTS, REASONS])
  assert.deepEqual(people(at), [4372, 18536, 3654])
  const was = everything(at)
  assert.deepEqual(numbers(at.import()), { rows: 541909, accepted: 540570, unchanged: 540570, skipped: 1339 })
  assert.equal(everything(at), was)

  const shaken = await instance()
  let kills = 0
  for (const after of [2000, 150000, 400000]) {
    const child = spawn(binary, shaken.command(), { stdio: 'ignore' })
    const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal)))
    let over = false
    ended.then(() => (over = true))
    while (!over && one(shaken, 'SELECT coalesce(max(rows), 0) FROM import')[0] < after) await new Promise((r) => setTimeout(r, 20))
    child.kill('SIGKILL')
    kills += (await ended) === 'SIGKILL'
  }
  assert.ok(kills >= 2, 'it was killed while it ran')
  assert.deepEqual(numbers(shaken.import()), COUNTS)
  assert.equal(everything(shaken), was)
})
