import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { startServer, signIn, anonymous, problem, all, eventually, setClock, root } from '../lib/server.mjs'
import { plant, hire } from '../lib/staff.mjs'

let server, owner, manager, at, documents = 0
const people = {}
async function later(now) {
  await setClock(server, now)
  owner = await signIn(server)
}
const put = (kind, who, when, yuan, more = {}) =>
  owner.order.put({ kind, source: 'pos', number: `${kind}-${++documents}`, at: when, lines: [{ product_code: 'A', product_name: '莲子', quantity_milli: 1000, price_micro: yuan * 1e6 }], ...(who ? { customer_id: people[who].id } : {}), ...more })
const known = async (name, department_id) => (people[name] = await owner.customer.create({ name, ...(department_id ? { department_id } : {}) }))

// What happened, told in the order it happened; the clock of the shop is that of Shanghai, eight hours ahead.
before(async () => {
  server = await startServer({ clock: '2026-02-22T23:00:00Z' })
  owner = await signIn(server)
  at = await plant(owner, { east: ['store', 'root'], west: ['store', 'root'] })
  await later('2026-02-23T01:00:00Z') // Monday, 09:00
  await known('A', at.east)
  await put('order', 'A', '2026-02-23T01:00:00Z', 100, { department_id: at.east })
  await later('2026-03-01T01:30:00Z') // Sunday, 09:30
  await known('B', at.west)
  await put('order', 'B', '2026-03-01T01:30:00Z', 50, { department_id: at.west })
  await put('order', null, '2026-03-01T01:40:00Z', 30, { department_id: at.west })
  await put('order', 'A', '2026-03-01T15:00:00Z', 20, { department_id: at.east }) // 23:00: not by this time of day
  await later('2026-03-02T00:00:00Z') // Monday, 08:00
  await known('C', at.east)
  await later('2026-03-02T01:00:00Z')
  await known('D')
  await put('order', 'C', '2026-03-02T00:10:00Z', 10, { department_id: at.east })
  await put('order', 'C', '2026-03-02T02:00:00Z', 15, { department_id: at.east }) // this very moment
  await put('order', 'B', '2026-03-02T01:10:00Z', 40, { department_id: at.west, lines: [
    { product_code: 'A', quantity_milli: 500, price_micro: 20e6 }, { product_code: 'B', product_name: '藕粉', quantity_milli: 1000, price_micro: 30e6 },
  ] })
  await put('order', null, '2026-03-01T16:00:00Z', 35, { department_id: at.east }) // midnight
  await put('order', 'D', '2026-03-02T02:00:00.001Z', 999) // a clock of some till is ahead
  await put('refund', 'B', '2026-03-02T01:20:00Z', 5, { department_id: at.west })
  await later('2026-03-02T02:00:00Z')
  manager = await hire(server, owner, { login: 'west', department: at.west, roles: ['store'] })
})
after(() => server.stop())

const figures = (view, which = 'value') => Object.fromEntries(view.figures.map((f) => [f.key, f[which]]))

test('a morning beside the morning before and that of the same weekday', async () => {
  const view = await owner.dashboard.get()
  assert.deepEqual([view.period, view.span, view.previous, view.week_ago], ['day',
    { from_at: '2026-03-01T16:00:00Z', to_at: '2026-03-02T02:00:00.001Z' },
    { from_at: '2026-02-28T16:00:00Z', to_at: '2026-03-01T02:00:00.001Z' },
    { from_at: '2026-02-22T16:00:00Z', to_at: '2026-02-23T02:00:00.001Z' }])
  assert.deepEqual(figures(view), {
    customers: 4, new_customers: 2, lost_customers: 0, orders: 4, sales: 10000, refunds: 500, average_order: 2500, buyers: 2, new_buyers: 1, returning_buyers: 1,
    repurchase_rate: 1, non_member_share: 0.35,
  })
  assert.deepEqual(figures(view, 'previous'), {
    customers: 2, new_customers: 1, lost_customers: 0, orders: 2, sales: 8000, refunds: 0, average_order: 4000, buyers: 1, new_buyers: 1, returning_buyers: 0,
    repurchase_rate: 0, non_member_share: 0.375,
  })
  assert.deepEqual(figures(view, 'week_ago'), {
    customers: 1, new_customers: 1, lost_customers: 0, orders: 1, sales: 10000, refunds: 0, average_order: 10000, buyers: 1, new_buyers: 1, returning_buyers: 0,
    repurchase_rate: 0, non_member_share: 0,
  })
})

