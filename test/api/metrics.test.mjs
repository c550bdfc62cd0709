import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { startServer, signIn, anonymous, local, problem, eventually, ask, NOW } from '../lib/server.mjs'
import { hire } from '../lib/staff.mjs'
import { receiver } from '../lib/receiver.mjs'

let server, owner
before(async () => {
  server = await startServer({ args: ['--test-clock', NOW, '--webhook-private', 'true'] })
  owner = await signIn(server)
})
after(() => server.stop())

/** By the text format 0.0.4: { family: { kind, help, values: Map of 'name{labels}' } }; fails on anything else. */
function parse(text) {
  assert.ok(text.endsWith('\n'))
  const families = {}
  let open
  for (const line of text.slice(0, -1).split('\n')) {
    const help = /^# HELP ([a-z_][a-z0-9_]*) (.+)$/.exec(line)
    const kind = /^# TYPE ([a-z_][a-z0-9_]*) (counter|gauge|histogram)$/.exec(line)
    const value = /^([a-z_][a-z0-9_]*)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+\})? (-?[0-9.e+-]+)$/.exec(line)
    if (help) {
      assert.ok(!families[help[1]], `${help[1]} twice`)
      open = families[help[1]] = { help: help[2], values: new Map() }
    } else if (kind) {
      assert.equal(families[kind[1]], open)
      open.kind = kind[2]
    } else {
      assert.ok(value, `not a line of it: ${line}`)
      const family = families[value[1]] ?? families[value[1].replace(/_(bucket|sum|count)$/, '')]
      assert.equal(family, open, `${line} stands apart`)
      const key = value[1] + (value[2] ?? '')
      assert.ok(!open.values.has(key), `${key} twice`)
      assert.ok(Number.isFinite(Number(value[3])))
      open.values.set(key, Number(value[3]))
    }
  }
  for (const [name, f] of Object.entries(families)) {
    assert.ok(f.kind, name)
    if (f.kind === 'counter') assert.match(name, /_total$/)
    if (/_total$/.test(name)) assert.equal(f.kind, 'counter')
  }
  return families
}
const read = async (client = owner) => {
  const reply = await client.system.metrics()
  assert.equal(reply.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  return parse(await reply.text())
}
const value = (families, key) => {
  const name = key.split('{')[0]
  return (families[name] ?? families[name.replace(/_(sum|count)$/, '')]).values.get(key)
}

test('for the socket and for those who may, in the format of Prometheus', async () => {
  for (const client of [owner, local(server)]) {
    const m = await read(client)
    assert.equal(value(m, 'hetang_build_info{version="0.1.0"}'), 1)
    assert.ok(value(m, 'process_resident_memory_bytes') > 1e6)
    assert.ok(value(m, 'process_cpu_seconds_total') > 0)
    assert.ok(value(m, 'process_open_fds') > 5)
    assert.ok(Math.abs(value(m, 'process_start_time_seconds') - Date.now() / 1000) < 60)
    assert.ok(value(m, 'hetang_db_size_bytes') > 0)
    assert.ok(value(m, 'hetang_http_connections') >= 0)
    assert.ok(m.hetang_subscriber_behind.values.has('hetang_subscriber_behind{subscriber="webhook"}'))
  }
  const lead = await hire(server, owner, { login: 'lead', department: 1, roles: ['operations'] })
  assert.equal((await problem(lead.system.metrics())).status, 403)
  assert.equal((await problem(anonymous(server).system.metrics())).status, 401)
  assert.equal((await problem(anonymous(server, { 'x-forwarded-for': '127.0.0.1' }).system.metrics())).status, 401)
})

test('requests are counted by route and class, and timed', async () => {
  const before = await read()
  for (let i = 0; i < 5; i++) await owner.tag.list()
  await problem(owner.tag.delete({ id: 99999 }))
  await owner.fetch('/api/v1/nothing/here')
  const m = await read()
  const grew = (key) => value(m, key) - (value(before, key) ?? 0)
  assert.equal(grew('hetang_http_requests_total{route="tag.list",class="2xx"}'), 5)
  assert.equal(grew('hetang_http_requests_total{route="tag.delete",class="4xx"}'), 1)
  assert.equal(grew('hetang_http_requests_total{route="none",class="4xx"}'), 1)
  assert.equal(grew('hetang_http_request_seconds_count{route="tag.list"}'), 5)
  assert.ok(grew('hetang_http_request_seconds_sum{route="tag.list"}') > 0)
  assert.ok(grew('hetang_http_received_total') >= 7)
  assert.ok(grew('hetang_db_statements_total') > 0)
  const routes = new Set([...m.hetang_http_request_seconds.values.keys()].map((k) => /route="([^"]+)"/.exec(k)[1]))
  for (const route of routes) {
    const buckets = [...m.hetang_http_request_seconds.values].filter(([k]) => k.startsWith('hetang_http_request_seconds_bucket') && k.includes(`route="${route}"`))
    assert.equal(buckets.length, 13)
    assert.ok(buckets.every(([, n], i) => !i || n >= buckets[i - 1][1]), route)
    assert.ok(buckets[12][0].includes('le="+Inf"'))
    assert.equal(buckets[12][1], value(m, `hetang_http_request_seconds_count{route="${route}"}`))
  }
})

test('what the database, the log, the jobs and the webhooks do', async (t) => {
  const before = await read()
  const r = await receiver((g) => (g.json.type === 'm.bad' ? 500 : g.json.type === 'm.hang' ? 'hang' : 200))
  t.after(() => r.close())
  await owner.webhook.create({ name: 'x', url: r.url, types: ['m.*'] })
  for (const type of ['m.good', 'm.good', 'm.bad', 'm.hang']) await owner.test.event({ type, customer_id: 1 + ['m.good', 'm.bad', 'm.hang'].indexOf(type) })
  await owner.test.event({ type: 'm.good', customer_id: 2 }) // behind the bad one
  ask(server, `INSERT INTO job (kind, payload, state, due_at, attempts, done, total, created_at) VALUES ('x', '{}', 'paused', 1, 0, 0, 0, 1)`)
  const m = await eventually(async () => {
    const x = await read()
    const told = value(x, 'hetang_webhook_attempts_total{result="delivered"}') === 2 && value(x, 'hetang_webhook_attempts_total{result="failed"}') === 1
    return told && value(x, 'hetang_subscriber_behind{subscriber="webhook"}') === 0 && value(x, 'hetang_webhook_under_way') === 1 && value(x, 'hetang_webhook_deliveries{state="sending"}') === 1 && x // counted before it is written
  })
  assert.equal(value(m, 'hetang_log_last_seq') - value(before, 'hetang_log_last_seq'), 5)
  assert.equal(value(m, 'hetang_subscriber_failing{subscriber="webhook"}'), 0)
  assert.equal(value(m, 'hetang_jobs{state="paused"}'), 1)
  assert.ok(value(m, 'hetang_jobs{state="waiting"}') > 0)
  assert.ok(value(m, 'hetang_job_late_seconds') >= 0)
  assert.deepEqual(['queued', 'waiting', 'sending', 'dead'].map((s) => value(m, `hetang_webhook_deliveries{state="${s}"}`)), [1, 1, 1, 0])
  assert.ok(value(m, 'hetang_db_writes_total') > value(before, 'hetang_db_writes_total'))
  assert.ok(value(m, 'hetang_db_commits_total') <= value(m, 'hetang_db_writes_total'))
  assert.equal(m.hetang_db_journal_bytes.values.size, server.db.length ? 0 : 1)
})
