import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { startServer, signIn, problem, all, eventually, setClock, tempFolder, local } from '../lib/server.mjs'
import { plant, hire } from '../lib/staff.mjs'

let server, owner, at, lin, zhou
before(async () => {
  server = await startServer()
  owner = local(server) // no session that ends in months to come
  at = await plant(owner, { region: ['region', 'root'], east: ['store', 'region'], west: ['store', 'region'], empty: ['store', 'region'] })
  await hire(server, owner, { login: 'east', department: at.east, roles: ['store'] })
  lin = await hire(server, owner, { login: 'lin', department: at.east, roles: ['staff'] })
  zhou = await hire(server, owner, { login: 'zhou', department: at.west, roles: ['staff'] })
})
after(() => server.stop())

// NOW is Monday 2026-03-02 10:00 in Shanghai; the tests below move on from there, never back.
const person = (name, more = {}) => owner.customer.create({ name, department_id: at.east, staff_id: lin.id, ...more })
let orders = 0
const buy = (c, when, yuan = 100) => owner.order.put({ source: 'pos', number: `c${++orders}`, customer_id: c.id, at: when, lines: [{ product_code: 'A', quantity_milli: 1000, price_micro: yuan * 1e6 }] })
const rule = (input) => owner.careRule.create({ name: input.kind, text: '{name} {days} {date}', ...input })
const tasks = async (r, c) => (await all(owner.customer.tasks, { id: c.id })).filter((t) => t.rule_id === r.id)
const made = (r, c, n = 1) => eventually(async () => { const t = await tasks(r, c); return t.length === n ? t : null }, `${n} of rule ${r.id} for ${c.name}`)
let beacon
const off = (r) => owner.careRule.change({ id: r.id, active: false })

test('no condition, said as null, is everybody: made, tried and changed', async () => {
  const r = await rule({ kind: 'birthday', days: 3, hour: 11, condition: null, active: false })
  assert.equal(r.condition, null)
  assert.equal((await owner.careRule.try({ kind: 'birthday', days: 3, hour: 11, condition: null })).now, 0)
  await owner.careRule.change({ id: r.id, condition: { attr: 'city', eq: '上海' } })
  assert.equal((await owner.careRule.change({ id: r.id, condition: null })).condition, null)
  await owner.careRule.remove({ id: r.id })
})

test('before a birthday: once a year, to the owner, at the hour, with the words filled in', async () => {
  const c = await person('生日客', { birthday: '1990-03-08' }), later = await person('晚生日', { birthday: '1990-06-01' })
  const leap = await person('闰日客', { birthday: '1992-02-29' }), stranger = await person('别处的', { birthday: '1990-03-08', city: '上海' })
  const r = await rule({ kind: 'birthday', days: 3, hour: 11, condition: { not: { attr: 'city', eq: '上海' } }, text: '{name}：{days} 天后（{date}）生日；{staff} 在 {store}' })
  assert.deepEqual(await owner.careRule.try({ id: r.id, kind: 'birthday', days: 3, hour: 11, condition: r.condition }), { now: 0, in_7_days: 1, in_30_days: 1 })
  await setClock(server, '2026-03-05T02:59:59Z')
  assert.deepEqual(await tasks(r, c), [])
  await setClock(server, '2026-03-05T03:00:00Z')
  const [task] = await made(r, c)
  assert.deepEqual([task.kind, task.what, task.staff_id, task.due_at, task.state, task.by_name, task.rule_name],
    ['care', '生日客：3 天后（2026-03-08）生日；lin 在 east', lin.id, '2026-03-05T03:00:00Z', 'open', 'birthday', 'birthday'])
  assert.deepEqual(await tasks(r, later), [])
  assert.deepEqual(await tasks(r, stranger), [])
  const late = await person('刚来的', { birthday: '1988-03-07' }) // within the days that were looked at already
  assert.equal((await made(r, late))[0].due_at, '2026-03-05T03:00:00Z')
  await owner.customer.change({ id: later.id, birthday: '1990-03-06' })
  await made(r, later)
  await owner.customer.change({ id: later.id, birthday: '1990-03-07' }) // the same year's birthday: the same occasion
  await owner.careRule.change({ id: r.id, days: 5 })
  await setClock(server, '2026-03-09T03:00:00Z')
  for (const who of [c, late, later]) assert.equal((await tasks(r, who)).length, 1, who.name)
  await setClock(server, '2027-02-23T03:00:00Z') // 2027 has no 29 February: five days before the 28th
  assert.match((await made(r, leap))[0].what, /2027-02-28/)
  assert.equal((await owner.careRule.get({ id: r.id })).made, 4)
  await setClock(server, '2027-03-05T03:00:00Z')
  await made(r, c, 2)
  assert.equal((await owner.careRule.get({ id: r.id })).open, 7)
  await owner.careRule.remove({ id: r.id })
  await eventually(async () => (await tasks(r, c)).every((t) => t.state === 'dismissed'), 'dismissed')
  assert.equal((await problem(owner.careRule.get({ id: r.id }))).status, 404)
})

