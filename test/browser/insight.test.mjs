// Reports: a funnel edited and its figures, why people stop, what is in the address, retention, trends, files, saved reports, the catalogue, an empty shop.
import { test, before, after, afterEach } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { glance, look, pick, picture, questionOf, settled, startConsole } from '../lib/browser.mjs'
import { eventually, setClock } from '../lib/server.mjs'

let desk, page
before(async () => {
  desk = await startConsole({ clock: '2026-03-02T02:00:00Z' })
})
afterEach(async () => {
  await page?.context().close()
  page = null
})
after(() => desk.stop())

let documents = 0
const order = (who, at, yuan, channel) =>
  desk.owner.order.put({
    kind: 'order', source: 'pos', number: `N-${++documents}`, at, channel, lines: [{ product_code: 'A', product_name: '莲子羹', quantity_milli: 1000, price_micro: yuan * 1e6 }], customer_id: who,
  })
const opened = async (path, more) => {
  page = await desk.visit(path, more)
}
const asked = () => questionOf(page)
const cell = (row, at) => page.locator('tbody tr', { hasText: row }).locator('th, td').nth(at)
const says = (row, at, text) => eventually(async () => (await cell(row, at).innerText()).trim() === text, `${row}: ${text}`)
const choose = (label, option) => pick(page, label, option)

test('an empty shop is told where events come from', async () => {
  for (const path of ['/funnel', '/retention', '/trend', '/event-types']) {
    await opened(path)
    await page.getByText(/还没有(可以分析的)?事件$/).waitFor()
    await page.getByRole('button', { name: '接入事件' }).waitFor()
    await look(page)
    await page.context().close()
  }
  await opened('/reports')
  await page.getByText('还没有保存的报表').waitFor()
  await look(page)
  await picture(page, 'reports-empty-zh-light')
})

test('a funnel: figures, conditions with values that are there, a breakdown, and all of it in the address', async () => {
  const people = []
  for (let i = 0; i < 10; i++) people.push(await desk.owner.customer.create({ name: `顾客 ${i}`, gender: i % 2 ? 'female' : 'male' }))
  await setClock(desk.server, '2026-03-02T03:00:00Z')
  for (const p of people.slice(0, 6)) await order(p.id, '2026-03-02T02:30:00Z', 100, p.gender === 'female' ? 'store' : 'mini-program')
  await order(people[0].id, '2026-03-02T02:45:00Z', 60, 'store')
  await eventually(async () => (await desk.owner.insight.state()).behind === 0, 'the index')
  await opened('/funnel')
  await says('2. 下单', 1, '6')
  await says('2. 下单', 2, '60%')
  await says('2. 下单', 4, '4')
  await says('2. 下单', 5, '30 分')
  await page.getByText('任一次进入：每次做第一步都可以算作进入', { exact: false }).waitFor()
  await page.getByText(/数据截至 2026年3月2日 .*毫秒/).waitFor()
  await picture(page, 'funnel-zh-light')
  // A condition begun asks nothing new; filled in, it is in the answer and in the address.
  await page.getByRole('button', { name: '添加条件' }).nth(1).click()
  await page.getByText('先把问题填完整', { exact: false }).waitFor()
  await choose('属性', '渠道')
  await choose('取值', /^小程序/)
  await page.keyboard.press('Escape')
  await eventually(async () => asked()?.steps[1].where[0]?.in?.[0] === 'mini-program', 'the condition in the address')
  await says('2. 下单（渠道 是 小程序）', 1, '3')
  await choose('拆分', '性别')
  await says('男', 1, '5')
  await says('男', 2, '3 · 60%')
  await says('女', 2, '0 · 0%')
  await look(page)
  await eventually(async () => asked()?.breakdown.length === 1, 'the breakdown in the address')
  const there = page.url()
  await page.goBack()
  await says('2. 下单（渠道 是 小程序）', 1, '3')
  await page.goBack()
  await says('2. 下单', 1, '6')
  assert.equal(asked(), null)
  await page.goForward()
  await page.goForward()
  await says('男', 2, '3 · 60%')
  await page.context().close()
  await opened(there.replace(desk.server.url, ''), { language: 'en', theme: 'dark' })
  await says('Female', 2, '0 · 0%')
  await look(page)
  await picture(page, 'funnel-en-dark')
  await page.context().close()
  await opened(there.replace(desk.server.url, ''), { phone: true })
  await look(page)
  await picture(page, 'funnel-zh-light-phone')
})

