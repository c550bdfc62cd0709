// A sheet of customers from the disk to the report, and out again.
import { test, before, after, afterEach } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { look, picture, settled, startConsole } from '../lib/browser.mjs'

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
const rows = Array.from({ length: 40 }, (_, i) => `M${i},139${String(10000000 + i)},客人${i},1990-01-02,x`)
rows[7] = 'M7,123,坏号码,1990-01-02,x'

test('dropped, looked at, tried, imported; what was refused is downloaded', async () => {
  await opened('/imports')
  await look(page)
  await picture(page, 'imports-empty-zh-light')
  await page.setInputFiles('input[type=file]', { name: '会员.csv', mimeType: 'text/csv', buffer: Buffer.from(`会员号,手机号,姓名,生日,没用\n${rows.join('\n')}`) })
  await page.getByRole('heading', { name: '对应关系' }).waitFor()
  await page.getByText('客人0', { exact: true }).waitFor()
  await settled(page)
  await look(page)
  await picture(page, 'imports-columns-zh-light')
  await page.getByRole('button', { name: '试跑' }).click()
  await page.getByRole('heading', { name: /试跑结果/ }).waitFor()
  assert.equal((await desk.owner.customer.search({})).items.length, 0, 'nothing is written')
  await page.getByRole('button', { name: '开始导入' }).click()
  await page.getByRole('heading', { name: /导入结果/ }).waitFor()
  await settled(page)
  await look(page)
  await picture(page, 'imports-done-zh-light')
  assert.equal((await desk.owner.customer.search({ limit: 200 })).items.length, 39)
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '下载被拒绝的行' }).click()])
  assert.match(fs.readFileSync(await file.path(), 'utf8'), /坏号码/)
})

test('customers go out again as a sheet', async () => {
  await opened('/exports')
  await look(page)
  await page.getByRole('button', { name: '新建导出' }).first().click()
  await page.getByRole('dialog').getByText('姓名', { exact: true }).waitFor()
  await page.getByText('CSV（任何软件都能打开）').click()
  await page.getByRole('button', { name: '开始导出' }).click()
  const link = page.getByRole('link', { name: '下载' })
  await link.waitFor()
  await settled(page)
  await look(page)
  await picture(page, 'exports-zh-light')
  const [file] = await Promise.all([page.waitForEvent('download'), link.click()])
  assert.match(fs.readFileSync(await file.path(), 'utf8'), /客人1/)
})
