import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { startServer, signIn, anonymous, problem, all, ask, eventually, setClock } from '../lib/server.mjs'
import { plant, hire } from '../lib/staff.mjs'

let server, owner, at
const people = {}
before(async () => {
  server = await startServer()
  owner = await signIn(server)
  at = await plant(owner, { east: ['store', 'root'], west: ['store', 'root'] })
})
after(() => server.stop())

let documents = 0
const put = (kind, person, when, yuan) =>
  owner.order.put({ kind, source: 'pos', number: `${kind}-${++documents}`, customer_id: person.id, at: when, lines: [{ product_code: 'A', quantity_milli: 1000, price_micro: yuan * 1e6 }] })
const buy = (...of) => put('order', ...of)
const giveBack = (...of) => put('refund', ...of)
const person = async (name, more) => (people[name] = await owner.customer.create({ name, ...more }))

// The clock moves; sessions end with time.
async function later(now) {
  await setClock(server, now)
  owner = await signIn(server)
}
// Asks for a run and waits until it has been switched to and everything behind it is done.
async function run(reference_at) {
  const before = (await owner.rfm.get()).run?.id ?? 0
  assert.ok((await owner.rfm.start(reference_at ? { reference_at } : {})).job_id > 0)
  return eventually(async () => {
    const view = await owner.rfm.get()
    return view.job === null && view.run?.id > before && view
  }, 'a run')
}
async function set(change) {
  const { version, ...settings } = await owner.rfm.settings()
  return owner.rfm.set({ ...settings, ...change }, { version })
}
// "R F M total class tier" of everybody with a score, by name.
async function scores(client = owner) {
  const found = {}
  for (const tier of ['diamond', 'gold', 'silver', 'bronze'])
    for (const p of await all(client.rfm.people, { tier })) {
      assert.equal(p.total, p.r + p.f + p.m)
      assert.equal(p.tier, tier)
      found[p.name] = `${p.r} ${p.f} ${p.m} ${p.class} ${p.tier}`
    }
  return found
}
const first = { tiers: null, method: 'quantiles', r_cuts: [], f_cuts: [], m_cuts_fen: [], subtract_refunds: false, nightly_hour: 3, history_days: 365 }

test('before any run, and when nobody has bought anything', async () => {
  const none = await owner.rfm.get()
  assert.deepEqual([none.run, none.job, none.people, none.monetary_fen, none.tiers, none.cells], [null, null, 0, 0, [], []])
  await person('looks only')
  const view = await run()
  assert.deepEqual([view.people, view.run.people, view.run.state, view.run.whole, view.run.by_name], [0, 0, 'current', true, '所有者'])
  assert.deepEqual([view.run.cuts, view.run.means], [{ r: [], f: [], m: [] }, { r: 0, f: 0, m: 0 }])
  assert.equal(view.cells.length, 25)
  assert.ok([...view.tiers, ...view.classes, ...view.cells].every((c) => c.people === 0 && c.people_share === null && c.money_share === null))
  assert.deepEqual(await scores(), {})
})

test('one person: every cut point is their own value, and nobody is above the mean', async () => {
  await person('solo', { department_id: at.east })
  await buy(people.solo, '2026-01-01T00:00:00Z', 100)
  const view = await run('2026-01-02T23:59:59Z')
  assert.deepEqual(view.run.cuts, { r: [1, 1, 1, 1], f: [1, 1, 1, 1], m: [10000, 10000, 10000, 10000] })
  assert.deepEqual(view.run.means, { r: 5, f: 1, m: 1 })
  assert.deepEqual(await scores(), { solo: '5 1 1 000 silver' })
  assert.deepEqual(view.cells.filter((c) => c.people), [{ r: 5, f: 1, by_m: [1, 0, 0, 0, 0], people: 1, people_share: 1, monetary_fen: 10000, money_share: 1 }])
  // As of the very moment of the order: bought; a moment before: nobody has.
  assert.equal((await run('2026-01-01T00:00:00Z')).people, 1)
  assert.equal((await run('2025-12-31T23:59:59Z')).people, 0)
})

