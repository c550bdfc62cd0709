import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { startServer, signIn, problem, all, ask, eventually, setClock } from '../lib/server.mjs'
import { hire, plant } from '../lib/staff.mjs'

let server, owner
before(async () => {
  server = await startServer()
  owner = await signIn(server)
})
after(() => server.stop())

let n = 0
const buy = (customer_id, at, yuan) => owner.order.put({ source: 'pos', number: `o${++n}`, customer_id, at, lines: [{ product_code: 'A', quantity_milli: 1000, price_micro: Math.round(yuan * 1e6) }] })
const tags = async (id) => (await owner.customer.tags({ id })).items.map((t) => t.key ?? t.name).sort()
const has = (id, tag) => eventually(async () => (await tags(id)).includes(tag), `${tag} on ${id}`)
const lacks = (id, tag) => eventually(async () => !(await tags(id)).includes(tag), `${tag} off ${id}`)
const stageKey = async (id) => {
  const c = await owner.customer.get({ id })
  return (await owner.stage.list()).items.find((s) => s.id === c.stage_id)?.key ?? null
}
const ruleTag = async (name, condition, more = {}) => {
  const group = await owner.tagGroup.create({ name: `组 ${name}`, ...more })
  const tag = await owner.tag.create({ group_id: group.id, name, key: name })
  await owner.tagRule.put({ id: tag.id, condition, active: true })
  return tag
}

test('the playbooks’ tags install in one step, and follow spending up and down', async () => {
  const presets = (await owner.tagPreset.list()).items
  assert.deepEqual(presets.map((p) => p.key), ['channel', 'age', 'need', 'product', 'spend', 'importance', 'rfm-class', 'frequency', 'fan-source'])
  for (const p of presets) await owner.tagPreset.install({ key: p.key })
  await owner.tagPreset.install({ key: 'spend' })
  assert.ok((await owner.tagPreset.list()).items.every((p) => p.installed))
  const c = await owner.customer.create({ name: '消费', birthday: '2000-03-10', channel: 'store' })
  await has(c.id, 'channel:store')
  await has(c.id, 'age:18-25')
  await buy(c.id, '2026-03-01T04:00:00Z', 150)
  await has(c.id, 'spend:under-200')
  await buy(c.id, '2026-03-01T05:00:00Z', 50)
  await has(c.id, 'spend:200-400')
  await lacks(c.id, 'spend:under-200')
  await buy(c.id, '2026-03-01T06:00:00Z', 700)
  await has(c.id, 'spend:400-900')
  await buy(c.id, '2026-03-01T07:00:00Z', 0.01)
  await has(c.id, 'spend:over-900')
  await lacks(c.id, 'spend:400-900')
  const tag = (await all(owner.tag.list)).find((t) => t.key === 'spend:under-200')
  const hits = (await owner.tagRule.hits({ id: tag.id })).items.filter((h) => h.customer_id === c.id)
  assert.deepEqual(hits.map((h) => h.added), [false, true])
  assert.deepEqual(hits[1].reason.map((r) => [r.value, r.holds]), [[1, true], [15000, true]])
})

test('the passing of time is noticed at its moment', async () => {
  await setClock(server, '2026-04-01T00:00:00Z')
  owner = await signIn(server)
  const tag = await ruleTag('recent', { order: 'last', within: '30d' })
  const c = await owner.customer.create({ name: '时间' })
  await buy(c.id, '2026-04-01T00:00:00Z', 10)
  await has(c.id, 'recent')
  await setClock(server, '2026-04-30T23:59:59Z')
  owner = await signIn(server)
  await buy((await owner.customer.create({})).id, '2026-04-01T01:00:00Z', 10) // something happens, to somebody else
  assert.ok((await tags(c.id)).includes('recent'))
  await setClock(server, '2026-05-01T00:00:00Z')
  owner = await signIn(server)
  await lacks(c.id, 'recent')
  const [hit] = (await owner.tagRule.hits({ id: tag.id })).items.filter((h) => h.customer_id === c.id)
  assert.equal(hit.added, false)
})

