// Attribution: what each model owes to each channel, two of them beside each other, refunds taken back, what is missing said by its name.
import { test, before, after, afterEach } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { glance, look, pick, picture, questionOf, settled, startConsole, unfold } from '../lib/browser.mjs'
import { eventually } from '../lib/server.mjs'

let desk, page, key
before(async () => {
  desk = await startConsole({ clock: '2026-03-02T08:00:00Z' })
  key = (await desk.owner.source.create({ name: '官网', trusted: true })).write_key
})
afterEach(async () => {
  await page?.context().close()
  page = null
})
after(() => desk.stop())

const opened = async (path, more) => {
  page = await desk.visit(path, more)
}
const asked = () => questionOf(page)
const own = { touch: { event: 'page.viewed', where: [] }, channel: 'campaign.source', conversion: { event: '付款', where: [] }, value: 'amount_fen', window: '30d', refund: { event: '退款单', where: [] }, held: 'bill', direct: null, half_life: '7d', model: 'last', against: 'markov', show: 'share', people: {}, range: '7d' }
const state = (more) => `/attribution?q=${encodeURIComponent(JSON.stringify({ ...own, ...more }))}`
const cells = async (name) => (await page.locator('.figures-table').first().locator('tbody tr', { hasText: name }).locator('th, td').allInnerTexts()).map((s) => s.trim())
const row = (name, expected) => eventually(async () => JSON.stringify((await cells(name)).slice(1)) === JSON.stringify(expected), async () => `${name}: ${await cells(name)}`)
const choose = (label, option) => pick(page, label, option, { exact: true })
let sent = 0
async function send(...facts) {
  const batch = facts.map(([who, minute, what, more = {}]) => ({
    messageId: `a-${sent++}`, userId: who, timestamp: new Date(Date.parse('2026-03-02T02:00:00Z') + minute * 60_000).toISOString(),
    ...(what === 'visit' ? { type: 'page', name: '首页', context: more.source ? { campaign: more } : {} } : { type: 'track', event: what, properties: more }),
  }))
  const r = await fetch(`${desk.server.url}/v1/batch`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${key}:`)}` }, body: JSON.stringify({ batch }) })
  assert.equal(r.status, 200)
  await eventually(async () => (await desk.owner.insight.state()).behind === 0, 'the index')
}

test('what is missing is called by its name: no events, no conversion, no touch, none before it', async () => {
  await opened('/attribution')
  await page.getByText('还没有可以分析的事件').waitFor()
  await look(page)
  await picture(page, 'attribution-empty-zh-light')
  await page.context().close()
  await send(['u-0', 1, '闲逛'])
  await opened(state({}))
  await page.getByText('没有“付款”这种事件，无法归因').waitFor()
  await look(page)
  await page.context().close()
  await send(['u-0', 2, '付款', { amount_fen: 100, bill: 'b-0' }])
  await opened(state({}))
  await page.getByText('没有“浏览页面”这种事件').waitFor()
  await page.getByText('接入带渠道参数的访问事件', { exact: false }).waitFor()
  await page.context().close()
  await send(['u-0', 3, 'visit', { source: 'C1' }])
  await opened(state({}))
  await page.getByText('这些转化之前 30 天内都没有“浏览页面”').waitFor()
  await page.getByText('共 1 次转化没有触点', { exact: false }).waitFor()
  await look(page)
  await picture(page, 'attribution-untouched-zh-light')
})

test('the models side by side: C1 > C2 > C3 converts, C1 and C2 > C3 do not', async () => {
  await send(
    ['u-1', 1, 'visit', { source: 'C1' }], ['u-1', 2, 'visit', { source: 'C2' }], ['u-1', 3, 'visit', { source: 'C3' }], ['u-1', 10, '付款', { amount_fen: 6000, bill: 'b-1' }],
    ['u-2', 1, 'visit', { source: 'C1' }], ['u-3', 1, 'visit', { source: 'C2' }], ['u-3', 2, 'visit', { source: 'C3' }],
  )
  // Nobody else: who only paid has no touch before it.
  await opened(state({}))
  //       touches, difference, first, last, not direct, linear, position, decay, participation, Markov, Shapley
  await row('C1', ['2', '▲ 20 百分点', '100%', '0%', '0%', '33.3%', '40%', '33.3%', '33.3%', '20%', '33.3%', '查看', '查看'])
  await row('C2', ['2', '▲ 40 百分点', '0%', '0%', '0%', '33.3%', '20%', '33.3%', '33.3%', '40%', '33.3%', '查看', '查看'])
  await row('C3', ['2', '▼ 60 百分点', '0%', '100%', '100%', '33.3%', '40%', '33.3%', '33.3%', '40%', '33.3%', '查看', '查看'])
  await row('合计', ['6', '', ...Array(9).fill('100%'), '查看', '查看'])
  await page.getByText('没有触点的转化', { exact: true }).locator('..').getByText('1', { exact: true }).waitFor()
  await page.getByText('按活动来源分渠道', { exact: false }).waitFor()
  await page.getByText('看少了这个渠道会少多少转化', { exact: false }).first().waitFor()
  await page.getByRole('img', { name: /末次触点与马尔可夫两个模型.*3 个渠道，最多的是“C3”/ }).waitFor()
  await page.getByRole('row', { name: /C1 → C2 → C3/ }).getByText('¥60.00').waitFor()
  await page.locator('canvas').waitFor()
  await look(page)
  await picture(page, 'attribution-zh-light')
  // Another pair and the money: shown anew, asked no more.
  const questions = []
  page.on('request', (r) => r.url().endsWith('/api/v1/query') && questions.push(r.postDataJSON().query))
  await choose('模型', '首次触点')
  await choose('比较的模型', '首末优先')
  await page.getByLabel('显示', { exact: true }).getByText('价值', { exact: true }).click()
  await row('C1', ['2', '▼ ¥36.00', '¥60.00', '¥0.00', '¥0.00', '¥20.00', '¥24.00', '¥20.00', '¥60.00', '¥12.00', '¥20.00', '查看', '查看'])
  await eventually(async () => asked()?.model === 'first' && asked().against === 'position' && asked().show === 'value', 'the address')
  assert.deepEqual(questions, [])
  const there = page.url().replace(desk.server.url, '')
  await page.context().close()
  await glance(desk, 'attribution', there, async (p) => {
    await p.locator('.chart').scrollIntoViewIfNeeded()
    await p.locator('canvas').first().waitFor()
  })
})