test('what the server finds wrong stands where it is wrong', async () => {
  const q = { steps: [{ event: 'customer.created', where: [] }, { event: 'order.paid', where: [{ prop: 'channel', like: 'x' }] }] }
  page = await desk.open()
  page.expect(422, '/api/v1/query')
  await page.goto(`/funnel?q=${encodeURIComponent(JSON.stringify(q))}`)
  const wrong = page.locator('.match').nth(1).getByRole('alert')
  await wrong.getByText('没有这种比较', { exact: false }).waitFor()
  await page.getByRole('button', { name: '移除这个条件' }).click()
  await says('2. 下单', 1, '6')
  assert.equal(await wrong.count(), 0)
})

test('files: the table for spreadsheets, the picture', async () => {
  await opened('/funnel')
  await page.locator('canvas').waitFor()
  for (const [item, name] of [['表格（CSV）', '漏斗.csv'], ['图（PNG）', '漏斗.png']]) {
    await page.getByRole('button', { name: '导出', exact: true }).click()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: item }).click()])
    assert.equal(download.suggestedFilename(), name)
    const bytes = fs.readFileSync(await download.path())
    if (name.endsWith('csv')) assert.equal(bytes.toString().split('\r\n')[2], '2. 下单,6,0.6,0.6,4,1800000,30 分 – 30 分')
    else assert.equal(bytes.subarray(1, 4).toString(), 'PNG')
  }
})

test('behind a number are its people, who are kept as a segment', async () => {
  await opened('/funnel')
  await cell('2. 下单', 4).getByRole('button', { name: '4' }).click()
  const drawer = page.getByRole('dialog', { name: '2. 下单：在这一步之前停下的人' })
  await drawer.getByText('4 人').waitFor()
  await drawer.getByRole('link').first().waitFor() // names come after the number, all at once
  assert.deepEqual((await drawer.getByRole('link').allInnerTexts()).sort(), ['顾客 6', '顾客 7', '顾客 8', '顾客 9'])
  await settled(page)
  await look(page)
  await picture(page, 'funnel-behind-zh-light')
  await drawer.getByRole('button', { name: '存为分群' }).click()
  await page.getByLabel('分群名称').fill('还没下单')
  await page.keyboard.press('Enter')
  await eventually(() => /\/segments\/\d+$/.test(new URL(page.url()).pathname), 'the segment')
  const [segment] = (await desk.owner.segment.list({ q: '还没下单' })).items
  assert.deepEqual([segment.kind, segment.people], ['list', 4])
  for (const [path, row, at, name] of [['/retention', '整体', 1, '6 人'], ['/trend', '整段', 1, '6 人']]) {
    await page.context().close()
    await opened(path)
    await cell(row, at).getByRole('button').click()
    await page.getByRole('dialog').getByText(name).waitFor()
  }
})

test('retention and a trend: their figures, money in yuan, the stretch before', async () => {
  await opened('/retention')
  await says('整体', 1, '6')
  await says('2026年3月2日', 2, '16.7%…')
  for (const [language, theme, phone] of [['zh', 'light', false], ['en', 'dark', true]]) {
    await page.context().close()
    await opened('/retention', { language, theme, phone })
    await look(page)
    await picture(page, `retention-${language}-${theme}${phone ? '-phone' : ''}`)
  }
  await page.context().close()
  await opened('/trend')
  await says('整段', 1, '7')
  await choose('统计量', '合计')
  await eventually(async () => asked()?.prop === 'amount_fen', 'the only property that can be summed')
  await says('整段', 1, '¥660.00')
  await page.getByText('与上一段相比', { exact: true }).click()
  await says('2026年3月2日周一 · 进行中', 1, '¥660.00')
  await says('2026年3月2日周一 · 进行中', 2, '¥0.00')
  // A formula: what each buyer spent.
  await page.getByRole('button', { name: '除以另一个数' }).click()
  await says('整段', 1, '¥110.00')
  await page.getByText('每天下单的金额合计 ÷ 下单的人数', { exact: false }).waitFor()
  await look(page)
  await picture(page, 'trend-zh-light')
  await page.context().close()
  await glance(desk, 'trend', '/trend')
})

