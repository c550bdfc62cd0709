// RFM of events: the grid, the people behind a cell and a class, what is kept in the address, saved, taken away, and drawn on the dashboard.
import { test, before, after, afterEach } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs/promises'
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
const put = (kind, who, at, yuan) =>
  desk.owner.order.put({
    kind, source: 'pos', number: `N-${++documents}`, at, lines: [{ product_code: 'A', product_name: '莲子羹', quantity_milli: 1000, price_micro: yuan * 1e6 }], customer_id: who.id,
  })
const opened = async (path, more) => {
  await page?.context().close()
  page = await desk.visit(path, more)
}
const asked = () => questionOf(page)
const choose = (label, option) => pick(page, label, option)
const grid = () => page.getByRole('table', { name: 'R × F 矩阵' })
const cells = () => grid().getByRole('button').evaluateAll((all) => all.map((b) => b.getAttribute('aria-label')))
const shows = (wanted) => eventually(async () => JSON.stringify(await cells()) === JSON.stringify(wanted), () => wanted.join(' / '))
const taken = async (what) => {
  await page.getByRole('button', { name: '导出' }).click()
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: what }).click()])
  return { name: file.suggestedFilename(), bytes: await fs.readFile(await file.path()) }
}

test('an empty shop is told where events come from', async () => {
  await opened('/event-rfm')
  await page.getByText('还没有可以分析的事件').waitFor()
  await look(page)
})

test('orders: the grid, its shade, the people behind a cell, a class and a row', async () => {
  const people = []
  for (let i = 0; i < 5; i++) people.push(await desk.owner.customer.create({ name: `顾客 ${i}` }))
  await setClock(desk.server, '2026-03-02T03:00:00Z')
  // The more of them the later and the more often: 顾客 4 stands highest by everything but money.
  for (let i = 0; i < 5; i++)
    for (let n = 0; n <= i; n++) await put('order', people[i], `2026-02-${String(5 * i + 1 + n).padStart(2, '0')}T01:00:00Z`, i === 4 ? 10 : 100)
  await put('refund', people[3], '2026-02-28T01:00:00Z', 300)
  await eventually(async () => (await desk.owner.insight.state()).behind === 0, 'the index')
  await opened('/event-rfm')
  await shows(['R 5 分、F 5 分：1 人，¥50', 'R 4 分、F 4 分：1 人，¥400', 'R 3 分、F 3 分：1 人，¥300', 'R 2 分、F 2 分：1 人，¥200', 'R 1 分、F 1 分：1 人，¥100'])
  for (const text of ['打了分的人', '人均次数', '¥1,050']) await page.getByText(text, { exact: true }).first().waitFor()
  await page.getByText('各打 1 到 5 分', { exact: false }).last().waitFor()
  await look(page)
  await picture(page, 'event-rfm-zh-light')
  const depth = (at) => grid().getByRole('button').nth(at).evaluate((b) => b.style.background)
  assert.equal(await depth(0), await depth(1), 'as many people')
  await page.getByText('按金额', { exact: true }).click()
  await eventually(async () => (await depth(0)) !== (await depth(1)) && asked()?.shade === 'worth', 'the shade in the address')
  // A cell, a class, a row of the table: each has its people.
  const drawer = (title) => page.getByRole('dialog', { name: title })
  const away = async (title) => {
    await page.keyboard.press('Escape')
    await drawer(title).waitFor({ state: 'hidden' })
  }
  await page.getByRole('region', { name: '八类客户' }).getByRole('button', { name: '重要价值' }).click()
  await drawer('重要价值').getByRole('link', { name: '顾客 3' }).waitFor()
  assert.equal(await drawer('重要价值').getByRole('link').count(), 1)
  await away('重要价值')
  await page.locator('.figures-table tbody tr').nth(1).getByRole('button').click()
  await drawer('R 4 分、F 4 分、M 5 分').getByRole('link', { name: '顾客 3' }).waitFor()
  await away('R 4 分、F 4 分、M 5 分')
  await grid().getByRole('button', { name: 'R 5 分、F 5 分' }).focus()
  await page.keyboard.press('Enter')
  await drawer('R 5 分、F 5 分').getByRole('link', { name: '顾客 4' }).waitFor()
  await drawer('R 5 分、F 5 分').getByRole('button', { name: '存为分群' }).click()
  await page.getByLabel('分群名称').fill('常来的人')
  await page.keyboard.press('Enter')
  await eventually(() => /\/segments\/\d+$/.test(new URL(page.url()).pathname), 'the segment')
  assert.equal((await desk.owner.segment.list({ q: '常来的人' })).items[0].people, 1)
  await page.goBack()
  await shows(['R 5 分、F 5 分：1 人，¥50', 'R 4 分、F 4 分：1 人，¥400', 'R 3 分、F 3 分：1 人，¥300', 'R 2 分、F 2 分：1 人，¥200', 'R 1 分、F 1 分：1 人，¥100'])
})

