// One customer: seen, changed, joined, told and erased.
import { test, before, after, afterEach } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { look, picture, settled, startConsole, unfold } from '../lib/browser.mjs'
import { eventually } from '../lib/server.mjs'

let desk, page, person, tag
before(async () => {
  desk = await startConsole()
  const { owner } = desk
  const group = await owner.tagGroup.create({ name: '口味', color: '#b3386b' })
  tag = await owner.tag.create({ group_id: group.id, name: '清甜' })
  await owner.attribute.create({ key: 'skin', name: '肤质', type: 'choice', choices: ['干性', '油性'] })
  await owner.attribute.create({ key: 'budget', name: '预算', type: 'money' })
  person = await owner.customer.create({ name: '林黛玉', city: '苏州', address: '潇湘馆 1 号', identities: [{ kind: 'mobile', value: '13812345678', verified: true }] })
  for (let i = 0; i < 60; i++) await owner.order.put({ source: 'shop', number: `n-${i}`, customer_id: person.id, at: `2026-0${1 + (i % 2)}-${String(1 + (i % 28)).padStart(2, '0')}T02:00:00Z`, lines: [{ product_code: 'tea', product_name: '莲心茶', quantity_milli: 2000, price_micro: 19_900_000 }] })
})
afterEach(async () => {
  await page?.context().close()
  page = null
})
after(() => desk.stop())

const open = async (options = {}) => {
  page = await desk.open({ path: `/customers/${person.id}`, ...options })
  await page.getByRole('heading', { level: 1, name: '林黛玉' }).waitFor()
  await settled(page)
}

test('what happened, by kind and page after page; orders with their lines', async () => {
  await open()
  await page.getByText('首次接触').waitFor()
  assert.ok((await page.locator('.day li').count()) <= 50)
  await page.locator('.main').evaluate(() => window.scrollTo(0, document.body.scrollHeight))
  await eventually(async () => {
    await page.evaluate(() => document.querySelector('.end')?.scrollIntoView())
    return (await page.getByText('没有更早的动态了').count()) === 1
  }, 'the beginning of the timeline')
  assert.ok((await page.locator('.day li').count()) > 60)
  await page.getByText('资料', { exact: true }).last().click()
  await page.getByText('成为客户').waitFor()
  await eventually(async () => (await page.locator('.day li', { hasText: '下单' }).count()) === 0)
  await page.getByRole('tab', { name: '订单' }).click()
  await page.locator('.order').first().click()
  await page.getByRole('cell', { name: '莲心茶' }).waitFor()
  await page.getByRole('cell', { name: '¥39.80' }).waitFor()
  await look(page)
  await picture(page, 'customer-orders-zh-light')
})

test('tags, notes and consent; each can be taken back', async () => {
  const tags = async () => (await desk.owner.customer.tags({ id: person.id })).items.map((x) => x.name)
  await open()
  await page.getByRole('button', { name: '添加标签' }).click()
  await page.getByRole('combobox', { name: '添加标签' }).click()
  await page.getByRole('option', { name: '清甜' }).click()
  await page.keyboard.press('Control+Enter') // the list of tags is still open
  await page.locator('.chips').getByText('清甜').waitFor()
  assert.deepEqual(await tags(), ['清甜'])
  await page.keyboard.press('z')
  await eventually(async () => (await tags()).length === 0)

  await page.getByRole('radiogroup', { name: '短信' }).getByRole('radio', { name: '免打扰' }).click()
  await page.getByText('短信：免打扰').waitFor()
  assert.deepEqual((await desk.owner.consent.list({ id: person.id })).items.map((c) => [c.channel, c.state]), [['sms', 'refused']])

  await page.getByRole('tab', { name: '跟进备注' }).click()
  await page.getByLabel('写下跟进情况').fill('爱喝清茶，不要打电话')
  await page.keyboard.press('Control+Enter')
  await page.locator('li', { hasText: '爱喝清茶' }).getByRole('button', { name: '置顶' }).click()
  await page.locator('li.pinned', { hasText: '爱喝清茶' }).waitFor()
  await page.getByRole('button', { name: '删除备注' }).click()
  await page.getByText('还没有备注').waitFor()
  await page.locator('.toast', { hasText: '已删除备注' }).getByRole('button', { name: '撤销' }).click()
  await page.locator('li', { hasText: '爱喝清茶' }).waitFor()
  await look(page)
})