test('ties share a score; the reference decides who is there', async () => {
  for (const name of ['t1', 't2', 't3', 't4']) {
    await person(name, { department_id: name === 't4' ? at.west : at.east })
    await buy(people[name], '2026-01-10T00:00:00Z', name === 't4' ? 1000 : 100)
  }
  await giveBack(people.t4, '2026-01-12T00:00:00Z', 950)
  await person('refund only')
  await giveBack(people['refund only'], '2026-01-12T00:00:00Z', 5)
  const view = await run('2026-01-20T00:00:00Z')
  assert.deepEqual(view.run.cuts, { r: [10, 10, 10, 11.8], f: [1, 1, 1, 1], m: [10000, 10000, 10000, 28000] })
  assert.deepEqual(view.run.means, { r: 4.2, f: 1, m: 1.8 })
  assert.deepEqual(await scores(), { solo: '1 1 1 000 bronze', t1: '5 1 1 100 silver', t2: '5 1 1 100 silver', t3: '5 1 1 100 silver', t4: '5 1 5 101 gold' })
  assert.deepEqual(view.tiers.map((t) => [t.key, t.people, t.people_share, t.monetary_fen]), [
    ['diamond', 0, 0, 0], ['gold', 1, 0.2, 100000], ['silver', 3, 0.6, 30000], ['bronze', 1, 0.2, 10000],
  ])
  assert.deepEqual(view.classes.filter((c) => c.people).map((c) => [c.key, c.name, c.people]), [['101', '重要发展', 1], ['100', '一般发展', 3], ['000', '一般挽留', 1]])
  assert.deepEqual([view.people, view.monetary_fen], [5, 140000])
  assert.equal((await all(owner.rfm.people, { r: 5, f: 1, m: 1 })).length, 3)
  assert.deepEqual((await owner.rfm.people({ r: 5, f: 1, limit: 2 })).items.map((p) => [p.name, p.recency_days, p.frequency, p.monetary_fen]), [['t4', 10, 1, 100000], ['t3', 10, 1, 10000]])
})

test('asked as a question about orders, everybody has the same scores', async () => {
  const { run: of } = await owner.rfm.get()
  const query = { kind: 'rfm', of: 'order.paid', value: 'amount_fen', since: '2000-01-01', until: of.reference_at }
  await eventually(async () => (await owner.insight.state()).behind === 0, 'the index')
  const { result } = await owner.insight.ask({ query })
  assert.equal(result.people, of.people)
  assert.deepEqual({ ...result.cuts, means: result.means }, { ...of.cuts, means: of.means })
  const found = {}
  for (const { r, f, m, class: c, people: count } of result.cells) {
    const behind = await owner.insight.ask({ query: { ...query, behind: { r, f, m } }, people: 100 })
    assert.equal(behind.count, count)
    for (const id of behind.people) found[Object.keys(people).find((n) => people[n].id === id)] = `${r} ${f} ${m} ${c}`
  }
  const wanted = Object.entries(await scores()).map(([name, s]) => [name, s.slice(0, s.lastIndexOf(' '))])
  assert.deepEqual(found, Object.fromEntries(wanted))
})

test('refunds are subtracted when the brand says so', async () => {
  const s = await set({ subtract_refunds: true })
  assert.equal(s.subtract_refunds, true)
  const view = await run('2026-01-20T00:00:00Z')
  assert.deepEqual(view.run.cuts.m, [9000, 10000, 10000, 10000])
  assert.deepEqual(await scores(), { solo: '1 1 2 001 bronze', t1: '5 1 2 101 silver', t2: '5 1 2 101 silver', t3: '5 1 2 101 silver', t4: '5 1 1 100 silver' })
  assert.equal((await run('2026-01-11T00:00:00Z')).monetary_fen, 140000) // not given back yet
  await set({ subtract_refunds: false })
})

