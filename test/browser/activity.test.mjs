// Life cycle and stickiness, five stages, and saved reports on the dashboard: figures, people behind them, what is saved, arranging, what is gone.
import { test, before, after, afterEach } from 'node:test'
import assert from 'node:assert/strict'
import { glance, look, pick, picture, questionOf, settled, startConsole } from '../lib/browser.mjs'
import { eventually, setClock } from '../lib/server.mjs'
import { hire, plant } from '../lib/staff.mjs'

let desk, page, people
before(async () => {
  desk = await startConsole({ clock: '2026-03-02T02:00:00Z' })
})
afterEach(async () => {
  await page?.context().close()
  page = null
})
after(() => desk.stop())

let documents = 0
const order = (who, at, yuan = 100) =>
  desk.owner.order.put({
    kind: 'order', source: 'pos', number: `N-${++documents}`, at, lines: [{ product_code: 'A', product_name: '莲子羹', quantity_milli: 1000, price_micro: yuan * 1e6 }], customer_id: who.id,
  })
const opened = async (path, more) => {
  await page?.context().close()
  page = await desk.visit(path, more)
}
const asked = () => questionOf(page)
const cell = (row, at) => page.locator('.figures-table tbody tr', { hasText: row }).first().locator('th, td').nth(at)
const says = (row, at, text) => eventually(async () => (await cell(row, at).innerText()).trim() === text, `${row}: ${text}`)
const choose = (label, option) => pick(page, label, option)
const press = (name) => page.getByText(name, { exact: true }).filter({ visible: true }).first().click()

test('an empty shop is told where events come from, and how reports get to the dashboard', async () => {
  for (const path of ['/activity', '/aarrr']) {
    await opened(path)
    await page.getByText('还没有可以分析的事件').waitFor()
    await look(page)
  }
  await opened('/dashboard')
  await page.getByText('把常看的报表放到这里', { exact: false }).waitFor()
  await look(page)
  await page.getByRole('link', { name: '选一份报表' }).click()
  await page.getByText('还没有保存的报表').waitFor()
})

test('life cycle: new, stayed, back and quiet by month, their people, and the identity', async () => {
  people = []
  for (let i = 0; i < 6; i++) people.push(await desk.owner.customer.create({ name: `顾客 ${i}`, gender: i % 2 ? 'female' : 'male' }))
  await setClock(desk.server, '2026-03-02T03:00:00Z')
  const [a, b, c, d, e] = people
  // December: a, b. January: a, c. February: b, c, d. March: a, d, e.
  for (const [who, at] of [[a, '2025-12-05'], [b, '2025-12-20'], [a, '2026-01-05'], [c, '2026-01-31'], [b, '2026-02-01'], [c, '2026-02-10'], [d, '2026-02-28'], [a, '2026-03-01'], [d, '2026-03-02'], [e, '2026-03-02']]) await order(who, `${at}T01:00:00Z`)
  await eventually(async () => (await desk.owner.insight.state()).behind === 0, 'the index')
  await opened('/activity')
  for (const [at, text] of [[1, '3'], [2, '1'], [3, '1'], [4, '1'], [5, '1'], [6, '+1']]) await says('2026年2月', at, text)
  await says('2026年1月', 5, '1')
  await says('2026年3月 · 进行中', 6, '—')
  await page.getByText('2026年2月活跃').waitFor()
  await page.getByText('上一月做过、这一月没做的是沉默', { exact: false }).waitFor()
  await settled(page)
  await look(page)
  await picture(page, 'activity-life-zh-light')
  await cell('2026年2月', 4).getByRole('button').click()
  const drawer = page.getByRole('dialog', { name: '2026年2月 · 回流' })
  await drawer.getByText('1 人').waitFor()
  await drawer.getByRole('link', { name: '顾客 1' }).waitFor()
  await drawer.getByRole('button', { name: '存为分群' }).click()
  await page.getByLabel('分群名称').fill('二月回流')
  await page.keyboard.press('Enter')
  await eventually(() => /\/segments\/\d+$/.test(new URL(page.url()).pathname), 'the segment')
  assert.equal((await desk.owner.segment.list({ q: '二月回流' })).items[0].people, 1)
  // A bar is pressed in the picture: the tooltip says how they add up.
  await opened('/activity')
  const chart = page.locator('canvas').first()
  await chart.waitFor()
  const { x, y, width, height } = await chart.boundingBox()
  await page.mouse.move(x + width - 40, y + height / 2)
  await page.getByText('＝ 留下', { exact: false }).first().waitFor()
  assert.match(await page.locator('.chart').innerText(), /活跃 3 ＝ 留下 1 ＋ 新增 1 ＋ 回流 1[\s\S]*上一期活跃 3 ＝ 留下 1 ＋ 沉默 2/)
})

