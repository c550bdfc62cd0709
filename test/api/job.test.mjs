import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { startServer, signIn, anonymous, problem, all, eventually, setClock, ask, NOW } from '../lib/server.mjs'
import { hire } from '../lib/staff.mjs'

let server, owner
before(async () => {
  server = await startServer({ args: ['--webhook-private', 'true', '--test-clock', NOW] })
  owner = await signIn(server)
})
after(() => server.stop())

const ms = Date.parse(NOW)
/** A row as some version of Hetang may have left it. */
function put(kind, state, { payload = '{}', due = ms, error = null, finished = null } = {}) {
  const text = (v) => (v === null ? 'NULL' : `'${v}'`)
  return Number(ask(server, `INSERT INTO job (kind, payload, state, due_at, attempts, last_error, done, total, created_at, finished_at)
    VALUES ('${kind}', '${payload}', '${state}', ${due}, 3, ${text(error)}, 0, 0, ${ms}, ${finished ?? 'NULL'}) RETURNING id`))
}
const hook = () => owner.webhook.create({ name: 'x', url: 'http://127.0.0.1:9/', types: ['never.*'], active: false })

test('a dead job is tried again by a person, and says who', async () => {
  const w = await hook()
  const id = put('webhook_replay', 'dead', { payload: `{"webhook_id":${w.id},"upto":10}`, error: '存储暂不可用', finished: ms })
  const dead = await owner.job.get({ id })
  assert.deepEqual([dead.kind, dead.zh, dead.en, dead.state, dead.last_error, dead.by_staff_id, dead.recurring],
    ['webhook_replay', '重新投递失败的 Webhook', 'Send dead deliveries of a webhook again', 'dead', '存储暂不可用', null, false])
  assert.deepEqual(dead.payload, { webhook_id: w.id, upto: 10 })
  const before = await owner.job.counts()
  assert.equal(before.dead, 1)
  const again = await owner.job.retry({ id })
  assert.deepEqual([again.state, again.attempts, again.finished_at], ['waiting', 0, null])
  const done = await eventually(async () => {
    const j = await owner.job.get({ id })
    return j.state === 'done' && j
  })
  assert.deepEqual([done.last_error, done.finished_at], [null, NOW])
  assert.equal((await owner.job.counts()).dead, 0)
  assert.equal((await problem(owner.job.retry({ id }))).code, 'wrong_state')
  const { job_id } = await owner.webhook.replayDead({ id: w.id })
  const asked = await owner.job.get({ id: job_id })
  assert.deepEqual([asked.by_staff_id, asked.by_name], [owner.me.staff_id, owner.me.name])
})

test('a kind this version does not know: it fails, is shown, and is not tried again', async () => {
  const id = put('of_the_future', 'waiting')
  await setClock(server, new Date(ms + 1).toISOString()) // rows that others add are looked for when the clock moves
  const dead = await eventually(async () => {
    const j = await owner.job.get({ id })
    return j.state === 'dead' && j
  })
  assert.deepEqual([dead.kind, dead.zh, dead.en], ['of_the_future', null, null])
  assert.ok(dead.last_error)
  assert.equal((await problem(owner.job.retry({ id }))).code, 'wrong_state')
})