test('refunds take back: part of it, then all; direct visits are what has no channel, or a name', async () => {
  await send(['u-4', 1, 'visit', { source: 'C2' }], ['u-4', 2, 'visit'], ['u-4', 5, '付款', { amount_fen: 2000, bill: 'b-4' }], ['u-4', 6, '退款单', { amount_fen: 500, bill: 'b-4' }])
  await opened(state({ model: 'last', against: 'last_non_direct', show: 'conversions' }))
  await eventually(async () => (await cells('直接访问')).length === 14, 'the answer')
  assert.deepEqual((await cells('直接访问')).slice(0, 8), ['直接访问', '1', '▼ 1', '0', '1', '0', '0.5', '0.5'])
  assert.deepEqual((await cells('C2')).slice(0, 6), ['C2', '3', '▲ 1', '1', '0', '1'])
  await page.getByText('它们的价值', { exact: true }).locator('..').getByText('¥75.00').waitFor()
  await page.getByText('被退款扣回', { exact: true }).locator('..').getByText('¥5.00').waitFor()
  // C3 is direct: the visit without a channel is one like the others.
  await choose('哪些触点算直接访问', '渠道为“C3”的')
  await eventually(async () => (await cells('（无）')).slice(1, 6).join() === '1,=,0,1,1', async () => `without a channel: ${await cells('（无）')}`)
  assert.deepEqual((await cells('直接访问')).slice(0, 2), ['直接访问', '2'])
  await send(['u-4', 7, '退款单', { amount_fen: 1500, bill: 'b-4' }])
  await page.reload()
  await settled(page)
  await page.getByText('它们的价值', { exact: true }).locator('..').getByText('¥60.00').waitFor()
  assert.deepEqual((await cells('（无）')), [])
  await page.getByText('退款扣回', { exact: true }).click()
  await page.getByText('它们的价值', { exact: true }).locator('..').getByText('¥80.00').waitFor()
  await page.getByText('不扣回退款', { exact: false }).waitFor()
})

test('a touch that never has the property is told so; one whose property is not chosen is not asked', async () => {
  await opened(state({ channel: 'locale' }))
  await page.getByText('“浏览页面”从来没有“语言”', { exact: false }).waitFor()
  await page.context().close()
  await opened(state({ channel: '' }))
  await page.getByText('先把问题填完整', { exact: false }).waitFor()
  await choose('渠道是', '活动来源')
  await eventually(async () => (await cells('C3')).length === 14, 'the answer')
})

test('behind a channel are who converted by it and who did not, and who had none at all', async () => {
  await send(['u-5', 1, 'visit', { source: 'C1' }])
  await opened(state({}))
  const see = async (name, at, title, count) => {
    await page.locator('.figures-table').first().locator('tbody tr', { hasText: name }).getByRole('button').nth(at).click()
    const drawer = page.getByRole('dialog', { name: title })
    await drawer.getByText(count, { exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'hidden' })
  }
  await see('C1', 0, 'C1：转化的人', '1 人')
  await see('C1', 1, 'C1：没转化的人', '2 人')
  await see('合计', 1, '任意渠道：没转化的人', '3 人')
  await page.getByRole('button', { name: /没有触点的转化/ }).click()
  const drawer = page.getByRole('dialog', { name: '没有触点的转化' })
  await drawer.getByText('1 人', { exact: true }).waitFor()
  await settled(page)
  await look(page)
  await page.keyboard.press('Escape')
  await drawer.waitFor({ state: 'hidden' })
  // A press on the picture: the second bar of the first channel (it has no part under the first model).
  const canvas = page.locator('canvas').first()
  await canvas.click({ position: { x: 70, y: 68 } })
  const first = (await page.locator('.figures-table').first().locator('tbody th').first().innerText()).trim()
  const bar = page.getByRole('dialog', { name: `${first}：转化的人` })
  await bar.getByText(/^\d 人$/).waitFor()
  await bar.getByRole('button', { name: '存为分群' }).waitFor()
})

