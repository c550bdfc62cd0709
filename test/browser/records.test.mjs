// What the house keeps of itself: the audit log, jobs, the system.
import { test, before, after, afterEach } from 'node:test'
import assert from 'node:assert/strict'
import { glance, look, picture, settled, startConsole } from '../lib/browser.mjs'
import { all, ask, eventually } from '../lib/server.mjs'

let desk, page, group
before(async () => {
  desk = await startConsole()
  group = await desk.owner.tagGroup.create({ name: '渠道' })
  await desk.owner.tagGroup.change({ id: group.id, name: '来源渠道' })
  await desk.owner.tag.create({ group_id: group.id, name: '抖音' })
})
afterEach(async () => {
  await page?.context().close()
  page = null
})
after(() => desk.stop())
const open = async (path) => {
  page = await desk.open({ path })
  await page.getByRole('heading', { level: 1 }).waitFor()
  await settled(page)
}

test('the pages, in pictures', async () => {
  await glance(desk, 'audit', '/audit')
  await glance(desk, 'jobs', '/jobs')
  await glance(desk, 'system', '/system')
})

test('what was changed stands there with before and after, and leads to the history of the same thing', async () => {
  await open('/audit')
  await page.getByRole('row', { name: /修改标签分组/ }).click()
  const drawer = page.getByRole('dialog', { name: '修改标签分组' })
  const line = drawer.getByRole('row', { name: /^名称/ })
  await line.waitFor()
  assert.deepEqual((await line.getByRole('cell').allInnerTexts()).map((s) => s.trim()), ['渠道', '来源渠道'])
  await look(page)
  await picture(page, 'audit-change-zh-light')
  await drawer.getByRole('button', { name: '只看它的记录' }).click()
  await eventually(async () => (await page.locator('tbody tr[data-index]').count()) === 2, 'only what was done to it')
  await page.reload()
  await settled(page)
  assert.equal(await page.locator('tbody tr[data-index]').count(), 2, 'the filter is in the address')
  await page.getByRole('button', { name: '清除筛选' }).click()
  await page.getByRole('row', { name: /登录/ }).first().waitFor()
  await page.goto('/audit?from=2026-03-03&to=2026-03-04')
  await page.getByText('没有符合条件的结果').waitFor()
})

test('the log is verified: whole, then with a row that somebody changed', async () => {
  await open('/audit')
  const verify = async () => {
    await page.getByRole('button', { name: '校验完整性' }).click()
    return page.getByRole('dialog', { name: '校验完整性' })
  }
  const whole = await verify()
  await whole.getByText(/条记录完好/).waitFor()
  await whole.getByRole('button', { name: '关闭' }).last().click()
  const [last] = await all(desk.owner.audit.list, { action: 'tag.create' })
  ask(desk.server, `UPDATE audit SET action = 'tag.delete' WHERE seq = ${last.id}`)
  const bad = await verify()
  await bad.getByText(`第 ${last.id} 条起不可信`).waitFor()
})

test('a recurring job is held and let go on; a dead one is tried again', async () => {
  const at = Date.now()
  const dead = Number(ask(desk.server, `INSERT INTO job (kind, payload, state, due_at, attempts, last_error, done, total, created_at, finished_at)
    VALUES ('webhook_replay', '{"webhook_id":1,"upto":10}', 'dead', ${at}, 3, 'the disk was full', 0, 0, ${at}, ${at}) RETURNING id`))
  await open('/jobs?state=dead')
  await page.getByRole('row', { name: /重新投递失败的 Webhook/ }).click()
  const drawer = page.getByRole('dialog', { name: '重新投递失败的 Webhook' })
  await drawer.getByText('the disk was full').waitFor()
  await drawer.getByRole('button', { name: '重试' }).click()
  await page.getByText('已重新开始').waitFor()
  assert.notEqual((await desk.owner.job.get({ id: dead })).state, 'dead')
  await page.keyboard.press('Escape')

  await page.goto('/jobs?kind=session_clean')
  await settled(page)
  await page.locator('tbody tr[data-index]').first().click()
  const one = page.getByRole('dialog', { name: '清理过期会话' })
  assert.equal(await one.getByRole('button', { name: '放弃' }).count(), 0)
  await one.getByRole('button', { name: '暂停' }).click()
  await one.getByText('已暂停').waitFor()
  await one.getByRole('button', { name: '继续' }).click()
  await one.getByText('等待中').waitFor()
})

test('a setting is changed where it can be: at once, after a restart, not at all; and taken back', async () => {
  await open('/system')
  const row = (name) => page.getByRole('row', { name })
  const dialog = page.getByRole('dialog')
  assert.equal(await row(/监听地址/).getByRole('button').count(), 0, 'set by the command line, and not from here')
  assert.equal(await row(/业务时区/).getByRole('button').count(), 0)
  await row(/后台任务数/).getByRole('button').click()
  await dialog.getByLabel(/后台任务数/).fill('65')
  page.expect(422, '/job_threads')
  await dialog.getByRole('button', { name: '保存' }).click()
  await dialog.getByText('应在 1 到 64 之间').waitFor()
  await look(page)
  await picture(page, 'system-setting-zh-light')
  await dialog.getByLabel(/后台任务数/).fill('4')
  await dialog.getByRole('button', { name: '保存' }).click()
  await row(/后台任务数/).getByText('重启后 4').waitFor()
  await row(/日志级别/).getByRole('button').click()
  await dialog.locator('.el-select').click()
  await page.getByRole('option', { name: 'warn' }).click()
  await dialog.getByRole('button', { name: '保存' }).click()
  await row(/日志级别.*warn.*hetang\.ini/).waitFor()
  await picture(page, 'system-changed-zh-light')
  await row(/后台任务数/).getByRole('button').click()
  await dialog.getByRole('button', { name: /恢复默认/ }).click()
  await row(/后台任务数/).getByText('重启后 4').waitFor({ state: 'detached' })
  const { settings } = await desk.owner.system.status()
  assert.deepEqual(settings.filter((s) => s.kept).map((s) => [s.name, s.value]), [['log_level', 'warn']])
})

test('the system says that it is well, and what is not as by default', async () => {
  await open('/system')
  await page.getByText('正常', { exact: true }).waitFor()
  const row = page.getByRole('row', { name: /监听地址/ })
  assert.match(await row.innerText(), /127\.0\.0\.1:0/)
  await page.route('**/readyz', (r) => r.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify({ title: '磁盘空间不足', status: 503, code: 'disk_full', request_id: 'x' }) }))
  page.expect(503, '/readyz')
  await page.getByRole('button', { name: '刷新' }).click()
  await page.getByText('磁盘空间不足').waitFor()
})