test('a tag taken by hand is respected, one given by hand is not taken', async () => {
  const tag = await ruleTag('manual-respect', { attr: 'city', eq: '上海' })
  const c = await owner.customer.create({ city: '上海' })
  await has(c.id, 'manual-respect')
  await owner.customer.assignTags({ id: c.id, remove: [tag.id] })
  await owner.customer.change({ id: c.id, city: '杭州' })
  await owner.customer.change({ id: c.id, city: '上海' })
  await owner.customer.change({ id: c.id, name: '看一眼' })
  const marker = await ruleTag('marker', { attr: 'name', eq: '看一眼' })
  await has(c.id, 'marker')
  assert.ok(!(await tags(c.id)).includes('manual-respect'))
  await owner.customer.assignTags({ id: c.id, add: [tag.id] })
  await owner.customer.change({ id: c.id, city: '杭州', name: '再看一眼' })
  await lacks(c.id, 'marker')
  assert.ok((await tags(c.id)).includes('manual-respect'))
  void marker
})

test('stages move people forward and back', async () => {
  await setClock(server, '2026-06-01T00:00:00Z')
  owner = await signIn(server)
  const c = await owner.customer.create({})
  const at = (key) => eventually(async () => (await stageKey(c.id)) === key, `stage ${key}`)
  await at('fan')
  await buy(c.id, '2026-06-01T00:00:00Z', 100)
  await at('new')
  await buy(c.id, '2026-06-01T00:10:00Z', 100)
  await at('member')
  await setClock(server, '2026-11-28T00:10:00Z')
  owner = await signIn(server)
  await at('lost')
  await buy(c.id, '2026-11-28T00:05:00Z', 100)
  await at('member')
  const facts = (await all(owner.customer.timeline, { id: c.id, types: ['stage.changed'] }))
  assert.equal(facts.length, 5)
  const custom = await owner.stage.create({ key: 'vip', name: 'VIP', name_en: 'VIP', sort: 100, condition: { order: 'amount', gte: 30000 } })
  await at('vip')
  assert.equal((await problem(owner.stage.remove({ id: custom.id }))).code, 'in_use')
  await owner.stage.change({ id: custom.id, condition: null })
  await at('member')
  const empty = await owner.stage.create({ key: 'none', name: '无人', name_en: 'Nobody', sort: 1, condition: null })
  await owner.stage.remove({ id: empty.id })
})

test('trying a rule says who would get and lose the tag; saving it looks at everybody', async () => {
  const made = await Promise.all(['甲', '乙', '丙'].map((name) => owner.customer.create({ name, city: '试城' })))
  const trial = await owner.tagRule.try({ condition: { attr: 'city', eq: '试城' } })
  assert.deepEqual([trial.matching, trial.would_get, trial.sample.length], [3, null, 3])
  const tag = await ruleTag('trial', { attr: 'city', eq: '试城' })
  for (const c of made) await has(c.id, 'trial')
  await owner.customer.assignTags({ id: made[0].id, remove: [tag.id] })
  const narrower = await owner.tagRule.try({ tag_id: tag.id, condition: { all: [{ attr: 'city', eq: '试城' }, { attr: 'name', ne: '乙' }] } })
  assert.deepEqual([narrower.matching, narrower.would_get, narrower.would_lose], [2, 0, 1])
  await owner.tagRule.put({ id: tag.id, condition: { attr: 'name', eq: '丙' }, active: true })
  await lacks(made[1].id, 'trial')
  assert.equal((await owner.tagRule.get({ id: tag.id })).active, true)
  assert.ok((await all(owner.tagRule.list)).length > 10)
})

test('a rule may not hang on its own tag; a tag named by a rule cannot be removed', async () => {
  const a = await ruleTag('circle-a', { attr: 'city', eq: 'x' })
  const b = await ruleTag('circle-b', { tag: 'circle-a', is: true })
  for (const [id, condition] of [[a.id, { tag: 'circle-a', is: false }], [a.id, { not: { tag: 'circle-b', is: true } }]])
    assert.deepEqual(await problem(owner.tagRule.put({ id, condition, active: true })).then((p) => [p.code, p.field]), ['invalid', 'condition'])
  assert.equal((await problem(owner.tag.delete({ id: a.id }))).code, 'in_use')
  await owner.tag.delete({ id: b.id })
  await owner.tag.delete({ id: a.id })
})

