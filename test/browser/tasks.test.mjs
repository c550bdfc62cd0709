// Tasks, care rules and live events, as whoever looks after customers uses them.
import { test, before, after, afterEach } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { look, picture, settled, startConsole } from '../lib/browser.mjs'
import { eventually } from '../lib/server.mjs'

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

test('a task is planned, done with one click, and taken back', async () => {
  await opened('/tasks')
  await page.getByText('都处理完了').waitFor()
  await look(page)
  await page.keyboard.press('n')
  const dialog = page.getByRole('dialog', { name: '新建待办' })
  await dialog.getByLabel('做什么').press('Control+Enter')
  await dialog.getByText('请写下要做什么').waitFor()
  await dialog.getByLabel('做什么').fill('回访')
  await page.keyboard.press('Control+Enter')
  const done = page.getByRole('button', { name: '完成“回访”' })
  await done.waitFor()
  await settled(page)
  await look(page)
  await picture(page, 'tasks-zh-light')
  await done.click()
  await done.waitFor({ state: 'detached' })
  assert.equal((await desk.owner.task.list({ state: 'done' })).items.length, 1)
  await page.getByRole('button', { name: '撤销' }).click()
  await done.waitFor()
  await page.getByRole('button', { name: '查看“回访”' }).click()
  await page.getByLabel('留言').fill('打过电话')
  await page.keyboard.press('Enter')
  await page.getByText('打过电话').waitFor()
  const [task] = (await desk.owner.task.list({})).items
  assert.equal((await desk.owner.task.comments({ id: task.id })).items[0].text, '打过电话')
})

test('the tasks that are shown go out as a sheet', async () => {
  await desk.owner.task.create({ what: '寄样品', due_at: '2026-03-05T02:00:00Z' })
  await opened('/tasks?scope=all')
  await page.getByRole('button', { name: '导出' }).click()
  const drawer = page.getByRole('dialog')
  await drawer.getByText('截止时间', { exact: true }).waitFor()
  assert.deepEqual(await drawer.getByRole('radio', { checked: true }).evaluateAll((all) => all.map((r) => r.value)), ['tasks', 'xlsx', 'open'])
  for (const state of ['全部', '未完成', '已完成', '已取消']) await drawer.getByText(state, { exact: true }).waitFor()
  await look(page)
  await picture(page, 'tasks-export-zh-light')
  await drawer.getByText('CSV（任何软件都能打开）').click()
  await drawer.getByRole('button', { name: '开始导出' }).click()
  const link = page.getByRole('link', { name: '下载' })
  await link.waitFor()
  const [file] = await Promise.all([page.waitForEvent('download'), link.click()])
  assert.match(fs.readFileSync(await file.path(), 'utf8'), /寄样品/)
})

test('a usual care rule in one click, tried, changed, off', async () => {
  await opened('/care-rules')
  await page.getByRole('button', { name: '启用 生日关怀' }).click()
  await page.getByText('已启用“生日关怀”').waitFor()
  await settled(page)
  await look(page)
  await picture(page, 'care-zh-light')
  await page.getByRole('button', { name: '编辑“生日关怀”' }).click()
  const drawer = page.getByRole('dialog', { name: '编辑规则' })
  await drawer.getByRole('button', { name: '试算' }).click()
  await drawer.getByText('现在启用：立即产生 0 条').waitFor()
  await drawer.getByLabel('名称').fill('生日祝福')
  await page.keyboard.press('Control+Enter')
  await drawer.waitFor({ state: 'hidden' })
  await page.locator('.el-switch').click()
  await eventually(async () => !(await desk.owner.careRule.list()).items[0].active, 'the rule is off')
})

test('events come while they are written, stop when held, and follow', async () => {
  await opened('/events')
  await page.getByText('实时', { exact: true }).waitFor()
  await desk.owner.customer.create({ name: '第一位' })
  await page.getByRole('button', { name: /新客户.*第一位/ }).waitFor()
  await look(page)
  await picture(page, 'events-zh-light')
  await page.getByRole('button', { name: '暂停' }).click()
  await desk.owner.customer.create({ name: '第二位' })
  assert.equal(await page.getByText('第二位').count(), 0)
  await page.getByRole('button', { name: '继续' }).click()
  await page.getByRole('button', { name: /新客户.*第二位/ }).click()
  await page.getByRole('button', { name: '只看此人' }).click()
  await eventually(() => new URL(page.url()).searchParams.get('customer'), 'the person in the address')
  await page.getByRole('button', { name: /第一位/ }).first().waitFor({ state: 'detached' })
})
