// The list of customers: found, filtered, kept as a view, tagged in bulk and taken back.
import { test, before, after, afterEach } from 'node:test'
import assert from 'node:assert/strict'
import { look, pick, picture, settled, startConsole } from '../lib/browser.mjs'
import { eventually } from '../lib/server.mjs'

let desk, page, tag
before(async () => {
  desk = await startConsole()
})
afterEach(async () => {
  await page?.context().close()
  page = null
})
after(() => desk.stop())

const open = async (options = {}) => {
  page = await desk.open({ path: '/customers', ...options })
  await page.getByRole('heading', { level: 1 }).waitFor()
  await settled(page)
}
const rows = () => page.locator('tbody tr[data-index]')
const heading = (text) => page.locator('.page-head .text', { hasText: text }).waitFor()
const choose = (label, option) => pick(page, label, option, { exact: true })

test('nobody yet: says what to do; the first customer is made by hand, an identifier belongs to one', async () => {
  await open()
  await page.getByText('还没有客户').waitFor()
  await look(page)
  await picture(page, 'customers-empty-zh-light')
  await page.keyboard.press('n')
  const drawer = page.getByRole('dialog', { name: '新建客户' })
  await drawer.waitFor()
  await drawer.getByLabel('姓名').press('Control+Enter')
  await drawer.getByText('请至少填写').waitFor()
  await drawer.getByLabel('姓名').fill('林黛玉')
  await drawer.getByLabel('手机号').fill('13812345678')
  await look(page)
  await page.keyboard.press('Control+Enter')
  await page.getByRole('heading', { name: '林黛玉' }).waitFor()
  await page.getByText('138****5678').waitFor()

  await page.goto('/customers')
  await page.getByRole('button', { name: '新建客户' }).click()
  page.expect(409, '/customers')
  await drawer.getByLabel('姓名').fill('另一位')
  await drawer.getByLabel('手机号').fill('138 1234 5678')
  await page.keyboard.press('Control+Enter')
  await drawer.getByText('“138****5678”已被使用').waitFor()
})

test('a filter is put together, counted, said in words, kept in the address, and taken away', async () => {
  const group = await desk.owner.tagGroup.create({ name: '口味', color: '#b3386b' })
  tag = await desk.owner.tag.create({ group_id: group.id, name: '清甜' })
  for (let i = 0; i < 24; i++) {
    const c = await desk.owner.customer.create({ name: `顾客${String(i).padStart(2, '0')}`, city: i % 3 ? '上海' : '杭州', identities: [{ kind: 'mobile', value: `1390000${String(i).padStart(4, '0')}` }] })
    if (i < 6) await desk.owner.order.put({ source: 'shop', number: `n-${i}`, customer_id: c.id, at: '2026-03-01T02:00:00Z', lines: [{ product_code: 'a', quantity_milli: 1000, price_micro: (i + 1) * 10_000_000 }] })
    if (i < 3) await desk.owner.customer.assignTags({ id: c.id, add: [tag.id] })
  }
  await open()
  await heading('25 位客户')
  await page.keyboard.press('f')
  const drawer = page.getByRole('dialog', { name: '筛选' })
  await drawer.getByRole('button', { name: '添加条件', exact: true }).click()
  await choose('第 1 个条件 条件项', '城市')
  await drawer.getByRole('textbox', { name: '第 1 个条件 取值' }).fill('上海')
  await page.keyboard.press('Enter')
  await drawer.getByText('16 位客户').waitFor()
  await drawer.getByRole('button', { name: '添加条件', exact: true }).click()
  await choose('第 2 个条件 条件项', '消费金额')
  await drawer.getByLabel('第 2 个条件 取值').fill('30')
  await page.keyboard.press('Tab')
  await drawer.getByText('3 位客户').waitFor()
  await look(page)
  await picture(page, 'customers-filter-zh-light')
  await drawer.getByRole('button', { name: '应用' }).click()
  await heading('3 位客户符合条件')
  await page.getByText('城市 是 上海').waitFor()
  await page.getByText('消费金额 ≥ ¥30.00').waitFor()
  assert.deepEqual(JSON.parse(new URL(page.url()).searchParams.get('condition')), { all: [{ attr: 'city', in: ['上海'] }, { order: 'amount', gte: 3000 }] })

  await page.reload()
  await heading('3 位客户符合条件')
  await eventually(async () => (await rows().count()) === 3, 'three rows')
  await page.getByRole('button', { name: '去掉条件：城市 是 上海' }).click()
  await heading('4 位客户符合条件')
  await page.getByRole('button', { name: '消费金额', exact: true }).click()
  await eventually(async () => (await rows().first().innerText()).includes('顾客05'))
  await page.getByText('此排序只列出下过单的客户').waitFor()

  await page.getByRole('button', { name: '保存为视图' }).click()
  await page.getByRole('dialog').getByLabel('视图名称').fill('花得多')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: '花得多' }).waitFor()
  await page.getByRole('button', { name: '全部客户' }).click()
  await heading('25 位客户')
  await page.getByRole('button', { name: '花得多' }).click()
  await heading('4 位客户符合条件')
  const [view] = (await desk.owner.view.list()).items
  assert.deepEqual([view.name, view.condition, view.options], ['花得多', { order: 'amount', gte: 3000 }, { sort: 'amount' }])

  await page.getByRole('button', { name: '清除筛选' }).click()
  await page.keyboard.press('/')
  await page.keyboard.type('13900000007')
  await heading('1 位客户符合条件')
  await rows().filter({ hasText: '顾客07' }).waitFor()
  await page.getByLabel('姓名、手机号、会员号').fill('没有这个人')
  await page.getByText('没有符合条件的结果').waitFor()
})