test('stickiness: how often people come, its course, the window; kept in the address', async () => {
  await opened('/activity')
  await press('粘性')
  await eventually(async () => asked()?.kind === 'stickiness', 'the view in the address')
  assert.deepEqual([asked().unit, asked().window, asked().range], ['day', 7, '30d'])
  await says('1 天', 1, '2')
  await says('2 天', 1, '1')
  await choose('窗口', '28 天')
  await says('1 天', 1, '3')
  await says('2 天', 1, '1')
  await says('2 天', 2, '25%')
  await cell('2 天', 1).getByRole('button').click()
  await page.getByRole('dialog', { name: '最近 28 天里活跃 2 天' }).getByRole('link', { name: '顾客 3' }).waitFor()
  await page.keyboard.press('Escape')
  await press('走势')
  await says('2026年3月1日', 1, '1')
  await says('2026年3月1日', 2, '3')
  await says('2026年3月1日', 3, '33.3%')
  await settled(page)
  await look(page)
  await picture(page, 'activity-course-zh-light')
  await eventually(async () => asked().shape === 'course' && asked().window === 28, 'the course in the address')
  const there = page.url().replace(desk.server.url, '')
  await opened(there, { language: 'en', theme: 'dark', phone: true })
  await says('1 Mar 2026', 3, '33.3%')
  await look(page)
  await picture(page, 'activity-course-en-dark-phone')
  await opened('/activity', { language: 'en', theme: 'dark', phone: true })
  await look(page)
  await picture(page, 'activity-life-en-dark-phone')
})

test('broken down: groups beside each other, one of them, everybody; their people; saved', async () => {
  await opened('/activity')
  await choose('拆分', '性别')
  // Women: 1 and 3. Men: 0, 2 and 4.
  for (const [row, figures] of [['女', ['2', '0', '1', '1', '0', '+2']], ['男', ['1', '1', '0', '0', '1', '-1']]])
    for (const [at, text] of figures.entries()) await says(row, at + 1, text)
  await page.getByText('各组在2026年2月', { exact: false }).waitFor()
  await settled(page)
  await look(page)
  await picture(page, 'activity-groups-zh-light')
  await cell('男', 5).getByRole('button').click()
  const gone = page.getByRole('dialog', { name: '男 · 2026年2月 · 沉默' })
  await gone.getByRole('link', { name: '顾客 0' }).waitFor()
  assert.equal(await gone.getByRole('link').count(), 1)
  await page.keyboard.press('Escape')
  await gone.waitFor({ state: 'hidden' })
  await choose('看哪一组', '女')
  await says('2026年2月', 1, '2')
  await cell('2026年2月', 4).getByRole('button').click()
  await page.getByRole('dialog', { name: '女 · 2026年2月 · 回流' }).getByRole('link', { name: '顾客 1' }).waitFor()
  await page.keyboard.press('Escape')
  await choose('看哪一组', '全部')
  await says('2026年2月', 1, '3')
  await choose('看哪一组', '各组对比')
  await press('粘性')
  await choose('窗口', '28 天')
  for (const [row, figures] of [['女', ['1', '2 天', '—', '100%']], ['男', ['3', '1 天', '100%', '—']]])
    for (const [at, text] of figures.entries()) await says(row, at + 1, text)
  await cell('女', 4).getByRole('button').click()
  await page.getByRole('dialog', { name: '女 · 最近 28 天里活跃 2 天' }).getByRole('link', { name: '顾客 3' }).waitFor()
  await page.keyboard.press('Escape')
  await press('走势')
  await says('男', 2, '2') // until the day before: 0 and 2
  await settled(page)
  await look(page)
  await picture(page, 'activity-groups-course-zh-light')
  await eventually(async () => asked()?.shape === 'course' && asked().breakdown.length === 1, 'all of it in the address')
  await page.getByRole('button', { name: '保存报表' }).click()
  await page.getByRole('dialog').getByLabel('报表名称').fill('男女的粘性')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '男女的粘性', level: 1 }).waitFor()
  const saved = (await desk.owner.report.list()).items.find((r) => r.name === '男女的粘性')
  assert.deepEqual(saved.query.breakdown, [{ attr: 'gender' }])
  await opened(`/activity?report=${saved.id}`, { language: 'en', theme: 'dark', phone: true })
  await says('Female', 2, '1')
  await look(page)
  await picture(page, 'activity-groups-en-dark-phone')
})