test('a day that is over, a week, a month, and a day on which nothing happened', async () => {
  const sunday = await owner.dashboard.get({ day: '2026-03-01' })
  assert.deepEqual([sunday.span.to_at, figures(sunday).orders, figures(sunday).sales, figures(sunday).repurchase_rate], ['2026-03-01T16:00:00Z', 3, 10000, 0.5])
  const week = await owner.dashboard.get({ period: 'week' })
  assert.deepEqual([week.span.from_at, week.week_ago, figures(week).orders], ['2026-03-01T16:00:00Z', null, 4])
  // Until the same weekday and time of the week before: one order of A.
  assert.deepEqual([week.previous.to_at, figures(week, 'previous').orders, figures(week, 'week_ago').orders], ['2026-02-23T02:00:00.001Z', 1, null])
  const month = await owner.dashboard.get({ period: 'month' })
  assert.deepEqual([month.span.from_at, month.previous.from_at, month.previous.to_at], ['2026-02-28T16:00:00Z', '2026-01-31T16:00:00Z', '2026-02-02T02:00:00.001Z'])
  assert.deepEqual([figures(month).orders, figures(month).buyers, figures(month).new_buyers, figures(month).returning_buyers], [7, 3, 2, 1])
  const february = await owner.dashboard.get({ period: 'month', day: '2026-02-28' })
  assert.deepEqual([figures(february).sales, figures(february).customers, february.previous.to_at], [10000, 1, '2026-01-31T16:00:00Z'])
  const quiet = figures(await owner.dashboard.get({ day: '2026-02-25' }))
  assert.deepEqual([quiet.customers, quiet.orders, quiet.sales, quiet.average_order, quiet.repurchase_rate, quiet.non_member_share], [1, 0, 0, null, null, null])
})

test('a number leads to exactly the people behind it', async () => {
  for (const input of [{}, { day: '2026-03-01' }, { day: '2026-02-25' }, { period: 'week' }, { period: 'week', day: '2026-02-28' }, { period: 'month' }, { period: 'month', day: '2026-02-01' }]) {
    const view = await owner.dashboard.get(input), values = figures(view)
    let conditions = 0
    for (const { key, value, condition } of view.figures) {
      if (!condition) continue
      conditions++
      const expected = key === 'repurchase_rate' ? Math.round((value ?? 0) * values.buyers) : value
      assert.equal((await owner.customer.count({ condition })).count, expected, `${key} of ${JSON.stringify(input)}`)
    }
    assert.equal(conditions, 7)
  }
})

test('windows of orders that stay, in the language of conditions', async () => {
  const count = async (more) => (await owner.customer.count({ condition: { order: 'count', ...more } })).count
  assert.equal(await count({ gte: 1, since: '2026-03-01', until: '2026-03-02' }), 2) // days of the business zone
  assert.equal(await count({ gte: 2, since: '2026-03-02' }), 1)
  assert.equal(await count({ gte: 1, until: '2026-03-01' }), 1)
  assert.equal(await count({ gte: 1, until: '1970-01-01T00:00:00Z' }), 0)
  assert.equal(await count({ gte: 1, since: '2026-03-02T02:00:00Z', until: '9999-12-31' }), 1) // what lies ahead has not happened
  assert.equal((await owner.customer.count({ condition: { order: 'refund_amount', eq: 500, since: '2026-03-02' } })).count, 1)
})

test('lost, and come back', async () => {
  const lost = (await owner.stage.list()).items.find((s) => s.key === 'lost')
  await owner.stage.change({ id: lost.id, condition: { attr: 'city', eq: '远方' } })
  await owner.customer.change({ id: people.B.id, city: '远方' })
  const shown = await eventually(async () => {
    const f = (await owner.dashboard.get()).figures.find((x) => x.key === 'lost_customers')
    return f.value === 1 && f
  }, 'lost')
  assert.deepEqual((await all(owner.customer.search, { condition: shown.condition })).map((c) => c.name), ['B'])
  assert.equal(figures(await manager.dashboard.get()).lost_customers, 1)
  assert.equal(figures(await owner.dashboard.get({ day: '2026-03-01' })).lost_customers, 0)
  await owner.customer.change({ id: people.B.id, city: '杭州' })
  await eventually(async () => figures(await owner.dashboard.get()).lost_customers === 0, 'back')
})