test('fixed cut points, and tiers of the brand’s own', async () => {
  const tiers = [
    { key: 'bronze', name: '普通', name_en: 'Plain', from: 3, to: 5 }, { key: 'diamond', name: '黑卡', name_en: 'Black', from: 10, to: 15 },
    { key: 'silver', name: '银', name_en: 'Silver', from: 6, to: 7 }, { key: 'gold', name: '金', name_en: 'Gold', from: 8, to: 9 },
  ]
  const fixed = { method: 'fixed', r_cuts: [5, 15, 30, 60], f_cuts: [1, 2, 3, 4], m_cuts_fen: [5000, 10000, 50000, 90000] }
  const kept = await set({ ...fixed, tiers })
  assert.deepEqual(kept.tiers.map((t) => t.key), ['diamond', 'gold', 'silver', 'bronze'])
  const view = await run('2026-01-20T00:00:00Z')
  assert.deepEqual(view.run.cuts, { r: fixed.r_cuts, f: fixed.f_cuts, m: fixed.m_cuts_fen })
  // R: 19 days have 5 and 15 below. M: 100.00 is not above the cut at 100.00.
  assert.deepEqual(await scores(), { solo: '3 1 2 000 silver', t1: '4 1 2 100 silver', t2: '4 1 2 100 silver', t3: '4 1 2 100 silver', t4: '4 1 5 101 diamond' })
  assert.deepEqual(view.tiers.map((t) => [t.name, t.from, t.to, t.people]), [['黑卡', 10, 15, 1], ['金', 8, 9, 0], ['银', 6, 7, 4], ['普通', 3, 5, 0]])
  // The day on which somebody falls below a cut point.
  await run('2026-01-16T00:00:00Z')
  assert.equal((await scores()).solo[0], '4') // 15 days are not more than 15
  await run('2026-01-17T00:00:00Z')
  assert.equal((await scores()).solo[0], '3')
})

test('what cannot be set is said', async () => {
  const { version, ...good } = await owner.rfm.settings()
  const tier = (key, from, to) => ({ key, name: key, name_en: key, from, to })
  const cases = [
    [{ r_cuts: [1, 2, 3] }, 'invalid', 'r_cuts'],
    [{ f_cuts: [1, 2, 2, 3] }, 'invalid', 'f_cuts'],
    [{ m_cuts_fen: [4, 3, 2, 1] }, 'invalid', 'm_cuts_fen'],
    [{ m_cuts_fen: [-1, 3, 4, 5] }, 'out_of_range', 'm_cuts_fen'],
    [{ method: 'quantiles' }, 'invalid', 'r_cuts'],
    [{ method: 'guess' }, 'bad_choice', 'method'],
    [{ tiers: [tier('diamond', 13, 15), tier('gold', 10, 12), tier('silver', 7, 9)] }, null, 'tiers'],
    [{ tiers: [tier('diamond', 13, 15), tier('gold', 10, 11), tier('silver', 7, 9), tier('bronze', 3, 6)] }, 'invalid', 'tiers'],
    [{ tiers: [tier('diamond', 13, 15), tier('gold', 9, 12), tier('silver', 7, 9), tier('bronze', 3, 6)] }, 'invalid', 'tiers'],
    [{ tiers: [tier('gold', 13, 15), tier('diamond', 10, 12), tier('silver', 7, 9), tier('bronze', 3, 6)] }, 'invalid', 'tiers'],
    [{ tiers: [tier('diamond', 13, 15), tier('gold', 10, 12), tier('silver', 7, 9), tier('bronze', 4, 6)] }, 'invalid', 'tiers'],
    [{ nightly_hour: 24 }, 'out_of_range', 'nightly_hour'],
    [{ history_days: 0 }, 'out_of_range', 'history_days'],
  ]
  for (const [change, code, field] of cases) {
    const p = await problem(owner.rfm.set({ ...good, ...change }))
    assert.deepEqual([p.code, p.field], [code ?? p.code, field], JSON.stringify(change))
  }
  assert.equal((await problem(owner.rfm.set(good, { version: version - 1 }))).code, 'version_changed')
  assert.deepEqual(await owner.rfm.settings(), { ...good, version })
  for (const of of [{}, { r: 1 }, { r: 1, f: 2, tier: 'gold' }, { class: '111', tier: 'gold' }, { m: 3, class: '111' }])
    assert.equal((await problem(owner.rfm.people(of))).code, 'invalid', JSON.stringify(of))
  assert.equal((await problem(owner.rfm.people({ r: 6, f: 1 }))).code, 'out_of_range')
  assert.equal((await problem(owner.rfm.run({ id: 4242 }))).status, 404)
})