test('five stages: their people beside the stretch before, a definition changed, saved and opened again', async () => {
  await opened('/aarrr?q=' + encodeURIComponent(JSON.stringify({ range: '2026-02-01..2026-02-28' })))
  await says('激活', 2, '1') // d; in the 28 days before (from January 4th) it was c, and a came again
  await says('激活', 3, '1')
  await says('留存', 2, '2')
  await says('留存', 3, '1')
  await says('留存', 4, '+100%')
  await says('留存', 5, '200%')
  await says('变现', 2, '3')
  await page.getByText('还没有定义：选一个事件', { exact: false }).waitFor()
  await cell('留存', 2).getByRole('button').click()
  const drawer = page.getByRole('dialog', { name: '留存：又做了“下单”' })
  await drawer.getByText('2 人').waitFor()
  await drawer.getByRole('link').first().waitFor() // names come after the number, all at once
  assert.deepEqual((await drawer.getByRole('link').allInnerTexts()).sort(), ['顾客 1', '顾客 2'])
  await page.keyboard.press('Escape')
  await drawer.waitFor({ state: 'hidden' })
  await settled(page)
  await look(page)
  await picture(page, 'aarrr-zh-light')
  await choose('“推荐”阶段的事件', /^新客户/)
  await says('推荐', 2, '0')
  await page.getByRole('button', { name: '推荐: 清除这个阶段的定义' }).click()
  await eventually(async () => (await page.locator('.figures-table tbody tr').count()) === 4, 'four stages')
  await page.getByText('与上一段相比', { exact: true }).click()
  await eventually(async () => (await page.locator('.figures-table thead th').count()) === 4, 'nothing beside')
  await page.getByRole('button', { name: '保存报表' }).click()
  await page.getByRole('dialog').getByLabel('报表名称').fill('二月五阶段')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '二月五阶段', level: 1 }).waitFor()
  const saved = (await desk.owner.report.list()).items.find((r) => r.name === '二月五阶段')
  assert.deepEqual([saved.kind, saved.query.since, saved.query.until, saved.query.stages.map((s) => s.stage)], ['aarrr', '2026-02-01', '2026-03-01', ['acquisition', 'activation', 'retention', 'revenue']])
  // Each of its stages is a question to the engine.
  const counts = await Promise.all(saved.query.stages.map(async (s) => (await desk.owner.insight.ask({ query: s.query })).count))
  assert.deepEqual(counts, [0, 1, 2, 3])
  // One saved by a machine: the definitions are those of its questions, and what has no row here is asked as it is.
  const stages = [saved.query.stages[2], { stage: 'revenue', query: { kind: 'segment', people: { event: 'order.paid', count: { gte: 3 } } } }]
  const made = await desk.owner.report.create({ name: '接口存的', query: { ...saved.query, stages } })
  await opened(`/aarrr?report=${made.id}`)
  await says('留存', 2, '2')
  await says('留存', 3, '1')
  await says('变现', 2, '1')
  await says('变现', 3, '—')
  assert.equal(await page.locator('.figures-table tbody tr').count(), 2)
  await look(page)
  await glance(desk, 'aarrr', '/aarrr')
})