test('after an order: each or the first, from when it came; not for what is long over', async () => {
  const first = await rule({ kind: 'after_order', days: 7, hour: 9, orders: 'first' }), each = await rule({ kind: 'after_order', days: 2, hour: 9, condition: { order: 'amount', gte: 10000 } })
  const c = await person('买家'), old = await person('老单'), small = await person('小单')
  await buy(old, '2026-01-01T02:00:00Z')
  await buy(c, '2027-03-05T04:00:00Z')
  await buy(small, '2027-03-05T04:00:00Z', 5)
  await buy(c, '2027-03-06T04:00:00Z')
  assert.deepEqual(await owner.careRule.try({ kind: 'after_order', days: 2, hour: 9 }), { now: 0, in_7_days: 3, in_30_days: 3 })
  assert.deepEqual(await owner.careRule.try({ kind: 'after_order', days: 7, hour: 9, orders: 'first' }), { now: 0, in_7_days: 2, in_30_days: 2 })
  await setClock(server, '2027-03-07T01:00:00Z')
  assert.equal((await made(each, c))[0].what, '买家 2 2027-03-05')
  await setClock(server, '2027-03-12T01:00:00Z')
  assert.equal((await made(first, c))[0].what, '买家 7 2027-03-05')
  await made(first, small)
  await made(each, c, 2)
  assert.deepEqual([await tasks(each, small), await tasks(first, old), await tasks(each, old)], [[], [], []])
  await off(first)
  await off(each)
  await buy(small, '2027-03-12T01:30:00Z')
  await setClock(server, '2027-03-20T01:00:00Z')
  assert.equal((await tasks(first, c))[0].state, 'open') // off keeps what is there
  assert.deepEqual(await tasks(each, small), [])
})

test('a visit every so often: counted from the last order or the last talk, one open at a time', async () => {
  const c = await person('贵客'), plain = await person('常客')
  await buy(c, '2027-03-20T02:00:00Z', 5000)
  await buy(plain, '2027-03-20T02:00:00Z', 10)
  const r = await rule({ kind: 'rhythm', days: 10, hour: 9, condition: { order: 'amount', gte: 400000 } })
  await setClock(server, '2027-03-30T01:00:00Z')
  const [one] = await made(r, c)
  await setClock(server, '2027-04-20T01:00:00Z') // nobody did it: no second one
  await owner.customer.change({ id: c.id, remark: '又看一眼' })
  lin = Object.assign(await signIn(server, 'lin'), { id: lin.id })
  await lin.task.complete({ id: one.id, note: '聊过了' })
  await setClock(server, '2027-04-29T01:00:00Z')
  await owner.customer.change({ id: c.id, remark: '再看一眼' })
  assert.equal((await tasks(r, c)).length, 1)
  await setClock(server, '2027-04-30T01:00:00Z')
  await made(r, c, 2)
  assert.deepEqual(await tasks(r, plain), [])
  await buy(plain, '2027-04-30T02:00:00Z', 5000) // becomes one of them
  await setClock(server, '2027-05-10T01:00:00Z')
  await made(r, plain)
  await off(r)
})

