// Rules of tags, stages of the life cycle and custom fields, as a person sets them up.
import { test, before, after, afterEach } from 'node:test'
import assert from 'node:assert/strict'
import { look, pick, picture, settled, startConsole } from '../lib/browser.mjs'
import { eventually } from '../lib/server.mjs'

let desk, page, tag
before(async () => {
  desk = await startConsole()
  const { owner } = desk
  const group = await owner.tagGroup.create({ name: '消费', color: '#b3386b' })
  tag = await owner.tag.create({ group_id: group.id, name: '老客' })
  for (let i = 0; i < 6; i++) {
    const c = await owner.customer.create({ name: `顾客${i}`, city: i % 2 ? '上海' : '杭州' })
    for (let n = 0; n < i; n++) await owner.order.put({ source: 'shop', number: `${i}-${n}`, customer_id: c.id, at: '2026-03-01T02:00:00Z', lines: [{ product_code: 'a', quantity_milli: 1000, price_micro: 10_000_000 }] })
  }
})
afterEach(async () => {
  await page?.context().close()
  page = null
})
after(() => desk.stop())

const open = async (path, options = {}) => {
  page = await desk.open({ path, ...options })
  await page.getByRole('heading', { level: 1 }).waitFor()
  await settled(page)
}
const choose = (label, option) => pick(page, label, option, { exact: true })

test('a rule is made with a preview, works, says why, and is stopped', async () => {
  await open('/rules')
  await page.getByText('还没有规则').waitFor()
  await look(page)
  await page.keyboard.press('n')
  const drawer = page.getByRole('dialog', { name: '新建规则' })
  await drawer.waitFor()
  await drawer.getByRole('button', { name: '保存' }).click()
  await drawer.getByText('请至少添加一个条件').waitFor()
  await choose('标签', '老客')
  await drawer.getByRole('button', { name: '添加条件', exact: true }).click()
  await choose('第 1 个条件 条件项', '订单数')
  await drawer.getByLabel('第 1 个条件 取值').fill('3')
  await page.keyboard.press('Tab')
  await drawer.getByText('3 位会打上').waitFor()
  await drawer.getByRole('link', { name: '顾客5' }).waitFor()
  await look(page)
  await picture(page, 'rules-new-zh-light')
  await drawer.getByRole('button', { name: '保存' }).click()
  await page.getByText('订单数 ≥ 3').waitFor()
  const has = async () => (await desk.owner.customer.count({ condition: { tag: tag.id, is: true } })).count
  await eventually(async () => (await has()) === 3, 'the tag')
  await settled(page)

  await page.getByText('订单数 ≥ 3').click()
  await page.getByRole('dialog').getByText('执行记录').click()
  await page.getByRole('link', { name: '顾客5' }).waitFor()
  await page.getByText('当时：5').waitFor()
  await look(page)
  await picture(page, 'rules-log-zh-light')
  await page.keyboard.press('Escape')
  await page.locator('tbody .el-switch').click()
  await page.getByText('已停用“老客”的规则').waitFor()
  assert.equal((await desk.owner.tagRule.get({ id: tag.id })).active, false)
  await page.getByRole('button', { name: '撤销' }).click()
  await eventually(async () => (await desk.owner.tagRule.get({ id: tag.id })).active)
})

test('a rule is deleted, and its tags are kept or taken as one chooses', async () => {
  const { owner } = desk
  const taken = await owner.tag.create({ group_id: tag.group_id, name: '上海人' })
  await owner.tagRule.put({ id: taken.id, condition: { attr: 'city', eq: '上海' }, active: true })
  const people = async (id) => (await owner.customer.count({ condition: { tag: id, is: true } })).count
  await eventually(async () => (await people(taken.id)) === 3 && (await people(tag.id)) === 3, 'the tags')
  await open('/rules')
  const dialog = (name) => page.getByRole('dialog', { name: `删除“${name}”的规则` })
  const begin = async (name) => {
    await page.getByRole('row', { name }).click()
    await page.getByRole('dialog').getByRole('button', { name: '删除规则' }).click()
    await dialog(name).getByText('现有 3 位客户').waitFor()
  }
  await begin('上海人')
  await dialog('上海人').getByRole('button', { name: '删除规则' }).click()
  await dialog('上海人').getByText('请选择这些标签怎么办').waitFor()
  await look(page)
  await picture(page, 'rules-remove-zh-light')
  await dialog('上海人').getByText('去掉', { exact: true }).click()
  await dialog('上海人').getByRole('button', { name: '删除规则' }).click()
  await page.getByText('已删除“上海人”的规则，正在去掉 3 位客户的标签').waitFor()
  await page.getByRole('row', { name: '上海人' }).waitFor({ state: 'detached' })
  await begin('老客')
  await dialog('老客').getByText('保留', { exact: true }).click()
  await dialog('老客').getByRole('button', { name: '删除规则' }).click()
  await page.getByText('还没有规则').waitFor()
  await eventually(async () => (await people(taken.id)) === 0, 'taken away')
  assert.equal(await people(tag.id), 3)
  await page.reload()
  await page.getByText('还没有规则').waitFor()
})