test('the people of a stage are kept as a live segment, or as a list where no condition says who they are', async () => {
  const saves = async (range, stage, at, title, press) => {
    await opened('/aarrr?q=' + encodeURIComponent(JSON.stringify({ range })))
    await cell(stage, at).getByRole('button').click()
    await page.getByRole('dialog', { name: title }).getByRole('button', { name: '存为分群' }).click()
    const dialog = page.getByRole('dialog', { name: '存为分群' })
    await dialog.getByLabel('分群名称').fill(`${stage} ${range} ${at}`)
    await press(dialog)
    await settled(page)
    await look(page)
    await picture(page, `aarrr-keep-${range.slice(0, 5)}-${at}-zh-light`)
    await page.keyboard.press('Control+Enter')
    await page.getByRole('heading', { name: `${stage} ${range} ${at}`, level: 1 }).waitFor()
    const { id } = (await desk.owner.segment.list()).items.find((s) => s.name === `${stage} ${range} ${at}`)
    return eventually(async () => {
      const s = await desk.owner.segment.get({ id })
      return s.state === 'ready' && s
    }, 'the segment')
  }
  const again = '留存：又做了“下单”'
  const kept = await saves('2026-02-01..2026-02-28', '留存', 2, again, (d) => d.getByText('按同样的条件和日期保持更新').waitFor())
  assert.deepEqual([kept.kind, kept.people, kept.condition], ['live', 2, { all: [{ event: 'order.paid', since: '2026-02-01', until: '2026-03-01' }, { event: 'order.paid', until: '2026-02-01' }] }])
  const moving = await saves('90d', '激活', 2, '激活：第一次做“下单”', (d) => d.getByText('总是到此刻为止的 90 天').waitFor())
  assert.deepEqual([moving.kind, moving.condition], ['live', { all: [{ event: 'order.paid', first: { within: '90d' } }] }])
  const chosen = await saves('2026-02-01..2026-02-28', '变现', 2, '变现：做过“下单”', (d) => d.getByText('现在的 3 人，以后不变').click())
  assert.deepEqual([chosen.kind, chosen.people, chosen.condition ?? null], ['list', 3, null])
  const frozen = await saves('last_month', '留存', 2, again, (d) => d.getByText('所以存为名单').waitFor())
  assert.deepEqual([frozen.kind, frozen.people], ['list', 2])
})

const tile = (name) => page.getByRole('article', { name, exact: true })
const menu = async (name, item) => {
  await page.getByRole('button', { name: `“${name}”的位置与大小` }).click()
  await page.getByRole('menuitem', { name: item }).filter({ visible: true }).click()
}
const order_ = async () => (await page.getByRole('article').all()).length && (await Promise.all((await page.getByRole('article').all()).map((a) => a.getAttribute('aria-label'))))