test('no order for long: withdrawn when one comes; who was so before only if asked for', async () => {
  await setClock(server, '2027-06-01T01:00:00Z')
  const c = await person('沉睡'), gone = await person('早沉睡')
  await buy(gone, '2027-01-01T02:00:00Z')
  await buy(c, '2027-05-25T02:00:00Z')
  const forecast = (overdue) => owner.careRule.try({ kind: 'dormant', days: 30, hour: 9, overdue, condition: { attr: 'name', in: ['沉睡', '早沉睡'] } })
  assert.deepEqual(await forecast(false), { now: 0, in_7_days: 0, in_30_days: 1 })
  assert.deepEqual(await forecast(true), { now: 1, in_7_days: 1, in_30_days: 2 })
  const r = await rule({ kind: 'dormant', days: 30, hour: 9 }), everybody = await rule({ kind: 'dormant', days: 30, hour: 9, overdue: true })
  const [due] = await made(everybody, gone)
  assert.equal(due.due_at, '2027-06-01T01:00:00Z')
  await setClock(server, '2027-06-24T01:00:00Z')
  await made(r, c)
  assert.deepEqual(await tasks(r, gone), [])
  await buy(c, '2027-06-24T02:00:00Z')
  await eventually(async () => (await tasks(r, c))[0].state === 'dismissed', 'withdrawn')
  assert.equal((await tasks(r, c))[0].note, '客户已再次下单')
  await setClock(server, '2027-07-24T01:00:00Z')
  await made(r, c, 2)
  await off(r)
  await off(everybody)
})

test('for whom: the owner, else the manager of the rule’s department, else the store', async () => {
  const day = '1990-07-25'
  const kept = await person('有主', { birthday: day }), lone = await person('无店', { birthday: day, department_id: null, staff_id: null })
  const shop = await person('店里的', { birthday: day, department_id: at.west, staff_id: null }), deserted = await person('空店的', { birthday: day, department_id: at.empty, staff_id: null })
  const to = async (input) => {
    const r = await rule({ kind: 'birthday', days: 1, hour: 9, condition: { attr: 'birthday', next: '3d' }, ...input })
    const got = {}
    for (const c of [kept, lone, shop, deserted]) got[c.name] = (await made(r, c))[0].staff_name
    await owner.careRule.remove({ id: r.id })
    return got
  }
  assert.deepEqual(await to({}), { 有主: 'lin', 无店: null, 店里的: 'zhou', 空店的: null })
  assert.deepEqual(await to({ fallback_department_id: at.east }), { 有主: 'lin', 无店: 'east', 店里的: 'east', 空店的: 'east' })
  assert.deepEqual(await to({ fallback_department_id: at.empty }), { 有主: 'lin', 无店: null, 店里的: 'zhou', 空店的: null })
  assert.deepEqual(await to({ gives_to: 'store', fallback_department_id: at.east }), { 有主: null, 无店: 'east', 店里的: null, 空店的: null })
  assert.deepEqual(await to({ gives_to: 'turn', fallback_department_id: at.east }).then((t) => [t['店里的'], t['空店的']]), ['zhou', 'east'])
  const p = await problem(rule({ kind: 'birthday', days: 1, fallback_department_id: 99999 }))
  assert.deepEqual([p.status, p.field], [404, 'fallback_department_id'])
})