test('paused and let go on: a waiting one keeps its time, a running one its progress', async () => {
  const due = ms + 3600e3
  const id = put('webhook_hurry', 'waiting', { payload: '{"webhook_id":1}', due })
  assert.equal((await owner.job.pause({ id })).state, 'paused')
  assert.equal((await problem(owner.job.pause({ id }))).code, 'wrong_state')
  const w = await hook()
  const many = 24000
  ask(server, `INSERT INTO delivery (webhook_id, event_seq, state, attempts, created_at, finished_at, blanked)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${many})
    SELECT ${w.id}, i, 'dead', 1, ${ms}, ${ms}, FALSE FROM n`)
  for (let i = 0; i < 2; i++) await owner.test.event({ type: 'x.y' })
  ask(server, `INSERT INTO job (kind, payload, state, due_at, attempts, done, total, created_at)
    VALUES ('webhook_replay', '{"webhook_id":${w.id},"upto":${many}}', 'waiting', ${ms}, 0, 0, ${many}, ${ms})`)
  await setClock(server, new Date(ms + 2).toISOString())
  const find = async () => (await owner.job.list({ kind: 'webhook_replay', limit: 1 })).items[0]
  const running = await eventually(async () => {
    const j = await find()
    return j.done > 0 && j
  })
  assert.equal(running.state, 'running', 'it was over too soon: make it longer')
  await owner.job.pause({ id: running.id })
  // The step under way is ended, and then nothing moves.
  let held
  await eventually(async () => {
    const last = held
    held = await find()
    return last && last.done === held.done && Number(ask(server, `SELECT count(*) FROM delivery WHERE webhook_id = ${w.id} AND state = 'waiting'`)) === held.done
  })
  assert.equal(held.state, 'paused')
  assert.ok(held.done < many)
  await owner.job.resume({ id: running.id })
  assert.equal((await eventually(async () => {
    const j = await find()
    return j.state === 'done' && j
  })).done, many, 'each once')
  const resumed = await owner.job.resume({ id })
  assert.equal((await problem(owner.job.resume({ id }))).code, 'wrong_state')
  assert.ok(['waiting', 'done'].includes(resumed.state))
})

test('cancelled, but not those that run by themselves', async () => {
  const id = put('webhook_hurry', 'waiting', { due: ms + 3600e3 })
  assert.equal((await owner.job.cancel({ id })).state, 'cancelled')
  assert.equal((await problem(owner.job.cancel({ id }))).code, 'wrong_state')
  assert.equal((await problem(owner.job.pause({ id }))).code, 'wrong_state')
  const recurring = (await all(owner.job.list, { kind: 'job_clean' }))[0]
  assert.equal(recurring.recurring, true)
  assert.equal((await problem(owner.job.cancel({ id: recurring.id }))).code, 'wrong_state')
  await owner.job.pause({ id: recurring.id })
  await setClock(server, new Date(ms + 2 * 3600e3).toISOString())
  assert.equal((await owner.job.get({ id: recurring.id })).state, 'paused')
  await owner.job.resume({ id: recurring.id })
  for (const call of ['get', 'retry', 'cancel', 'pause', 'resume']) assert.equal((await problem(owner.job[call]({ id: 99999999 }))).status, 404)
})

test('listed newest first, in pages, by state and kind', async () => {
  const made = []
  for (let i = 0; i < 9; i++) made.unshift(put(i % 3 ? 'webhook_hurry' : 'webhook_remove', ['done', 'dead', 'cancelled'][i % 3], { finished: ms }))
  const ids = async (filter) => (await all(async (input) => owner.job.list({ ...input, limit: 2 }), filter)).map((j) => j.id).filter((id) => made.includes(id))
  assert.deepEqual(await ids({}), made)
  assert.deepEqual(await ids({ state: 'dead' }), [made[7], made[4], made[1]].sort((a, b) => b - a))
  assert.deepEqual(await ids({ kind: 'webhook_remove' }), [made[8], made[5], made[2]].sort((a, b) => b - a))
  assert.deepEqual(await ids({ kind: 'webhook_hurry', state: 'cancelled' }), [made[6], made[3], made[0]].sort((a, b) => b - a))
  assert.deepEqual(await ids({ kind: 'webhook_remove', state: 'dead' }), [])
  assert.equal((await problem(owner.job.list({ state: 'lost' }))).code, 'bad_choice')
  const kinds = (await owner.job.kinds()).items
  assert.ok(kinds.every((k) => k.zh && k.en))
  assert.equal(kinds.find((k) => k.kind === 'webhook_clean').recurring, true)
  assert.equal((await problem(anonymous(server).job.list())).status, 401)
  const clerk = await hire(server, owner, { login: 'clerk', department: 1, roles: ['staff'] })
  assert.equal((await problem(clerk.job.list())).status, 403)
  assert.equal((await problem(clerk.job.retry({ id: made[1] }))).status, 403)
})