test('a store manager sees what was sold there and whose customers are theirs', async () => {
  const view = await manager.dashboard.get()
  assert.deepEqual(figures(view), {
    customers: 1, new_customers: 0, lost_customers: 0, orders: 1, sales: 4000, refunds: 500, average_order: 4000, buyers: 1, new_buyers: 0, returning_buyers: 1,
    repurchase_rate: 1, non_member_share: 0,
  })
  const before = figures(view, 'previous')
  assert.deepEqual([before.orders, before.sales, before.new_customers, before.non_member_share], [2, 8000, 1, 0.375])
  assert.deepEqual((await all(manager.customer.search, { condition: view.figures.find((f) => f.key === 'buyers').condition })).map((c) => c.name), ['B'])
  assert.deepEqual((await manager.dashboard.departments()).items.map((d) => [d.department_name, d.orders]), [['west', 1]])
  assert.deepEqual((await manager.dashboard.products()).items.map((p) => [p.product_code, p.sales_fen]), [['B', 3000], ['A', 1000]])
  assert.equal((await manager.dashboard.trend({ figure: 'sales', by: 'month' })).items.at(-1).value, 12000)
  const clerk = await hire(server, owner, { login: 'clerk', department: at.west, roles: ['staff'] })
  assert.equal((await problem(clerk.dashboard.get())).status, 403)
  assert.equal((await problem(anonymous(server).dashboard.get())).status, 401)
})

test('by department, and what sold most', async () => {
  assert.deepEqual((await owner.dashboard.departments()).items, [
    { department_id: at.east, department_name: 'east', orders: 3, sales_fen: 6000, buyers: 1, new_customers: 1 },
    { department_id: at.west, department_name: 'west', orders: 1, sales_fen: 4000, buyers: 1, new_customers: 0 },
    { department_id: null, department_name: null, orders: 0, sales_fen: 0, buyers: 0, new_customers: 1 },
  ])
  assert.equal((await owner.dashboard.departments({ limit: 1, period: 'month' })).items.length, 1)
  const products = (await owner.dashboard.products()).items
  assert.deepEqual(products.map((p) => [p.product_code, p.product_name, p.quantity_milli, p.sales_fen]), [['A', '莲子', 3500, 7000], ['B', '藕粉', 1000, 3000]])
  assert.equal((await owner.dashboard.products({ limit: 1 })).items.length, 1)
  assert.equal((await owner.dashboard.products({ day: '2026-02-25' })).items.length, 0)
})

test('the course of a figure by hours, days, weeks and months', async () => {
  const trend = async (input) => (await owner.dashboard.trend(input)).items
  const hours = await trend({ figure: 'sales', by: 'hour' })
  assert.deepEqual([hours.length, hours[0], hours[10], hours[11].value], [24,
    { from_at: '2026-03-01T16:00:00Z', to_at: '2026-03-01T17:00:00Z', value: 3500 },
    { from_at: '2026-03-02T02:00:00Z', to_at: '2026-03-02T03:00:00Z', value: 1500 }, null])
  assert.deepEqual(hours.slice(8, 11).map((p) => p.value), [1000, 4000, 1500])
  const days = await trend({ figure: 'orders' })
  assert.deepEqual([days.length, days.at(-1).value, days.at(-2).value, days.at(-8).value, days[0].from_at], [30, 4, 3, 1, '2026-01-31T16:00:00Z'])
  const weeks = await trend({ figure: 'buyers', by: 'week' })
  assert.deepEqual([weeks.length, weeks.slice(-3).map((p) => p.value)], [12, [0, 2, 2]])
  const months = await trend({ figure: 'average_order', by: 'month' })
  assert.deepEqual([months.length, months.slice(-3).map((p) => p.value)], [12, [null, 10000, 2857]])
  assert.deepEqual((await trend({ figure: 'customers', from: '2026-02-22' })).map((p) => p.value), [0, 1, 1, 1, 1, 1, 1, 2, 4])
  assert.deepEqual((await trend({ figure: 'new_customers', by: 'week', from: '2026-02-24', to: '2026-03-02' })).map((p) => [p.from_at, p.value]),
    [['2026-02-22T16:00:00Z', 2], ['2026-03-01T16:00:00Z', 2]])
  for (const [input, code, field] of [
    [{ figure: 'luck' }, 'bad_choice', 'figure'], [{}, 'required', 'figure'], [{ figure: 'sales', to: '2026-03-03' }, 'invalid', 'to'],
    [{ figure: 'sales', from: '2026-03-02', to: '2026-03-01' }, 'invalid', 'from'], [{ figure: 'sales', by: 'hour', from: '2026-02-01' }, 'too_many', 'from'],
    [{ figure: 'sales', by: 'minute' }, 'bad_choice', 'by'], [{ figure: 'sales', from: '0001-01-01' }, 'invalid', 'from'],
    [{ figure: 'sales', by: 'month', to: '1999-12-31' }, 'invalid', 'to'],
  ]) {
    const p = await problem(owner.dashboard.trend(input))
    assert.deepEqual([p.code, p.field], [code, field], JSON.stringify(input))
  }
  assert.equal((await trend({ figure: 'customers', by: 'month', to: '2000-01-01' }))[0].from_at, '1999-01-31T16:00:00Z')
  assert.equal((await problem(owner.dashboard.get({ day: '0001-01-01', period: 'month' }))).field, 'day')
  assert.equal((await owner.dashboard.get({ day: '2000-01-01', period: 'month' })).previous.from_at, '1999-11-30T16:00:00Z')
  assert.deepEqual([(await problem(owner.dashboard.get({ day: '2026-03-03' }))).field, (await problem(owner.dashboard.products({ day: '2026-03-03' }))).field], ['day', 'day'])
})