test('joined, two become one task; parted, both are back; erased, nothing more comes', async () => {
  beacon = await rule({ kind: 'birthday', days: 90, hour: 0, name: '合并' })
  const birthday = '1990-09-01'
  const a = await person('甲', { birthday }), b = await person('乙', { birthday, department_id: at.west, staff_id: zhou.id })
  const [ta] = await made(beacon, a), [tb] = await made(beacon, b)
  const merge = await owner.customer.merge({ id: a.id, other_id: b.id })
  assert.deepEqual([(await owner.task.get({ id: ta.id })).state, (await owner.task.get({ id: tb.id })).state], ['open', 'dismissed'])
  await owner.merge.undo({ id: merge.id })
  assert.deepEqual([(await owner.task.get({ id: tb.id })).state, (await owner.task.get({ id: tb.id })).customer_id], ['open', b.id])
  const r = await rule({ kind: 'after_order', days: 5, hour: 9 })
  await buy(a, '2027-07-24T02:00:00Z')
  await buy(b, '2027-07-24T02:00:00Z')
  const again = await owner.customer.merge({ id: a.id, other_id: b.id }) // whose orders they are when the time comes
  const gone = await person('要忘记的')
  await buy(gone, '2027-07-24T02:00:00Z')
  await setClock(server, '2027-07-25T01:00:00Z')
  await owner.customer.erase({ id: gone.id })
  await setClock(server, '2027-07-29T01:00:00Z')
  await made(r, a, 2)
  await owner.merge.undo({ id: again.id })
  assert.deepEqual([(await tasks(r, a)).length, (await tasks(r, b)).length], [1, 1])
  assert.equal((await all(owner.task.list, { rule_id: r.id })).length, 2)
  await off(r)
  await off(beacon)
})

test('once a person and occasion, also when the house stops and starts in between', async () => {
  await setClock(server, '2027-08-01T00:00:00Z')
  const people = []
  for (let i = 0; i < 30; i++) people.push(await person(`批${i}`, { birthday: '1990-08-03' }))
  const r = await rule({ kind: 'birthday', days: 1, hour: 9 }), o = await rule({ kind: 'after_order', days: 1, hour: 9 })
  for (const p of people) await buy(p, '2027-08-01T00:00:00Z')
  await setClock(server, '2027-08-02T00:59:00Z')
  await server.kill()
  const due = [...server.args, '--test-clock', '2027-08-02T01:00:00Z']
  server = await startServer({ data: server.data, db: server.db, args: due, clock: null })
  owner = local(server)
  const both = []
  if (server.db.length) { // PostgreSQL: another node beside it
    const data = tempFolder()
    for (const f of fs.readdirSync(server.data)) if (fs.statSync(path.join(server.data, f)).isFile()) fs.copyFileSync(path.join(server.data, f), path.join(data, f))
    both.push(await startServer({ data, db: server.db, args: due, clock: null }))
  }
  // what the killed node was doing belongs to it until its lease is over
  if (server.db.length) for (const node of [server, ...both]) await setClock(node, '2027-08-02T01:02:01Z')
  await eventually(async () => (await all(owner.task.list, { rule_id: r.id })).length === 30 && (await all(owner.task.list, { rule_id: o.id })).length === 30, 'all of them')
  for (const node of both) await node.stop()
  await setClock(server, '2027-08-04T01:00:00Z')
  await owner.careRule.change({ id: r.id, days: 2 })
  await owner.careRule.change({ id: r.id, active: false })
  await owner.careRule.change({ id: r.id, active: true })
  const last = await person('最后', { birthday: '1990-08-05' })
  await made(r, last)
  for (const kind of [r, o]) {
    const list = await all(owner.task.list, { rule_id: kind.id })
    assert.equal(new Set(list.map((t) => t.customer_id)).size, list.length)
    assert.equal(list.length, kind === r ? 31 : 30)
  }
})