test('a report is saved, changed, found again, shared and removed', async () => {
  await opened('/funnel')
  await choose('进入方式', '首次进入')
  await page.getByRole('button', { name: '保存报表' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('报表名称').fill('新客下单')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '新客下单', level: 1 }).waitFor()
  const [saved] = (await desk.owner.report.list()).items
  assert.deepEqual([saved.name, saved.kind, saved.query.entry, saved.shared], ['新客下单', 'funnel', 'first', false])
  assert.equal(new URL(page.url()).search, `?report=${saved.id}`)
  await dialog.waitFor({ state: 'hidden' }) // its button has the same name
  const save = page.getByRole('button', { name: '保存', exact: true })
  assert.equal(await save.isDisabled(), true)
  await choose('拆分', '性别')
  await says('男', 1, '5')
  await save.click()
  await eventually(async () => (await desk.owner.report.get({ id: saved.id })).version === saved.version + 1, 'the change')
  await page.context().close()
  await opened('/reports')
  await look(page)
  await picture(page, 'reports-zh-light')
  await page.getByRole('link', { name: '新客下单' }).click()
  await says('男', 1, '5')
  await page.getByRole('button', { name: '报表', exact: true }).click()
  await page.getByRole('menuitem', { name: '改名与共享' }).click()
  await page.getByRole('dialog').getByLabel('报表名称').fill('新客首单')
  await page.getByRole('dialog').getByText('共享给所有人').click()
  await page.keyboard.press('Control+Enter')
  await page.getByRole('heading', { name: '新客首单', level: 1 }).waitFor()
  assert.equal((await desk.owner.report.get({ id: saved.id })).shared, true)
  // Removed and taken back it is the same report, on every dashboard as before.
  for (const shared of [false, true]) await desk.owner.reportPin.create({ report_id: saved.id, shared })
  const removed = async () => {
    await page.getByRole('button', { name: '报表', exact: true }).click()
    await page.getByRole('menuitem', { name: '删除' }).click()
    await page.getByRole('dialog').getByRole('button', { name: '删除' }).click()
    await page.getByText('还没有保存的报表').waitFor()
  }
  await removed()
  await page.getByRole('button', { name: '撤销' }).click()
  await page.getByRole('link', { name: '新客首单' }).waitFor()
  await eventually(async () => (await desk.owner.report.list()).items[0]?.id === saved.id, 'the report again')
  const pinned = async () => (await desk.owner.reportPin.list()).items.map((p) => [p.shared, p.report_id, p.name])
  assert.deepEqual(await pinned(), [[true, saved.id, '新客首单']])
  // Not taken back it is gone with the page, and dashboards say what was there.
  await page.getByRole('link', { name: '新客首单' }).click()
  await says('男', 1, '5')
  await removed()
  await page.getByRole('link', { name: '趋势' }).first().click()
  await eventually(async () => !(await desk.owner.report.list()).items.length, 'the end of the report')
  assert.ok((await pinned()).every(([, report, name]) => report === null && name === '新客首单'))
})

test('the catalogue: every kind of event, its course, its values, and the way into a report', async () => {
  await opened('/event-types')
  await page.getByRole('row', { name: /下单.*order\.paid/ }).click()
  const drawer = page.getByRole('dialog', { name: '下单' })
  await drawer.getByText('¥100.00').waitFor()
  await drawer.getByRole('button', { name: /看“渠道”的取值/ }).click()
  await drawer.getByText('小程序').waitFor()
  await settled(page)
  await look(page)
  await picture(page, 'events-one-zh-light')
  await drawer.getByRole('button', { name: '在趋势中分析' }).click()
  await says('整段', 1, '7')
  await page.context().close()
  await glance(desk, 'events', '/event-types')
})

test('while the index is being built the page asks again by itself; a shop without leave sees nothing', async () => {
  page = await desk.open()
  page.expect(503, '/api/v1/query')
  let refused = 0
  await page.route('**/api/v1/query', (route) => (refused++ ? route.continue() : route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify({ type: 'about:blank', title: '暂不可用', status: 503, code: 'unavailable', detail: '分析索引正在建立，请稍候', request_id: 'r' }) })))
  await page.goto('/funnel')
  await page.getByText('分析索引正在建立', { exact: false }).waitFor()
  await says('2. 下单', 1, '6')
})