test('tags follow, and are replaced as people change', async () => {
  for (const key of ['importance', 'rfm-class']) await owner.tagPreset.install({ key })
  const tags = async (who) => (await owner.customer.tags({ id: people[who].id })).items.filter((t) => t.source === 'rule').map((t) => t.key).sort()
  const are = (who, ...keys) => eventually(async () => JSON.stringify(await tags(who)) === JSON.stringify(keys), `${keys} on ${who}`)
  await run('2026-01-20T00:00:00Z')
  await are('t4', 'importance:diamond', 'rfm-class:101')
  await are('t1', 'importance:silver', 'rfm-class:100')
  const { tiers } = (await owner.rfm.runs()).items.at(-1).settings
  await set({ ...first, tiers })
  await run('2026-01-20T00:00:00Z')
  await are('t4', 'importance:gold', 'rfm-class:101')
  await are('solo', 'importance:bronze', 'rfm-class:000')
  const told = (await all(owner.customer.timeline, { id: people.t4.id, types: ['rfm.'] }))[0]
  assert.deepEqual([told.type, told.props.tier, told.props.tier_before, told.props.class], ['rfm.scored', 'gold', 'diamond', '101'])
})

test('earlier runs stay to be looked at; a person has a history', async () => {
  const runs = await all(owner.rfm.runs)
  const current = runs[0]
  assert.deepEqual([current.state, new Set(runs.slice(1).map((r) => r.state))], ['current', new Set(['past'])])
  const fixed = runs[1]
  const view = await owner.rfm.run({ id: fixed.id })
  assert.deepEqual(view.run, fixed)
  assert.deepEqual([view.people, view.tiers.map((t) => t.people)], [5, [1, 0, 4, 0]])
  assert.deepEqual((await owner.rfm.run({ id: current.id })).cells, (await owner.rfm.get()).cells)
  assert.equal((await owner.rfm.run({ id: runs.at(-1).id })).people, 0)
  const past = await all(owner.customer.rfm, { id: people.t4.id })
  assert.deepEqual([past[0].tier, past[0].until_at, past[0].since_run, past[0].recency_days], ['gold', null, current.id, 10])
  assert.deepEqual([past[1].tier, past[1].until_at], ['diamond', '2026-01-20T00:00:00Z'])
  assert.equal((await owner.customer.rfm({ id: people['looks only'].id })).items.length, 0)
})

test('people behind every cell, class and tier are in the customer list', async () => {
  const view = await owner.rfm.get()
  const count = async (condition) => (await owner.customer.count({ condition })).count
  for (const c of view.cells.filter((x) => x.people)) assert.equal(await count({ all: [{ rfm: 'r', eq: c.r }, { rfm: 'f', eq: c.f }] }), c.people)
  for (const c of view.classes) assert.equal(await count({ rfm: 'class', eq: c.key }), c.people)
  for (const t of view.tiers) {
    assert.equal(await count({ rfm: 'tier', eq: t.key }), t.people)
    assert.equal(await count({ rfm: 'total', gte: t.from, lte: t.to }), t.people)
  }
  assert.equal(await count({ rfm: 'r', exists: false }), 2)
  // Scores that hold together, beside others, and within another word; each order of the list has the same people.
  const five = { rfm: 'r', eq: 5 }, one = { rfm: 'f', eq: 1 }
  for (const [condition, names] of [
    [{ all: [five, one, { rfm: 'm', gte: 2 }] }, ['t4']],
    [{ all: [five, { attr: 'department', eq: at.east }, { rfm: 'tier', eq: 'silver' }] }, ['t1', 't2', 't3']],
    [{ all: [{ rfm: 'r', exists: true }, { rfm: 'class', in: ['000'] }, one] }, ['solo']],
    [{ all: [one, { not: five }] }, ['solo']],
    [{ any: [{ all: [five, { rfm: 'm', eq: 5 }] }, { rfm: 'r', eq: 1 }] }, ['solo', 't4']],
    [{ all: [five, { rfm: 'r', lt: 5 }] }, []],
  ])
    for (const sort of ['newest', 'amount', 'name', 'last_order']) {
      assert.deepEqual((await all(owner.customer.search, { condition, sort })).map((c) => c.name).sort(), names, `${sort} ${JSON.stringify(condition)}`)
      assert.equal(await count(condition), names.length)
    }
})

