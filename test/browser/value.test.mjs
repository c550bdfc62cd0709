// Customer value and customers about to leave, as whoever plans their care uses them.
import { test, before, after, afterEach } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { look, pick, picture, settled, startConsole } from '../lib/browser.mjs'
import { eventually, NOW } from '../lib/server.mjs'
import { shoppers } from '../lib/shoppers.mjs'

const DAY = 86400000
const today = Math.floor(Date.parse(NOW) / DAY)
let desk, page
before(async () => {
  desk = await startConsole()
})
afterEach(async () => {
  await page?.context().close()
  page = null
})
after(() => desk.stop())
const opened = async (path, more) => {
  page = await desk.visit(path, more)
}
const names = ['陈', '李', '张', '王', '赵', '周', '吴', '郑', '孙', '钱']
async function plantShop() {
  let number = 0
  for (const [i, days] of shoppers(100, today - 210, today - 2).entries()) {
    const p = await desk.owner.customer.create({ name: `${names[i % 10]}${'一二三四五六七八九十'[Math.floor(i / 10)]}` })
    await Promise.all(days.map((day, k) => desk.owner.order.put({ kind: 'order', source: 'pos', number: `o-${++number}`, customer_id: p.id, at: new Date(day * DAY + 4 * 3600000).toISOString(),
      lines: [{ product_code: k % 2 ? 'CUP' : 'TEA', product_name: k % 2 ? '荷叶杯' : '莲子茶', quantity_milli: 1000, price_micro: (30 + (i % 7) * 40 + k) * 1e6 },
        ...(i % 4 === 0 ? [{ product_code: 'POT', product_name: '紫砂壶', quantity_milli: 1000, price_micro: 88e6 }] : [])] })))
  }
}

test('nothing is invented: no run, then too few who came back', async () => {
  await opened('/value')
  await page.getByText('还没有计算过客户价值').waitFor()
  await look(page)
  await page.getByRole('button', { name: '立即计算' }).click()
  await page.getByText('现在还不能推算').waitFor()
  await page.getByText('有 0 位客户在不同的日子买过至少两次').waitFor()
  await settled(page)
  await look(page)
  await page.context().close()
  await opened('/churn')
  await page.getByText('没有需要预警的客户').waitFor()
  await look(page)
})

test('what customers will be worth: sums, charts, the model in words, a back-test', async () => {
  await plantShop()
  await desk.owner.value.start()
  const view = await eventually(async () => {
    const v = await desk.owner.value.get()
    return v.run?.reason === null && v
  }, 'figures')
  await opened('/value')
  await page.getByText('接下来 90 天').waitFor()
  await page.getByText(/还在买的客户，平均每 [\d.]+ 天来一次/).waitFor()
  await page.getByText(`${view.total.people - view.once} 位买过至少两天的客户`).waitFor()
  await page.getByText('还没有对比过').waitFor()
  assert.equal(await page.getByText('lnΓ').count(), 0)
  await page.getByRole('button', { name: '做一次对比' }).click()
  await page.getByText(/预计来 \d+ 次，实际 \d+ 次/).waitFor()
  await settled(page)
  await look(page)
  await picture(page, 'value-zh-light')
  await page.getByText('模型与参数').click()
  await page.getByText('Marketing Science', { exact: false }).waitFor()
  await page.getByText('看每一组的数字').click()
  await page.getByRole('row', { name: /第 1 组/ }).first().waitFor()
  await page.getByText('看十组的数字').click()
  assert.equal(await page.getByRole('row', { name: /第 10 组/ }).count(), 2)
  await look(page)
  // A bar leads to the people in it: the lowest band that has any.
  const chart = page.locator('figure.chart').first()
  await chart.scrollIntoViewIfNeeded()
  await eventually(async () => chart.locator('canvas').count(), 'the chart')
  const box = await chart.boundingBox(), tallest = view.alive.reduce((best, b, i) => (b.people > view.alive[best].people ? i : best), 0)
  await page.mouse.click(box.x + 31 + ((box.width - 43) * (tallest + 0.5)) / 20, box.y + box.height - 60)
  await eventually(() => /\/churn\?/.test(page.url()), 'the list of that bar')
  const band = view.alive[tallest]
  assert.match(page.url(), new RegExp(`least=${Math.round((1 - band.to) * 100)}`))
})

test('who is about to leave: filtered, taken away, followed up', async () => {
  await opened('/churn')
  const people = (await desk.owner.value.churn({ min_churn: 0.5, limit: 200, bought_since_at: new Date(Date.parse(NOW) - 365 * DAY).toISOString() })).items
  assert.ok(people.length > 3)
  await page.getByRole('row', { name: new RegExp(people[0].name) }).waitFor()
  await settled(page)
  await look(page)
  await picture(page, 'churn-zh-light')
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: '导出 CSV' }).click()
  const lines = fs.readFileSync(await (await download).path(), 'utf8').trim().split('\r\n')
  assert.equal(lines.length, people.length + 1)
  assert.ok(lines[1].startsWith(`${people[0].id},${people[0].name},${people[0].at_risk_fen / 100}`))
  // Two are chosen and followed up.
  const rows = page.locator('tr[data-index]')
  for (const i of [0, 1]) await rows.nth(i).locator('input[type=checkbox]').check({ force: true })
  await page.getByRole('button', { name: '安排跟进' }).click()
  const dialog = page.getByRole('dialog', { name: '给 2 位客户安排跟进' })
  await dialog.waitFor()
  await settled(page)
  await look(page)
  await dialog.getByLabel('做什么').fill('')
  await dialog.getByRole('button', { name: '安排跟进' }).click()
  await dialog.getByText('请写下要做什么').waitFor()
  await dialog.getByLabel('做什么').fill('电话问候')
  await dialog.getByRole('button', { name: '安排跟进' }).click()
  await page.getByText('已安排 2 条待办').waitFor()
  const tasks = (await desk.owner.task.list({})).items
  assert.deepEqual(tasks.map((t) => t.customer_id).sort(), [people[0].id, people[1].id].sort())
  // The filter stands in the address.
  await pick(page, '流失可能', '90% 以上')
  await eventually(() => /least=90/.test(page.url()), 'the address')
  const lost = (await desk.owner.value.churn({ min_churn: 0.9, limit: 200 })).items
  await page.getByText(`共 ${lost.length} 条`).waitFor()
  await rows.first().click()
  await eventually(() => page.url().includes(`/customers/${lost[0].id}`), 'their page')
})

test('a person: what is expected, and what to offer next', async () => {
  const [p] = (await desk.owner.value.churn({ limit: 1 })).items
  const { figures } = await desk.owner.customer.value({ id: p.id })
  await opened(`/customers/${p.id}`)
  const card = page.locator('section').filter({ has: page.getByRole('heading', { name: '接下来' }) })
  await card.getByText(`${Math.round(figures.alive * 100)}%`).waitFor()
  await card.getByText('90 天预计消费').waitFor()
  const next = (await desk.owner.customer.nextProducts({ id: p.id })).items
  for (const n of next) await card.getByText(n.name, { exact: true }).waitFor()
  await settled(page)
  await look(page)
})

test('in English, in the dark, on a phone', async () => {
  for (const path of ['/value', '/churn']) {
    await opened(path, { language: 'en', theme: 'dark' })
    await settled(page)
    await look(page)
    await picture(page, `${path.slice(1)}-en-dark`)
    await page.context().close()
    await opened(path, { phone: true })
    await settled(page)
    await look(page)
    await picture(page, `${path.slice(1)}-zh-phone`)
    await page.context().close()
  }
})
