// The dashboard and RFM: figures that lead to people, an empty shop, who may not see them.
import { test, before, after, afterEach } from 'node:test'
import assert from 'node:assert/strict'
import { look, picture, settled, startConsole } from '../lib/browser.mjs'
import { eventually } from '../lib/server.mjs'

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
const order = (who, at, yuan) =>
  desk.owner.order.put({
    kind: 'order', source: 'pos', number: `N-${++documents}`, at, lines: [{ product_code: 'A', product_name: '莲子羹', quantity_milli: 1000, price_micro: yuan * 1e6 }], customer_id: who,
  })
const opened = async (path, more) => {
  page = await desk.visit(path, more)
}
const condition = () => JSON.parse(new URL(page.url()).searchParams.get('condition'))

test('an empty shop is told what to do next', async () => {
  await opened('/')
  assert.equal(new URL(page.url()).pathname, '/dashboard', 'the first page')
  await page.getByText('从导入客户和订单开始').waitFor()
  await look(page)
  await picture(page, 'dashboard-empty-zh-light')
  await page.goto('/rfm')
  await page.getByText('还没有计算过 RFM').waitFor()
  await look(page)
  await picture(page, 'rfm-empty-zh-light')
})

test('figures against earlier ones, their meaning, and the people behind a number', async () => {
  for (let i = 0; i < 12; i++) {
    const { id } = await desk.owner.customer.create({ name: `顾客 ${i}` })
    await order(id, '2026-03-01T01:00:00Z', 80)
    for (let n = 0; n <= i % 4; n++) await order(id, '2026-03-02T00:30:00Z', 100 + i * 10)
  }
  await opened('/dashboard')
  const sales = page.locator('.tile', { hasText: '销售额' }).first()
  await sales.getByText('¥4,800').waitFor()
  await page.getByRole('button', { name: /^销售额：这些订单的金额之和/ }).waitFor()
  await page.getByText('莲子羹').waitFor()
  const drawn = async () => {
    await page.locator('figure.chart').scrollIntoViewIfNeeded()
    await page.locator('canvas').waitFor()
  }
  await drawn()
  for (const [language, theme, phone] of [['zh', 'light', false], ['en', 'dark', false], ['zh', 'light', true]]) {
    await page.context().close()
    await opened('/dashboard', { language, theme, phone })
    await drawn()
    await page.evaluate(() => window.scrollTo(0, 0))
    await look(page)
    await picture(page, `dashboard-${language}-${theme}${phone ? '-phone' : ''}`)
  }
  await page.context().close()
  await opened('/dashboard')
  await page.getByText('周', { exact: true }).first().click()
  await eventually(() => new URL(page.url()).searchParams.get('period') === 'week', 'the period in the address')
  await page.getByText('与上一周的同一时段相比', { exact: false }).waitFor()
  await page.getByRole('button', { name: '看“订单数”的走势' }).click()
  await eventually(() => new URL(page.url()).searchParams.get('figure') === 'orders', 'the figure in the address')
  await page.locator('.tile', { hasText: '购买人数' }).first().getByRole('link').click()
  await eventually(() => new URL(page.url()).pathname === '/customers', 'the customers')
  const asked = condition()
  assert.equal(asked.order, 'count')
  assert.equal((await desk.owner.customer.search({ condition: asked })).items.length, 12, 'the very people')
})

test('RFM: computed with progress, each cell leads to its people, settings are kept', async () => {
  await opened('/rfm')
  await page.getByRole('button', { name: '立即计算' }).click()
  const cell = () => page.locator('a.cell').first()
  await cell().waitFor()
  await settled(page)
  for (const [language, theme] of [['zh', 'light'], ['en', 'dark']]) {
    await page.context().close()
    await opened('/rfm', { language, theme })
    await cell().waitFor()
    await look(page)
    await picture(page, `rfm-${language}-${theme}`)
  }
  await page.context().close()
  await opened('/rfm')
  await page.getByRole('button', { name: '设置' }).click()
  const drawer = page.getByRole('dialog')
  await drawer.getByLabel('名称 1', { exact: true }).fill('')
  await page.keyboard.press('Control+Enter')
  await drawer.getByText('名称不能为空').waitFor()
  await drawer.getByLabel('名称 1', { exact: true }).fill('荷花')
  await page.keyboard.press('Control+Enter')
  await drawer.waitFor({ state: 'hidden' })
  assert.equal((await desk.owner.rfm.settings()).tiers[0].name, '荷花')
  await page.getByRole('button', { name: '历史' }).click()
  await page.getByText('当前', { exact: true }).waitFor()
  await page.keyboard.press('Escape')
  const people = Number((await cell().locator('.people').innerText()).replace(/,/g, ''))
  await cell().click()
  await eventually(() => new URL(page.url()).pathname === '/customers', 'the customers')
  assert.equal((await desk.owner.customer.search({ condition: condition() })).items.length, people)
})

test('who may not see figures has neither the item nor the page; what cannot be loaded is said', async () => {
  page = await desk.open()
  await page.route('**/api/v1/me', async (route) => {
    const reply = await route.fetch()
    await route.fulfill({ response: reply, json: { ...(await reply.json()), permissions: ['customer.read'] } })
  })
  await page.goto('/dashboard')
  await page.getByText('您没有权限查看此页').waitFor()
  assert.equal(await page.getByRole('link', { name: '经营概览' }).count(), 0)
  await page.unroute('**/api/v1/me')
  page.expect(503, '/dashboard')
  let broken = true
  await page.route(/\/api\/v1\/dashboard(\?|$)/, (route) => (broken ? route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify({ type: 'about:blank', status: 503, code: 'storage', title: '存储暂不可用，请稍后重试', request_id: 'req-7' }) }) : route.continue()))
  await page.goto('/dashboard')
  await page.getByText('req-7').waitFor()
  broken = false
  await page.getByRole('button', { name: '重试' }).click()
  await page.locator('.tile').first().waitFor()
})