test('rules of presets are read in words', async () => {
  for (const { key } of (await desk.owner.tagPreset.list()).items) await desk.owner.tagPreset.install({ key })
  await open('/rules', { language: 'en', theme: 'dark' })
  await page.getByLabel('Search tags and conditions').fill('last 90')
  await page.getByText('Orders ≥ 3 (last 90 days)').waitFor()
  await page.getByLabel('Search tags and conditions').fill('set by the API')
  await page.locator('.empty').waitFor()
  assert.equal(await page.locator('tbody tr[data-index]').count(), 0)
  await page.getByLabel('Search tags and conditions').fill('')
  await page.locator('tbody tr[data-index]').first().waitFor()
  assert.equal(await page.getByText('set by the API').count(), 0)
  await look(page)
  await picture(page, 'rules-en-dark')
})

test('stages: in order, moved and moved back, one made, its people behind the figure', async () => {
  await open('/stages')
  await look(page)
  await picture(page, 'stages-zh-light')
  const names = async () => (await page.locator('.stages li .name').allInnerTexts()).map((s) => s.trim())
  const before = await names()
  await page.getByRole('button', { name: `“${before[0]}”后移` }).click()
  await eventually(async () => (await names())[1] === before[0], 'the new order')
  let arrive // what conditions may speak of comes anew after each change; this time while one is being written
  const late = new Promise((resolve) => { arrive = resolve })
  await page.route('**/api/v1/attributes', (route) => late.then(() => route.continue()))
  await page.getByRole('button', { name: '撤销' }).click()
  await eventually(async () => JSON.stringify(await names()) === JSON.stringify(before), 'the old order')
  await page.getByRole('button', { name: '新建阶段' }).click()
  const drawer = page.getByRole('dialog', { name: '新建阶段' })
  await drawer.getByLabel('名称', { exact: true }).fill('忠实')
  await drawer.getByLabel('英文名称').fill('Loyal')
  await drawer.getByLabel('标识').fill('loyal')
  await drawer.getByRole('button', { name: '添加条件', exact: true }).click()
  await choose('第 1 个条件 条件项', '订单数')
  const came = page.waitForResponse('**/api/v1/attributes')
  arrive()
  await came
  await page.unrouteAll({ behavior: 'wait' })
  await settled(page)
  await drawer.getByLabel('第 1 个条件 取值').fill('5')
  await page.keyboard.press('Tab')
  await look(page)
  await drawer.getByRole('button', { name: '保存' }).click()
  await eventually(async () => (await desk.owner.stage.list()).items.find((s) => s.key === 'loyal')?.people === 1, 'somebody loyal')
  await page.reload()
  await page.locator('.stages li', { hasText: '忠实' }).getByRole('link', { name: '1 位客户' }).click()
  await page.getByText('1 位客户符合条件').waitFor()
  await page.getByText('生命周期 是 忠实').waitFor()
})

test('custom fields: defined, ordered, put away and taken back', async () => {
  await open('/attributes')
  await page.getByText('还没有自定义字段').waitFor()
  for (const [name, key, kind] of [['肤质', 'skin', '单选'], ['尺码', 'size', '文本']]) {
    await page.getByRole('button', { name: '新建字段' }).first().click()
    const dialog = page.getByRole('dialog', { name: '新建字段' })
    await dialog.getByLabel('名称', { exact: true }).fill(name)
    if (kind !== '文本') {
      await choose('类型', kind)
      for (const c of ['干性', '油性']) {
        await dialog.getByRole('textbox', { name: '选项' }).fill(c)
        await page.keyboard.press('Enter')
      }
    }
    await dialog.getByLabel('标识').fill(key)
    await dialog.getByRole('button', { name: '保存' }).click()
    await dialog.waitFor({ state: 'detached' })
  }
  const keys = async () => (await desk.owner.attribute.list()).items.sort((a, b) => a.sort - b.sort).map((a) => a.key)
  assert.deepEqual(await keys(), ['skin', 'size'])
  assert.deepEqual((await desk.owner.attribute.list()).items.find((a) => a.key === 'skin').choices, ['干性', '油性'])
  await settled(page)
  await look(page)
  await picture(page, 'attributes-zh-light')
  await page.getByRole('button', { name: '“尺码”前移' }).click()
  await page.getByText('已调整顺序').waitFor()
  assert.deepEqual(await keys(), ['size', 'skin'])
  await page.locator('tr', { hasText: '尺码' }).getByRole('button', { name: '停用' }).click()
  await page.getByText('已停用“尺码”').waitFor()
  await page.locator('.toast', { hasText: '已停用' }).getByRole('button', { name: '撤销' }).click()
  await page.locator('tr', { hasText: '尺码' }).waitFor()
})

test('who may only read changes nothing, and a phone is wide enough', async () => {
  page = await desk.open({ phone: true })
  await page.route('**/api/v1/me', async (route) => {
    const reply = await route.fetch()
    await route.fulfill({ response: reply, json: { ...(await reply.json()), permissions: ['customer.read'] } })
  })
  for (const path of ['/rules', '/stages', '/attributes']) {
    await page.goto(path)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await settled(page)
    assert.equal(await page.getByRole('button', { name: /^(新建|编辑|停用)/ }).count(), 0, path)
    assert.equal(await page.getByRole('switch').count(), 0, path)
    await look(page)
    await picture(page, `${path.slice(1)}-zh-light-phone`)
  }
})