test('joined people are one, erased ones are not counted', async () => {
  const one = figures(await owner.dashboard.get({ period: 'month' }))
  const merge = await owner.customer.merge({ id: people.A.id, other_id: people.B.id })
  const joined = figures(await owner.dashboard.get({ period: 'month' }))
  assert.deepEqual([joined.customers, joined.buyers, joined.sales], [one.customers - 1, one.buyers - 1, one.sales])
  await owner.merge.undo({ id: merge.id })
  assert.deepEqual(figures(await owner.dashboard.get({ period: 'month' })), one)
  await owner.customer.erase({ id: people.D.id })
  assert.equal(figures(await owner.dashboard.get()).customers, 3)
})

test('days of summer time have 23 and 25 hours', async () => {
  const main = [server, owner]
  const london = await startServer({ args: ['--zone', 'Europe/London'], clock: '2026-03-30T12:00:00Z' })
  try {
    server = london
    owner = await signIn(server)
    for (const when of ['2026-03-28T23:59:59Z', '2026-03-29T00:00:00Z', '2026-03-29T01:00:00Z', '2026-03-29T22:59:59Z', '2026-03-29T23:00:00Z', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', '2026-10-25T23:59:59Z'])
      await put('order', null, when, 1)
    const spring = await owner.dashboard.get({ day: '2026-03-29' })
    assert.deepEqual([spring.span, figures(spring).orders, figures(spring, 'previous').orders], [{ from_at: '2026-03-29T00:00:00Z', to_at: '2026-03-29T23:00:00Z' }, 3, 1])
    const short = (await owner.dashboard.trend({ figure: 'orders', by: 'hour', from: '2026-03-29', to: '2026-03-29' })).items
    assert.deepEqual([short.length, short[0].value, short[1].value, short[22].value], [23, 1, 1, 1])
    await later('2026-10-26T12:00:00Z')
    const long = (await owner.dashboard.trend({ figure: 'orders', by: 'hour', from: '2026-10-25', to: '2026-10-25' })).items
    assert.deepEqual([long.length, long[1].value, long[2].value, long[24].value], [25, 1, 1, 1])
    assert.equal(figures(await owner.dashboard.get({ day: '2026-10-25' })).orders, 3)
    await london.stop()
  } catch (e) {
    await london.kill()
    throw e
  } finally {
    ;[server, owner] = main
  }
})

test('definitions are one table, of which the reference is made', async () => {
  const { items } = await owner.dashboard.figures()
  assert.deepEqual(items.map((f) => f.key), (await owner.dashboard.get()).figures.map((f) => f.key))
  const page = ['# Figures of the dashboard', '', 'Made of `src/domain/dashboard/figure.def`. Amounts are in hundredths of the currency unit; a share is of 1.', '',
    '| key | 名称 | name | unit | 定义 | definition |', '|---|---|---|---|---|---|',
    ...items.map((f) => `| \`${f.key}\` | ${f.name} | ${f.name_en} | ${f.unit} | ${f.definition} | ${f.definition_en} |`), ''].join('\n')
  const file = path.join(root, 'docs/reference/figures.md')
  if (process.env.UPDATE === '1') fs.writeFileSync(file, page)
  assert.equal(fs.readFileSync(file, 'utf8'), page, 'UPDATE=1 ./run test api/dashboard writes it')
})