test('reports on the dashboard: put there, arranged, taken away and back; one that fails or is gone spoils no other', async () => {
  const range = { since: '2026-02-01', until: '2026-03-03' }
  const paid = { event: 'order.paid' }
  const make = (name, query, options = {}) => desk.owner.report.create({ name, query: { ...range, ...query }, options, shared: true })
  const funnel = await make('漏斗甲', { kind: 'funnel', steps: [{ event: 'customer.created' }, paid], window: '30d' })
  await make('留存乙', { kind: 'retention', start: paid, return: paid, unit: 'week', periods: 4 })
  await make('趋势丙', { kind: 'trend', of: paid, figure: 'sum', prop: 'amount_fen', unit: 'day' }, { compare: true })
  await make('粘性丁', { kind: 'stickiness', of: paid, unit: 'day', window: 7 })
  await opened('/reports')
  for (const name of ['留存乙', '趋势丙', '粘性丁', '二月五阶段']) {
    await page.getByRole('button', { name: `把“${name}”放到我的看板` }).click()
    await page.getByRole('button', { name: `把“${name}”从看板移除` }).waitFor()
  }
  await look(page)
  await picture(page, 'reports-kinds-zh-light')
  // From its own page, for everybody.
  await opened(`/funnel?report=${funnel.id}`)
  await page.getByRole('button', { name: '报表', exact: true }).click()
  await page.getByRole('menuitem', { name: '放到大家的看板' }).click()
  await page.getByText('“漏斗甲”已在大家的看板上').waitFor()
  await opened('/dashboard', { viewport: { width: 1280, height: 2400 } })
  await tile('漏斗甲').getByText('走完全程').waitFor() // the dashboard stands before its reports do
  assert.deepEqual(await order_(), ['漏斗甲', '留存乙', '趋势丙', '粘性丁', '二月五阶段'])
  await tile('趋势丙').getByText('¥600.00').waitFor()
  await tile('二月五阶段').getByText('激活').first().waitFor()
  await eventually(async () => (await page.locator('article canvas').count()) === 5, 'five pictures')
  await settled(page)
  await look(page)
  await picture(page, 'dashboard-reports-zh-light')
  // Arranged: the order and the width are kept.
  await menu('二月五阶段', '往前移')
  await eventually(async () => (await order_()).join() === '漏斗甲,留存乙,趋势丙,二月五阶段,粘性丁', 'one place forward')
  await menu('留存乙', '往后移')
  await eventually(async () => (await order_()).join() === '漏斗甲,趋势丙,留存乙,二月五阶段,粘性丁', 'one place back')
  await menu('趋势丙', '三分之二宽')
  await eventually(async () => (await desk.owner.reportPin.list()).items.map((p) => p.name + p.width).join() === '漏斗甲1,趋势丙2,留存乙1,二月五阶段1,粘性丁1', 'kept')
  // Taken away, and back; then for good.
  await menu('粘性丁', '从看板移除')
  await tile('粘性丁').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: '撤销' }).click()
  await tile('粘性丁').waitFor()
  await menu('粘性丁', '从看板移除')
  await tile('粘性丁').waitFor({ state: 'detached' })
  await page.getByRole('link', { name: '漏斗甲' }).click()
  await page.getByRole('heading', { name: '漏斗甲', level: 1 }).waitFor()
  await eventually(async () => (await desk.owner.reportPin.list()).items.length === 4, 'gone with the page')
  // One is removed, one cannot be answered: they say so, and the others are there.
  const [gone] = (await desk.owner.report.list()).items.filter((r) => r.name === '留存乙')
  await desk.owner.report.remove({ id: gone.id })
  page = await (await page.context().close(), desk.open({ viewport: { width: 1280, height: 2400 } }))
  page.expect(503, '/api/v1/query')
  let broken = true
  await page.route('**/api/v1/query', (route) =>
    broken && route.request().postDataJSON().query.kind === 'trend' ? route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify({ type: 'about:blank', title: '计算超时', status: 503, code: 'too_slow', request_id: 'r-1' }) }) : route.continue())
  await page.goto('/dashboard')
  await tile('留存乙').getByText('这份报表不在了').waitFor()
  await tile('趋势丙').getByText('计算超时').waitFor()
  await tile('漏斗甲').getByText('走完全程').waitFor()
  await look(page)
  await picture(page, 'dashboard-reports-trouble-zh-light')
  broken = false
  await tile('趋势丙').getByRole('button', { name: '重试' }).click()
  await tile('趋势丙').getByText('¥600.00').waitFor()
})

test('somebody else sees what everybody has, asks for what they may see, and changes only their own', async () => {
  const at = await plant(desk.owner, { east: ['store', 'root'] })
  const role = await desk.owner.role.create({ name: '看数', permissions: ['insight.read', 'dashboard.read'], scope: 'all' })
  const analyst = await hire(desk.server, desk.owner, { login: 'analyst', department: at.east, roles: [role.id] })
  await opened('/dashboard', { as: analyst, viewport: { width: 1280, height: 2000 } })
  await tile('漏斗甲').getByText('走完全程').waitFor()
  assert.deepEqual(await order_(), ['漏斗甲'])
  assert.equal(await page.getByRole('button', { name: '“漏斗甲”的位置与大小' }).count(), 0)
  const [trend] = (await analyst.report.list()).items.filter((r) => r.name === '趋势丙')
  await opened(`/trend?report=${trend.id}`, { as: analyst })
  await page.getByRole('button', { name: '报表', exact: true }).click()
  assert.equal(await page.getByRole('menuitem', { name: '放到大家的看板' }).count(), 0)
  await page.getByRole('menuitem', { name: '放到我的看板' }).click()
  await page.getByText('“趋势丙”已在看板上').waitFor()
  await page.getByRole('button', { name: '撤销' }).click()
  await eventually(async () => (await analyst.reportPin.list()).items.length === 1, 'taken back')
  for (const [language, theme, phone] of [['en', 'dark', true], ['zh', 'light', true]]) {
    await opened('/dashboard', { language, theme, phone })
    await page.getByRole('article').last().scrollIntoViewIfNeeded()
    await settled(page)
    await look(page)
    await picture(page, `dashboard-reports-${language}-${theme}-phone`)
  }
})