test('a store sees its own people alone', async () => {
  const manager = await hire(server, owner, { login: 'west', department: at.west, roles: ['store'] })
  const view = await manager.rfm.get()
  assert.deepEqual([view.people, view.monetary_fen, view.cells.filter((c) => c.people).map((c) => [c.r, c.f, c.people_share])], [1, 100000, [[5, 1, 1]]])
  assert.deepEqual(Object.keys(await scores(manager)), ['t4'])
  assert.equal((await manager.rfm.run({ id: (await owner.rfm.runs()).items[1].id })).people, 1)
  assert.equal((await manager.customer.count({ condition: { rfm: 'r', gte: 1 } })).count, 1)
  assert.equal((await problem(manager.customer.rfm({ id: people.t1.id }))).status, 404)
  assert.equal((await problem(manager.rfm.start({}))).status, 403)
  assert.equal((await problem(manager.rfm.set(await owner.rfm.settings().then(({ version, ...s }) => s)))).status, 403)
  assert.equal((await problem(anonymous(server).rfm.get())).status, 401)
})

test('joined people are one, erased ones are seen by nobody', async () => {
  await owner.customer.merge({ id: people.t1.id, other_id: people.t2.id })
  assert.equal((await owner.rfm.get()).people, 4) // the other one is hidden at once
  const view = await run('2026-01-20T00:00:00Z')
  assert.deepEqual([view.people, view.monetary_fen], [4, 140000])
  assert.deepEqual((await all(owner.rfm.people, { r: 5, f: 5 })).map((p) => [p.name, p.frequency]), [['t1', 2]])
  await owner.customer.erase({ id: people.t3.id })
  assert.deepEqual([(await owner.rfm.get()).people, Object.keys(await scores()).sort()], [3, ['solo', 't1', 't4']])
})

test('it runs every night at its hour of the business zone, and not when told not to', async () => {
  const started = (await owner.rfm.get()).run.id
  await later('2026-03-02T18:59:59Z')
  await later('2026-03-02T19:00:00Z') // 03:00 in Shanghai
  const past = (id, what) => eventually(async () => { // with all that is behind it: a run that is open is not begun anew
    const v = await owner.rfm.get()
    return v.job === null && v.run.id > id && v
  }, what)
  const night = await past(started, 'the night')
  assert.deepEqual([night.run.by_name, night.run.reference_at], ['rfm_nightly', '2026-03-02T19:00:00Z'])
  await later('2026-03-03T19:00:00Z')
  const second = await past(night.run.id, 'the second night')
  await set({ nightly_hour: null })
  await later('2026-03-05T19:00:00Z')
  const asked = await run()
  assert.deepEqual((await owner.rfm.runs({ limit: 2 })).items.map((r) => r.id), [asked.run.id, second.run.id])
  await set({ nightly_hour: 5 })
  await later('2026-03-05T21:00:00Z')
  await eventually(async () => (await owner.rfm.get()).run.reference_at === '2026-03-05T21:00:00Z', 'at the new hour')
})

test('history past its time goes; runs it belonged to say so', async () => {
  await eventually(async () => (await owner.rfm.get()).job === null)
  await set({ history_days: 1, nightly_hour: null })
  const before = await all(owner.rfm.runs)
  await later('2026-04-05T00:00:00Z')
  await buy(people.t4, '2026-04-04T00:00:00Z', 1)
  const view = await run()
  const left = await all(owner.rfm.runs)
  assert.ok(left.length < before.length)
  assert.equal(left[0].whole, true)
  const old = left.at(-1)
  assert.equal(old.whole, false)
  assert.equal((await problem(owner.rfm.run({ id: old.id }))).code, 'wrong_state')
  assert.deepEqual((await owner.rfm.get()).cells, view.cells)
  assert.equal(ask(server, `SELECT count(*) FROM rfm_past p WHERE p.until_run NOT IN (SELECT id FROM rfm_run)`), '0')
})