test('conditions that make no sense are refused at their place', async () => {
  const cases = [
    [{ all: [{ attr: 'city', eq: 'a' }, { attr: 'shoe', eq: 1 }] }, 'condition.all[1]'],
    [{ attr: 'city', eq: 5 }, 'condition'],
    [{ attr: 'age', gte: 'old' }, 'condition'],
    [{ order: 'count', gte: 1.5 }, 'condition'],
    [{ order: 'count' }, 'condition'],
    [{ order: 'last', within: 'soon' }, 'condition'],
    [{ order: 'count', gte: 1, since: 'soon' }, 'condition'],
    [{ order: 'count', gte: 1, until: 5 }, 'condition'],
    [{ order: 'count', gte: 1, since: '2026-03-01', within: '30d' }, 'condition'],
    [{ order: 'last', exists: true, since: '2026-03-01' }, 'condition'],
    [{ tag: 'no-such', is: true }, 'condition'],
    [{ any: {} }, 'condition'],
    [{ all: [], not: {} }, 'condition'],
    [{ weather: 'fine' }, 'condition'],
    [JSON.parse('{"not":'.repeat(9) + '{"attr":"city","eq":"x"}' + '}'.repeat(9)), 'condition' + '.not'.repeat(8)],
    [{ any: Array.from({ length: 101 }, () => ({ attr: 'city', eq: 'x' })) }, 'condition.any[100]'],
  ]
  for (const [condition, field] of cases) {
    const p = await problem(owner.tagRule.try({ condition }))
    assert.deepEqual([p.status, p.field], [422, field], JSON.stringify(condition).slice(0, 80))
  }
})

const own = async (id) => (await tags(id)).filter((key) => !key.includes(':')) // without those of the presets
const byTag = (tag) => ask(server, `SELECT customer_id FROM customer_tag WHERE tag_id = ${tag.id} ORDER BY customer_id`).split(/\s/).map(Number)
const gone = (tag) => eventually(() => ask(server, `SELECT count(*) FROM tag_rule WHERE tag_id = ${tag.id}`) === '0', 'the rule is gone')
const source = async (id, tag) => (await owner.customer.tags({ id })).items.filter((t) => t.id === tag.id).map((t) => [t.source, t.by_name])[0]

test('a rule is removed and its tags stay, as if given by hand', async () => {
  const tag = await ruleTag('keeps', { attr: 'city', eq: '留下市' })
  const other = await ruleTag('follows', { tag: tag.key, is: true })
  const people = []
  for (let i = 0; i < 210; i++) people.push((await owner.customer.create({ name: `留${i}`, city: '留下市' })).id) // more than one step of the job
  await has(people.at(-1), 'follows')
  assert.equal((await owner.tagRule.get({ id: tag.id })).given, 210)
  assert.equal((await source(people[0], tag))[0], 'rule')
  assert.deepEqual(await owner.tagRule.remove({ id: tag.id, given: 'keep' }), { people: 210 })
  assert.deepEqual(await problem(owner.tagRule.get({ id: tag.id })).then((p) => p.status), 404)
  assert.equal((await all(owner.tagRule.list)).some((r) => r.tag_id === tag.id), false)
  await gone(tag)
  assert.equal((await problem(owner.tagRule.hits({ id: tag.id }))).status, 404)
  assert.equal(ask(server, 'SELECT count(*) FROM tag_rule_hit WHERE rule_id NOT IN (SELECT id FROM tag_rule)'), '0')
  assert.deepEqual(byTag(tag), people)
  for (const id of [people[0], people[199], people[200], people[209]]) assert.deepEqual(await source(id, tag), ['manual', '所有者'])
  assert.equal((await all(owner.tag.list)).find((x) => x.id === tag.id).ruled, false)
  await owner.customer.change({ id: people[0], city: '别处' })
  await owner.tagRule.put({ id: tag.id, condition: { attr: 'city', eq: '新市' }, active: true })
  const fresh = await owner.customer.create({ name: '新', city: '新市' })
  await has(fresh.id, 'keeps')
  assert.deepEqual(await source(people[0], tag), ['manual', '所有者'], 'a new rule does not take what a hand has given')
  const [row] = await all(owner.audit.list, { action: 'tag_rule.remove' })
  const full = await owner.audit.get({ id: row.id })
  assert.deepEqual([full.entity, full.before.tag_name, full.before.condition, full.after.given], ['tag_rule', 'keeps', { attr: 'city', eq: '留下市' }, 'keep'])
  await owner.tagRule.remove({ id: other.id, given: 'keep' })
  await gone(other)
})