test('the profile with fields of the brand is changed, and the change undone', async () => {
  await open()
  await page.getByRole('button', { name: '编辑资料' }).click()
  const drawer = page.getByRole('dialog', { name: '编辑资料' })
  await drawer.getByLabel('城市').fill('姑苏')
  await unfold(drawer, '肤质')
  await page.getByRole('option', { name: '干性' }).click()
  await drawer.getByLabel('预算').fill('88.5')
  await look(page)
  await picture(page, 'customer-edit-zh-light')
  await drawer.getByRole('button', { name: '保存' }).click()
  await page.locator('dd', { hasText: '姑苏' }).waitFor()
  const after = await desk.owner.customer.get({ id: person.id })
  assert.deepEqual([after.city, after.attrs], ['姑苏', { skin: '干性', budget: 8850 }])
  await page.getByRole('button', { name: '撤销' }).click()
  await page.locator('dd', { hasText: '苏州' }).waitFor()
  assert.deepEqual((await desk.owner.customer.get({ id: person.id })).attrs, {})
})

test('private data is masked until somebody looks, which is written down', async () => {
  await open()
  await page.getByText('138****5678').waitFor()
  await page.getByRole('button', { name: '显示隐私信息' }).click()
  await page.getByText('13812345678').waitFor()
  await page.getByText('潇湘馆 1 号').waitFor()
  await eventually(async () => (await desk.owner.audit.list({})).items.some((a) => a.action === 'customer.reveal'), 'the audit row')
  await page.getByRole('button', { name: '隐藏隐私信息' }).click()
  await page.getByText('138****5678').waitFor()
})

test('another record is joined in, and parted again', async () => {
  const other = await desk.owner.customer.create({ name: '潇湘妃子', identities: [{ kind: 'member_no', value: 'M-9' }] })
  await open()
  await page.getByRole('button', { name: '更多' }).click()
  await page.getByRole('menuitem', { name: '合并另一位客户' }).click()
  const dialog = page.getByRole('dialog', { name: '合并到“林黛玉”' })
  await dialog.getByRole('combobox').fill('潇湘')
  await page.getByRole('option', { name: /潇湘妃子/ }).click()
  await dialog.getByRole('button', { name: '合并' }).click()
  await page.locator('.side').getByText('M-9').waitFor()
  await page.getByRole('tab', { name: '合并记录' }).click()
  await page.getByRole('tabpanel').getByText('手动合并').last().waitFor()
  await look(page)
  await page.getByRole('tabpanel').getByRole('button', { name: '撤销合并' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '撤销合并' }).click()
  await eventually(async () => (await desk.owner.customer.get({ id: other.id }).catch(() => null))?.name === '潇湘妃子')
  await page.getByRole('tabpanel').getByText('已撤销').last().waitFor()
})

test('in English and dark, on a phone, and for somebody who may only read', async () => {
  await open({ language: 'en', theme: 'dark' })
  await look(page)
  await picture(page, 'customer-en-dark')
  await page.context().close()
  await open({ phone: true })
  await look(page)
  await picture(page, 'customer-zh-light-phone')
  await page.context().close()
  page = await desk.open()
  await page.route('**/api/v1/me', async (route) => {
    const reply = await route.fetch()
    await route.fulfill({ response: reply, json: { ...(await reply.json()), permissions: ['customer.read'] } })
  })
  await page.goto(`/customers/${person.id}`)
  await page.getByRole('heading', { level: 1, name: '林黛玉' }).waitFor()
  await settled(page)
  for (const name of ['编辑资料', '显示隐私信息', '更多', '添加标签', '添加标识']) assert.equal(await page.getByRole('button', { name }).count(), 0, name)
  assert.equal(await page.getByRole('tab', { name: '订单' }).count(), 0)
})

test('a person is told everything, and erased when their name was typed; then there is nobody', async () => {
  await open()
  await page.getByRole('button', { name: '更多' }).click()
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: /导出个人数据/ }).click()])
  assert.equal(fs.readFileSync(await download.path()).subarray(0, 2).toString(), 'PK')
  await page.getByRole('button', { name: '更多' }).click()
  await page.getByRole('menuitem', { name: '删除个人信息' }).click()
  const question = page.getByRole('dialog', { name: '删除“林黛玉”的个人信息？' })
  assert.ok(await question.getByRole('button', { name: '永久删除' }).isDisabled())
  await question.getByRole('textbox').fill('林黛玉')
  await look(page)
  await picture(page, 'customer-erase-zh-light')
  await question.getByRole('button', { name: '永久删除' }).click()
  await page.getByRole('heading', { level: 1, name: '客户' }).waitFor()
  page.expect(404, '/customers/')
  await page.goto(`/customers/${person.id}`)
  await page.getByRole('alert').getByText(/没有|找不到|不存在/).first().waitFor()
})