// What the definition says, in another language: type-7 quantiles, strict comparisons, means.
function model(population, reference) {
  const quantile = (values, fifth) => { // five times the cut point
    const x = [...values].sort((a, b) => a - b), h = (x.length - 1) * fifth, j = Math.floor(h / 5)
    return 5 * x[j] + (h % 5 ? (h % 5) * (x[j + 1] - x[j]) : 0)
  }
  const figures = population.map(({ name, orders }) => {
    const by = orders.filter((o) => o.at <= reference)
    return by.length && { name, v: [Math.floor((reference - Math.max(...by.map((o) => o.at))) / 864e5), by.length, by.reduce((n, o) => n + o.yuan * 100, 0)] }
  }).filter(Boolean)
  const cuts = [0, 1, 2].map((k) => [1, 2, 3, 4].map((fifth) => quantile(figures.map((f) => f.v[k]), fifth)))
  for (const f of figures) f.s = f.v.map((v, k) => { const below = cuts[k].filter((c) => c < 5 * v).length; return k ? 1 + below : 5 - below })
  const sums = [0, 1, 2].map((k) => figures.reduce((n, f) => n + f.s[k], 0))
  return Object.fromEntries(figures.map((f) => {
    const total = f.s[0] + f.s[1] + f.s[2], tier = total >= 13 ? 'diamond' : total >= 10 ? 'gold' : total >= 7 ? 'silver' : 'bronze'
    return [f.name, `${f.s.join(' ')} ${f.s.map((s, k) => Number(s * figures.length > sums[k])).join('')} ${tier}`]
  }))
}

test('random populations score as the definition says, also when the process dies meanwhile', async (t) => {
  let seed = Number(process.env.SEED ?? 20260302)
  t.diagnostic(`SEED=${seed}`)
  const below = (n) => ((seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff), (seed >>> 8) % n)
  const other = await startServer()
  const main = { server, owner }
  try {
    server = other
    owner = await signIn(server)
    await set({ nightly_hour: null, history_days: 3650 })
    const population = []
    for (let i = 0; i < 60; i++) {
      const one = { name: `r${i}`, id: (await owner.customer.create({ name: `r${i}` })).id, orders: [] }
      for (let k = below(5); k; k--) one.orders.push({ at: Date.parse('2026-01-01T00:00:00Z') + below(50) * 864e5 + below(2) * 432e5, yuan: below(4) ? below(6) * 50 : below(1000) })
      for (const o of one.orders) await buy(one, new Date(o.at).toISOString(), o.yuan)
      population.push(one)
    }
    for (const day of [20, 35, 60]) {
      const reference = Date.parse('2026-01-01T00:00:00Z') + day * 864e5
      const view = await run(new Date(reference).toISOString())
      const expected = model(population, reference)
      assert.deepEqual(await scores(), expected, `day ${day}`)
      for (const c of view.classes) assert.equal(c.people, Object.values(expected).filter((s) => s.split(' ')[3] === c.key).length, c.key)
    }
    for (let i = 0; i < 3; i++) {
      const reference = Date.parse('2026-01-01T00:00:00Z') + (15 + 9 * i) * 864e5
      await owner.rfm.start({ reference_at: new Date(reference).toISOString() })
      await server.kill()
      // Years later, whatever the machine's clock says: the lease of whoever died has run out.
      server = await startServer({ data: server.data, db: server.db, clock: `${2090 + i}-01-01T00:00:00Z` })
      owner = await signIn(server)
      let now = Date.parse(`${2090 + i}-01-01T00:00:00Z`)
      await eventually(async () => {
        await setClock(server, new Date((now += 10e3)).toISOString()) // whoever was disturbed by the leap tries again
        return (await owner.rfm.get()).job === null
      }, 'the run')
      const view = await owner.rfm.get()
      assert.equal(view.run.reference_at, new Date(reference).toISOString().replace('.000', ''))
      assert.deepEqual(await scores(), model(population, reference))
      assert.equal(ask(server, "SELECT count(*) FROM rfm_run WHERE state NOT IN ('current', 'past')"), '0')
      assert.equal(ask(server, 'SELECT count(*) FROM rfm_score WHERE untold OR until_run < 9007199254740991'), '0')
    }
    await server.stop()
  } catch (e) {
    await server.kill()
    throw e
  } finally {
    ({ server, owner } = main)
  }
})