test('refunds are subtracted, cut points kept, another event asked; files; saved, and on the dashboard', async () => {
  await opened('/event-rfm')
  await page.getByText('从数值里扣除另一种事件').click()
  await shows(['R 5 分、F 5 分：1 人，¥50', 'R 4 分、F 4 分：1 人，¥100', 'R 3 分、F 3 分：1 人，¥300', 'R 2 分、F 2 分：1 人，¥200', 'R 1 分、F 1 分：1 人，¥100'])
  await page.getByRole('button', { name: '固定这些切分点' }).click()
  await page.getByText('切分点是固定的', { exact: false }).first().waitFor()
  await page.getByText('R、F、M 的切分点是固定的', { exact: false }).waitFor()
  const kept = await eventually(() => asked()?.cuts?.f && asked().cuts, 'the cut points in the address')
  assert.deepEqual([kept.f, kept.m], [[1, 2, 3, 4], [9000, 10000, 14000, 22000]]) // of 50 100 100 200 300 yuan
  // The same people have the same scores: the facts of 2 and 3 and more, within fewer days.
  await shows(['R 5 分、F 5 分：1 人，¥50', 'R 4 分、F 4 分：1 人，¥100', 'R 3 分、F 3 分：1 人，¥300', 'R 2 分、F 2 分：1 人，¥200', 'R 1 分、F 1 分：1 人，¥100'])
  const csv = await taken('表格（CSV）')
  const [head, first, second] = csv.bytes.toString().replace('\ufeff', '').split('\r\n')
  assert.deepEqual([csv.name, head, first, second], ['事件 RFM.csv', '类别,R,F,M,人数,占人数,次数,金额之和', '一般价值,5,5,1,1,0.2,5,50', '一般价值,4,4,2,1,0.2,4,100'])
  const png = await taken('图（PNG）')
  assert.deepEqual([png.name, png.bytes.subarray(1, 4).toString(), png.bytes.readUInt32BE(16), png.bytes.readUInt32BE(20)], ['事件 RFM.png', 'PNG', 1800, 1040])
  await page.getByRole('button', { name: '改回按分位数' }).click()
  await eventually(() => asked()?.cuts && !Object.keys(asked().cuts).length, 'quantiles again')
  await page.getByRole('button', { name: '固定这些切分点' }).waitFor()
  await page.getByRole('button', { name: '保存报表' }).click()
  await page.getByRole('dialog').getByLabel('报表名称').fill('下单的人')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '下单的人', level: 1 }).waitFor()
  const saved = (await desk.owner.report.list()).items.find((r) => r.name === '下单的人')
  assert.deepEqual([saved.kind, saved.query.of, saved.query.value, saved.query.refund], ['rfm', { event: 'order.paid' }, 'amount_fen', { event: 'order.refunded' }])
  await page.getByRole('button', { name: '报表', exact: true }).click()
  await page.getByRole('menuitem', { name: '放到我的看板' }).click()
  await page.getByText('“下单的人”已在看板上').waitFor()
  await opened('/dashboard', { viewport: { width: 1280, height: 2000 } })
  const tile = page.getByRole('article', { name: '下单的人' })
  await tile.getByText('¥750').waitFor()
  await tile.locator('canvas').waitFor()
  await settled(page)
  await look(page)
  await picture(page, 'event-rfm-dashboard-zh-light')
  await tile.getByRole('link', { name: '下单的人' }).click()
  await page.getByRole('heading', { name: '下单的人', level: 1 }).waitFor()
  await shows(['R 5 分、F 5 分：1 人，¥50', 'R 4 分、F 4 分：1 人，¥100', 'R 3 分、F 3 分：1 人，¥300', 'R 2 分、F 2 分：1 人，¥200', 'R 1 分、F 1 分：1 人，¥100'])
  // Another event: nothing is worth anything there, nothing is subtracted, and there are four classes.
  await choose('事件', /^新客户/)
  await shows(['R 5 分、F 1 分：5 人'])
  await eventually(() => asked()?.value === '' && asked().refund === null, 'the event in the address')
  await page.getByRole('region', { name: '四类客户' }).waitFor()
  assert.equal(await page.getByText('从数值里扣除另一种事件').count(), 0)
  await look(page)
  await picture(page, 'event-rfm-plain-zh-light')
})

test('a question saved by a machine opens as it was asked; nobody did it', async () => {
  const made = await desk.owner.report.create({ name: '接口存的', query: { kind: 'rfm', since: '2026-02-01', until: '2026-03-01', of: 'order.paid', cuts: { f: [1, 1, 2, 3] } } })
  await opened(`/event-rfm?report=${made.id}`)
  await shows(['R 5 分、F 5 分：1 人', 'R 4 分、F 5 分：1 人', 'R 3 分、F 4 分：1 人', 'R 2 分、F 3 分：1 人', 'R 1 分、F 1 分：1 人'])
  await page.getByText('F 的切分点是固定的', { exact: false }).waitFor()
  await opened(`/event-rfm?q=${encodeURIComponent(JSON.stringify({ of: { event: 'order.paid', where: [] }, range: '2025-01-01..2025-01-02' }))}`)
  await page.getByText('这段时间里没有符合条件的事件').waitFor()
  await look(page)
  await glance(desk, 'event-rfm', '/event-rfm')
})