test('saved, found among the reports by its kind, opened again; the table and the picture as files', async () => {
  await opened(state({ against: 'linear' }))
  await eventually(async () => (await cells('C3')).length === 14, 'the answer')
  await page.getByRole('button', { name: '保存报表' }).click()
  await page.getByRole('dialog').getByLabel('报表名称').fill('渠道功劳')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '渠道功劳', level: 1 }).waitFor()
  const [saved] = (await desk.owner.report.list()).items
  assert.deepEqual([saved.kind, saved.query.channel, saved.query.direct, saved.options.against], ['attribution', 'campaign.source', null, 'linear'])
  await page.context().close()
  await opened('/reports')
  await page.getByRole('row', { name: /渠道功劳.*归因/ }).waitFor()
  await page.getByRole('link', { name: '渠道功劳' }).click()
  await eventually(async () => (await cells('C3')).length === 14, 'the answer')
  await page.locator('canvas').waitFor()
  for (const [item, name] of [['表格（CSV）', '渠道功劳.csv'], ['图（PNG）', '渠道功劳.png']]) {
    await page.getByRole('button', { name: '导出', exact: true }).click()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: item }).click()])
    assert.equal(download.suggestedFilename(), name)
    const bytes = fs.readFileSync(await download.path())
    if (name.endsWith('csv')) assert.match(bytes.toString().split('\r\n')[0], /^\ufeff渠道,触点次数,平均 − 末次触点,首次触点,末次触点,/)
    else assert.equal(bytes.subarray(1, 4).toString(), 'PNG')
  }
  // On the dashboard it stands small.
  await desk.owner.reportPin.create({ report_id: saved.id })
  await page.context().close()
  await opened('/')
  const tile = page.getByRole('article', { name: '渠道功劳' })
  await tile.scrollIntoViewIfNeeded()
  await tile.locator('canvas').waitFor()
  await tile.getByRole('img', { name: /^渠道功劳: 有触点的转化 1，模型 末次触点/ }).waitFor()
  await look(page)
  await picture(page, 'attribution-tile-zh-light')
})

test('built-in refunds find their order: chosen unless told otherwise, and again when refunds are taken back again', async () => {
  const put = (number, customer_id, more = {}) => desk.owner.order.put({ source: 'mall', number, customer_id, at: '2026-03-02T03:00:00Z', lines: [{ product_code: 'A', quantity_milli: 1000, price_micro: 30e6 }], ...more })
  await send(['u-6', 1, 'visit', { source: 'C6' }])
  const { id } = await desk.owner.customer.find({ kind: 'external', scope: 'user', value: 'u-6' })
  await put('m-1', id)
  await put('m-2', id)
  await put('r-1', id, { kind: 'refund', order_number: 'm-1', at: '2026-03-02T04:00:00Z' })
  await eventually(async () => (await desk.owner.insight.state()).behind === 0, 'the index')
  await opened('/attribution')
  await page.getByText('被退款扣回', { exact: true }).locator('..').getByText('¥30.00').waitFor()
  await page.getByText('它们的价值', { exact: true }).locator('..').getByText('¥30.00').waitFor()
  await page.locator('#content').getByText('订单编号相同的最近一次', { exact: true }).waitFor()
  // Off and on again: the same is chosen; what is numbered stands first, sums last.
  await page.getByText('退款扣回', { exact: true }).click()
  await page.getByText('不扣回退款', { exact: false }).waitFor()
  await page.getByText('退款扣回', { exact: true }).click()
  await page.getByText('被退款扣回', { exact: true }).locator('..').getByText('¥30.00').waitFor()
  await eventually(async () => asked() === null, 'the question one begins with')
  await unfold(page, '从哪一次扣')
const options = page.getByRole('option').filter({ visible: true, hasText: '相同的最近一次' })
  await options.first().waitFor()
  assert.deepEqual((await options.allInnerTexts()).map((name) => name.replace('相同的最近一次', '')), ['订单编号', '金额', '商品行数'])
  await page.keyboard.press('Escape')
  await settled(page)
  await look(page)
  await page.context().close()
  // On the person's page, beside the refund.
  await opened(`/customers/${id}`)
  await page.getByText('¥30.00 · 订单 m-1').first().waitFor()
  await page.getByRole('tab', { name: '订单' }).click()
  await page.getByRole('heading', { name: '退款' }).waitFor()
  await page.getByText('订单 m-1', { exact: true }).waitFor()
  await settled(page)
  await look(page)
  await picture(page, 'customer-refund-zh-light')
})