test('what the API set in another way is kept, and shown as a line', async () => {
  const who = { all: [{ not: { all: [{ attr: 'city', eq: '上海' }, { order: 'count', within: '12h', gte: 1 }] } }, { tag: tag.id, is: true }] }
  await open({ path: `/customers?condition=${encodeURIComponent(JSON.stringify(who))}` })
  await page.getByText('标签 有任一 清甜').waitFor()
  await page.keyboard.press('f')
  await page.getByRole('dialog', { name: '筛选' }).getByText('由接口设置的条件').first().waitFor()
  await page.getByRole('dialog').getByRole('button', { name: '应用' }).click()
  assert.deepEqual(JSON.parse(new URL(page.url()).searchParams.get('condition')), who)
})

test('tags for those chosen, and for all that match; undone', async () => {
  const has = async () => (await desk.owner.customer.count({ condition: { tag: tag.id, is: true } })).count
  await open()
  await rows().first().focus()
  await page.keyboard.press(' ')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press(' ')
  await page.getByRole('button', { name: '打标签', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: '给 2 位客户打标签' })
  await dialog.getByRole('combobox', { name: '要打上的标签' }).click()
  await page.getByRole('option', { name: '清甜' }).click()
  await page.keyboard.press('Control+Enter')
  await page.getByText('2 位客户的标签已更新').waitFor()
  assert.equal(await has(), 5)
  await page.getByRole('button', { name: '撤销' }).click()
  await page.getByText('已撤销').waitFor()
  assert.equal(await has(), 3)

  await page.goto(`/customers?condition=${encodeURIComponent('{"attr":"city","in":["杭州"]}')}`)
  await page.getByRole('button', { name: '给全部 8 位打标签' }).click()
  await page.getByRole('dialog').getByRole('combobox', { name: '要打上的标签' }).click()
  await page.getByRole('option', { name: '清甜' }).click()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: '开始' }).click()
  await page.getByText('8 位客户的标签已更新').waitFor()
  assert.equal(await has(), 10)
})

test('who may only read finds, and changes nothing; in English and dark; on a phone', async () => {
  page = await desk.open({ language: 'en', theme: 'dark' })
  await page.route('**/api/v1/me', async (route) => {
    const reply = await route.fetch()
    await route.fulfill({ response: reply, json: { ...(await reply.json()), permissions: ['customer.read'] } })
  })
  await page.goto('/customers')
  await heading('25 customers')
  await settled(page)
  assert.equal(await page.getByRole('button', { name: 'New customer' }).count(), 0)
  assert.equal(await page.getByRole('checkbox').count(), 0)
  await look(page)
  await picture(page, 'customers-en-dark')
  await page.context().close()
  await open({ phone: true })
  await look(page)
  await picture(page, 'customers-zh-light-phone')
})

test('the list cannot be loaded: said, and tried again', async () => {
  page = await desk.open()
  page.expect(503, '/customers/')
  let broken = true
  await page.route(/\/api\/v1\/customers\/(search|count)/, (route) => (broken ? route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify({ type: 'about:blank', status: 503, code: 'storage', title: '存储暂不可用，请稍后重试', request_id: 'req-42' }) }) : route.continue()))
  await page.goto('/customers')
  await page.locator('.error').getByText('存储暂不可用').waitFor()
  broken = false
  await page.locator('.error').getByRole('button', { name: '重试' }).click()
  await rows().first().waitFor()
})