test('a rule is removed with its tags; what a hand gave stays, and rules that name the tag follow', async () => {
  const tag = await ruleTag('takes', { attr: 'city', eq: '拿走市' })
  const other = await ruleTag('with', { tag: tag.key, is: true })
  const people = []
  for (let i = 0; i < 3; i++) people.push((await owner.customer.create({ name: `走${i}`, city: '拿走市' })).id)
  const hand = await owner.customer.create({ name: '手', city: '手市' })
  await owner.customer.assignTags({ id: hand.id, add: [tag.id] })
  for (const id of [...people, hand.id]) await has(id, 'with')
  assert.deepEqual(await owner.tagRule.remove({ id: tag.id, given: 'take' }), { people: 3 })
  await gone(tag)
  assert.deepEqual(byTag(tag), [hand.id])
  for (const id of people) await lacks(id, 'with')
  assert.deepEqual(await own(hand.id), ['takes', 'with'].sort())
  const back = await owner.customer.create({ name: '晚来', city: '拿走市' })
  const late = await owner.customer.create({ name: '再来', city: '手市' })
  await owner.customer.assignTags({ id: late.id, add: [tag.id] })
  await has(late.id, 'with') // facts before have been looked at
  assert.deepEqual(await own(back.id), [], 'it gives nothing any more')
  await owner.tagRule.remove({ id: other.id, given: 'take' })
  await gone(other)
})

test('removing a rule: what is refused', async () => {
  const tag = await ruleTag('refused', { attr: 'city', eq: '拒绝市' })
  for (const [given, code] of [[undefined, 'required'], ['lose', 'bad_choice']])
    assert.deepEqual(await problem(owner.tagRule.remove({ id: tag.id, given })).then((p) => [p.status, p.code, p.field]), [422, code, 'given'])
  const { root } = await plant(owner, {})
  const analyst = await hire(server, owner, { login: 'reader', department: root, roles: ['analyst'] })
  assert.equal((await problem(analyst.tagRule.remove({ id: tag.id, given: 'keep' }))).status, 403)
  const { version } = await owner.tagRule.get({ id: tag.id })
  await owner.tagRule.put({ id: tag.id, condition: { attr: 'city', eq: '另一市' }, active: false })
  assert.equal((await problem(owner.tagRule.remove({ id: tag.id, given: 'keep' }, { version }))).code, 'version_changed')
  ask(server, `UPDATE tag_rule SET ending = 'keep' WHERE tag_id = ${tag.id}`) // as while the job is at it
  const p = await problem(owner.tagRule.put({ id: tag.id, condition: { attr: 'city', eq: 'x' }, active: true }))
  assert.deepEqual([p.status, p.code], [409, 'wrong_state'])
  assert.equal((await problem(owner.tagRule.remove({ id: tag.id, given: 'keep' }))).status, 404)
  ask(server, `UPDATE tag_rule SET ending = NULL WHERE tag_id = ${tag.id}`)
  await owner.tagRule.remove({ id: tag.id, given: 'take' })
  await gone(tag)
  assert.equal((await problem(owner.tagRule.remove({ id: tag.id, given: 'take' }))).status, 404)
})

test('a tag that is deleted while its rule is being removed goes with all that is its own', async () => {
  const tag = await ruleTag('all-gone', { attr: 'city', eq: '都走市' })
  const c = await owner.customer.create({ name: '都', city: '都走市' })
  await has(c.id, 'all-gone')
  const removed = owner.tagRule.remove({ id: tag.id, given: 'keep' }).catch((e) => assert.equal(e.status, 404, 'the tag went first'))
  await Promise.all([removed, owner.tag.delete({ id: tag.id })])
  await gone(tag)
  await eventually(() => ask(server, `SELECT count(*) FROM tag WHERE id = ${tag.id}`) === '0')
  assert.deepEqual(await own(c.id), [])
  await eventually(async () => (await all(owner.job.list)).every((j) => j.kind !== 'rule_remove' || j.state === 'done'), 'the removal ends too, with nothing left to do')
})