test('examples install in one step; rules are checked, changed with care, and belong to who may', async () => {
  const presets = (await owner.carePreset.list()).items
  assert.deepEqual(presets.map((p) => [p.key, p.rule_id]), ['birthday', 'first-order', 'repurchase', 'vip-visit', 'dormant'].map((k) => [k, null]))
  const ids = []
  assert.deepEqual(presets.map((p) => p.orders), ['each', 'first', 'each', 'each', 'each'])
  for (const p of presets) {
    const r = await owner.careRule.get({ id: (await owner.carePreset.install({ key: p.key })).id })
    ids.push(r.id)
    for (const field of ['kind', 'days', 'orders', 'condition', 'text']) assert.deepEqual(r[field], p[field], `${p.key}: what was offered is what is installed`)
  }
  assert.equal((await owner.carePreset.install({ key: 'birthday' })).id, ids[0])
  assert.deepEqual((await owner.carePreset.list()).items.map((p) => p.rule_id), ids)
  assert.equal((await problem(owner.carePreset.install({ key: 'nothing' }))).status, 404)
  await owner.careRule.remove({ id: ids[0] })
  assert.equal((await owner.carePreset.list()).items[0].rule_id, null)
  const good = { name: 'x', kind: 'birthday', days: 3, text: 'x' }
  for (const [change, code, field] of [
    [{ name: '' }, 'required', 'name'], [{ kind: 'whim' }, 'bad_choice', 'kind'], [{ days: 91 }, 'out_of_range', 'days'], [{ days: -1 }, 'out_of_range', 'days'],
    [{ kind: 'rhythm', days: 0 }, 'out_of_range', 'days'], [{ hour: 24 }, 'out_of_range', 'hour'], [{ text: '{who}' }, 'bad_choice', 'text'], [{ text: '{' }, 'bad_choice', 'text'],
    [{ text: 'x'.repeat(501) }, 'too_long', 'text'], [{ condition: { attr: 'height', eq: 1 } }, 'unknown_field', null], [{ gives_to: 'moon' }, 'bad_choice', 'gives_to'], [{ since_at: '2026-01-01T00:00:00Z' }, 'unknown_field', 'since_at'],
  ]) {
    const p = await problem(owner.careRule.create({ ...good, ...change }))
    assert.deepEqual([p.status, p.code, field && p.field], [422, code, field], JSON.stringify(change).slice(0, 60))
  }
  const r = await owner.careRule.create({ ...good, condition: {} })
  assert.equal(r.condition, null)
  const changed = await owner.careRule.change({ id: r.id, name: '新名' }, { version: r.version })
  assert.equal((await problem(owner.careRule.change({ id: r.id, name: '旧' }, { version: r.version }))).status, 412)
  assert.equal(changed.name, '新名')
  const group = await owner.tagGroup.create({ name: '关怀' }), tag = await owner.tag.create({ group_id: group.id, name: '要关怀', key: 'care' })
  await owner.careRule.change({ id: r.id, condition: { tag: 'care', is: true } })
  assert.equal((await problem(owner.tag.delete({ id: tag.id }))).code, 'in_use')
  await owner.careRule.remove({ id: r.id })
  await owner.tag.delete({ id: tag.id })
  assert.equal((await problem(owner.careRule.remove({ id: r.id }))).status, 404)
  assert.equal((await problem(owner.careRule.try({ kind: 'rhythm', days: 0 }))).field, 'days')
  lin = await signIn(server, 'lin')
  assert.ok((await lin.careRule.list()).items.length > 3)
  assert.equal((await lin.careRule.get({ id: ids[1] })).id, ids[1])
  for (const call of [() => lin.careRule.create(good), () => lin.careRule.change({ id: ids[1], name: 'x' }), () => lin.careRule.remove({ id: ids[1] }), () => lin.careRule.try({ kind: 'birthday', days: 1 }), () => lin.carePreset.install({ key: 'birthday' })])
    assert.deepEqual(await problem(call()).then((p) => [p.status, p.code]), [403, 'forbidden'])
})