test('why people stop: the cause is found, said in words, for the step chosen, and not asked again by every edit', async () => {
  // Of 170 who check out 80 see the fee and 30 of those buy; of the other 90, 60 buy. Ten more only look.
  const { write_key } = await desk.owner.source.create({ name: '小程序', trusted: true })
  const batch = []
  const did = (who, minute, event) => batch.push({ type: 'track', messageId: `why-${who}-${event}`, userId: `why-${who}`, event, timestamp: new Date(Date.parse('2026-03-02T02:00:00Z') + minute * 60_000).toISOString() })
  for (let i = 0; i < 180; i++) {
    did(i, 1, '看商品')
    if (i >= 170) continue
    did(i, 2, '去结算')
    if (i < 80) did(i, 3, '运费提示')
    if (i < 30 || (i >= 80 && i < 140)) did(i, 5, '付款')
  }
  for (let at = 0; at < batch.length; at += 100) {
    const r = await fetch(`${desk.server.url}/v1/batch`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${write_key}:`)}` }, body: JSON.stringify({ batch: batch.slice(at, at + 100) }) })
    assert.equal(r.status, 200)
  }
  await eventually(async () => (await desk.owner.insight.events()).items.find((e) => e.name === '付款')?.facts === 90 && (await desk.owner.insight.state()).behind === 0, 'the events in the index')
  const q = { steps: ['看商品', '去结算', '付款'].map((event) => ({ event, where: [] })), window: '1d', range: '7d' }
  const path = `/funnel?q=${encodeURIComponent(JSON.stringify(q))}`
  const questions = []
  const hear = () => page.on('request', (r) => r.url().endsWith('/api/v1/query') && r.postDataJSON().query.kind === 'diagnosis' && questions.push(r.postDataJSON().query))
  await opened(path, { viewport: { width: 1280, height: 2400 } }) // the card is always in view
  const card = page.locator('section', { has: page.getByRole('heading', { name: '为什么停在这里' }) }).last()
  await card.getByText('停下的人最突出的一点：有过“运费提示”的人里 38% 继续，没有的 67%。').waitFor()
  await card.getByText('3. 付款：52.9% 继续，流失最多').waitFor()
  await card.getByText('80 人停下，90 人继续', { exact: false }).waitFor()
  hear() // the first was asked by the card itself
  await card.getByText('优势比 0.3（95% 区间 0.16 – 0.56）', { exact: false }).waitFor()
  await settled(page)
  await look(page)
  await picture(page, 'funnel-why-zh-light')
  // Another step: nobody of those between did anything.
  await choose('看哪一步', /^2\. 去结算：94\.4% 继续$/)
  await card.getByText('人数太少', { exact: false }).waitFor()
  assert.equal(questions.at(-1).step, 2)
  // The funnel is edited: its own answer comes by itself, this one when the button is pressed.
  await settled(page)
  const before = questions.length
  assert.equal(before, 1)
  await choose('进入方式', '首次进入')
  await card.getByRole('button', { name: '看看为什么停下' }).waitFor()
  await settled(page)
  assert.equal(questions.length, before)
  await card.getByRole('button', { name: '看看为什么停下' }).click()
  await card.getByText('人数太少', { exact: false }).waitFor()
  assert.equal(questions.at(-1).entry, 'first')
  // Not where there is no one step people stop at.
  await choose('先后', '不分先后')
  await card.waitFor({ state: 'detached' })
  await page.context().close()
  // Below the window it waits until it is looked at.
  page = await desk.open({ language: 'en', theme: 'dark', phone: true })
  hear()
  await page.goto(path)
  await page.getByRole('heading', { name: 'Why people stop here' }).waitFor()
  await settled(page)
  assert.equal(questions.length, before + 1)
  await page.getByRole('heading', { name: 'Why people stop here' }).scrollIntoViewIfNeeded()
  await page.getByText('What most sets apart who stopped: Of people with “运费提示” 38% went on, of those without it 67%.').waitFor()
  await settled(page)
  await look(page)
  await picture(page, 'funnel-why-en-dark-phone')
})
