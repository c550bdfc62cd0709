// Each statement of each kind of write fails once, one after another: nothing half-written, and the next try is as the first.
import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { startServer, signIn, ask, eventually, ApiError, all } from '../lib/server.mjs'
import { prove, proveAudit, proveHealth } from '../lib/faults.mjs'

let server, owner
before(async () => {
  server = await startServer()
  owner = await signIn(server)
})
after(() => server.stop())

const faultAt = (at) => owner.test.fault({ at })

/** Calls with statement n failing, n = 1, 2 … until the call needs fewer than n statements `calm` times in a row; it needs `least` of them. */
async function each(call, check, least = 4) {
  let failures = 0, calm = 0
  for (let n = 1; calm < 5 && n < 400; n++) {
    await faultAt(n)
    let problem
    const result = await call(n).catch((e) => {
      if (!(e instanceof ApiError)) throw e
      problem = e
    })
    await faultAt(0)
    if (problem) {
      assert.deepEqual([problem.status, problem.problem.code], [503, 'storage'], `statement ${n}`)
      assert.ok(problem.problem.request_id)
      failures++
      calm = 0
    } else calm++
    await check(n, result)
  }
  assert.ok(failures >= least && calm === 5, `${failures} statements failed`)
  return failures
}

test('a customer with identifiers: wholly or not at all, and the same key succeeds later', async () => {
  const load = { answered: [], open: [] }
  const input = (n) => ({ name: `f-${n}`, address: '世纪大道1号', identities: [{ kind: 'member_no', value: `f-${n}` }, { kind: 'mobile', value: String(13800000000 + n) }] })
  await each((n) => owner.customer.create(input(n), { key: `f-${n}` }), (n, made) => {
    (made ? load.answered : load.open).push(`f-${n}`)
    prove(server, load, 'f')
  })
  for (const name of load.open) {
    const n = Number(name.slice(2))
    const made = await owner.customer.create(input(n), { key: name })
    assert.equal((await owner.customer.create(input(n), { key: name })).id, made.id)
  }
  prove(server, { answered: [...load.answered, ...load.open], open: [] }, 'f')
  proveAudit(server)
})

test('an order, a change, a note, a tag: likewise', async () => {
  const person = await owner.customer.create({ name: 'buyer', identities: [{ kind: 'member_no', value: 'buyer' }] })
  const group = await owner.tagGroup.create({ name: 'g' })
  let version = person.version
  await each(async (n) => {
    const c = await owner.customer.change({ id: person.id, city: `c${n}` }, { version })
    version = c.version
    return c
  }, async () => {
    const now = await owner.customer.get({ id: person.id })
    assert.equal(now.version, version)
  })
  let notes = 0
  await each((n) => owner.note.add({ id: person.id, text: `n${n}` }), async (n, made) => {
    notes += made ? 1 : 0
    assert.equal((await all(owner.note.list, { id: person.id })).length, notes)
  })
  let tags = 0
  await each((n) => owner.tag.create({ group_id: group.id, name: `t${n}` }), async (n, made) => {
    tags += made ? 1 : 0
    assert.equal((await all(owner.tag.list, { group_id: group.id })).length, tags)
  })
  proveAudit(server)
})

test('reads: 503, then well again', async () => {
  // Who asks was looked up before: that statement is not run again; and one of the background may be hit instead.
  await each(() => owner.customer.search({ limit: 20 }), () => {}, 2)
  await each(() => owner.staff.list({ limit: 20 }), () => {}, 2)
})

test('what runs in the background has caught up, and the instance is whole', async () => {
  const number = (sql) => Number(ask(server, sql))
  // The first stage of each person is the work of a subscriber.
  await eventually(() => number("SELECT count(DISTINCT customer_id) FROM event WHERE type_id = (SELECT id FROM event_type WHERE name = 'stage.changed')") === number('SELECT count(*) FROM customer'), 'a stage for everybody')
  assert.equal(number("SELECT count(*) FROM (SELECT customer_id FROM event WHERE type_id = (SELECT id FROM event_type WHERE name = 'stage.changed') AND customer_id IN (SELECT id FROM customer WHERE name LIKE 'f-%') GROUP BY customer_id HAVING count(*) > 1) x"), 0)
  proveHealth(server)
})
