// Paths: what people did after an event and before one, as a picture and a table; who is behind a block and a band; kept, found again, taken away.
import { test, before, after, afterEach } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { look, pick, picture, questionOf, settled, startConsole } from '../lib/browser.mjs'
import { eventually } from '../lib/server.mjs'

let desk, page
before(async () => {
  desk = await startConsole({ clock: '2026-03-02T08:00:00Z' })
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
const state = (more) => `/paths?q=${encodeURIComponent(JSON.stringify({ end: 'from', match: { event: '看商品', where: [] }, among: [], by: '', levels: 4, top: 3, every: false, collapse: true, gap: '30min', people: {}, range: '7d', ...more }))}`
const figures = () => page.locator('.figures-table').first()
/** The rows of the table, as texts between bars. */
const rows = async () => (await figures().locator('tbody tr').allInnerTexts()).map((r) => r.split(/\s*\t\s*|\n/).map((s) => s.trim()).filter(Boolean).join(' | '))
const row = (...names) => figures().locator('tbody tr', { hasText: new RegExp(`^\\s*${names.join('\\s*')}`) })
const choose = (label, option) => pick(page, label, option, { exact: true })
/* Ten look at goods. Six put something into the cart; four of those pay, one of them after two hours; one asks, one shares; two leave. */
const lives = ['看看车付', '看车付', '看车付', '看车……付', '看车', '看车', '看问', '看分', '看', '看']
const names = { 看: '看商品', 车: '加购', 付: '付款', 问: '咨询', 分: '分享' }

async function live() {
  const { write_key } = await desk.owner.source.create({ name: '小程序', trusted: true })
  const batch = lives.flatMap((life, who) => {
    let minute = who * 20
    return [...life].flatMap((step, at) => {
      minute += step === '…' ? 60 : 1
      if (step === '…') return []
      const properties = step === '车' ? { kind: who < 3 ? '床品' : '内衣' } : {}
      return [{ type: 'track', messageId: `m-${who}-${at}`, userId: `u-${who}`, event: names[step], properties, timestamp: new Date(Date.parse('2026-03-02T02:00:00Z') + minute * 60_000).toISOString() }]
    })
  })
  const r = await fetch(`${desk.server.url}/v1/batch`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${write_key}:`)}` }, body: JSON.stringify({ batch }) })
  assert.equal(r.status, 200)
  await eventually(async () => (await desk.owner.insight.events()).items.find((e) => e.name === '看商品')?.facts === 11, 'the events in the index')
}

test('an empty shop is told where events come from; an event there is none of is named', async () => {
  await opened('/paths')
  await page.getByText('还没有可以分析的事件').waitFor()
  await look(page)
  await picture(page, 'paths-empty-zh-light')
  await live()
  await page.context().close()
  await opened('/paths')
  await page.getByText('没有“下单”这种事件').waitFor()
  await look(page)
  await page.context().close()
  await opened(state({ range: '2026-01-01..2026-01-31' }))
  await page.getByText('这段时间里没有人做过“看商品”').waitFor()
})

test('from an event on: each step with where it goes, who ends, the rest as one', async () => {
  await opened(state({}))
  await eventually(async () => (await rows()).length > 0, 'the table')
  assert.deepEqual(await rows(), [
    '起点 | 看商品 | 合计 | 10 | 100%',
    '起点 | 看商品 | 加购 | 6 | 60% | 60%',
    '起点 | 看商品 | 分享 | 1 | 10% | 10%',
    '起点 | 看商品 | 咨询 | 1 | 10% | 10%',
    '起点 | 看商品 | 到此为止 | 2 | 20% | 20%',
    '第 2 步 | 加购 | 合计 | 6 | 60%',
    '第 2 步 | 加购 | 付款 | 3 | 50% | 30%',
    '第 2 步 | 加购 | 到此为止 | 3 | 50% | 30%',
    '第 2 步 | 分享 | 合计 | 1 | 10%',
    '第 2 步 | 分享 | 到此为止 | 1 | 100% | 10%',
    '第 2 步 | 咨询 | 合计 | 1 | 10%',
    '第 2 步 | 咨询 | 到此为止 | 1 | 100% | 10%',
    '第 3 步 | 付款 | 合计 | 3 | 30%',
    '第 3 步 | 付款 | 到此为止 | 3 | 100% | 30%',
  ])
  await page.getByText('做“看商品”，之后一步步做了什么', { exact: false }).waitFor()
  await page.getByRole('img', { name: /路径图，3 步，共 10 条路径，第 2 步最多的是“加购”（60%）/ }).waitFor()
  await page.locator('canvas').waitFor()
  await look(page)
  await picture(page, 'paths-zh-light')
  await page.context().close()
  // Only the largest by name; whatever the pause; repeats are steps. (Of some events: nobody's profile has a part in it.)
  await opened(state({ among: ['加购', '付款', '咨询', '分享'] }))
  await page.getByLabel('每步列出几种').fill('1')
  await page.keyboard.press('Tab')
  await row('起点', '看商品', '其他').waitFor()
  assert.equal((await row('起点', '看商品', '其他').innerText()).match(/\d+/)[0], '2')
  await eventually(async () => asked()?.top === 1, 'the address')
  await choose('间隔', '不限间隔')
  await eventually(async () => /\s4\s/.test(await row('第 2 步', '加购', '付款').innerText()), 'who paid later')
  await page.getByText('连续重复的算一步', { exact: true }).click()
  await row('起点', '看商品', '其他').getByText('3', { exact: true }).waitFor()
  await eventually(async () => asked()?.collapse === false, 'the address')
  await page.goBack()
  await row('起点', '看商品', '其他').getByText('2', { exact: true }).waitFor()
})

test('up to an event, told apart by a property, of some events only', async () => {
  await opened(state({ end: 'to', match: { event: '付款', where: [] }, among: ['看商品'] }))
  await row('终点', '付款', '看商品').getByText('3', { exact: true }).waitFor()
  await row('终点', '付款', '从这里开始').getByText('1', { exact: true }).waitFor()
  await choose('事件范围', '加购')
  await page.keyboard.press('Escape')
  await row('终点', '付款', '加购').getByText('3', { exact: true }).waitFor()
  await row('倒数第 3 步', '看商品', '从这里开始').getByText('3', { exact: true }).waitFor()
  await page.locator('canvas').waitFor()
  await settled(page)
  await picture(page, 'paths-to-zh-light')
  await choose('同一事件按什么分开', '按类型分开')
  await row('倒数第 2 步', '加购 · 床品', '看商品').getByText('3', { exact: true }).waitFor()
  await eventually(async () => asked()?.among.join() === '看商品,加购' && asked().by === 'kind', 'the address')
  await look(page)
})

test('behind a block, a band and an end are their people, who are kept as a segment', async () => {
  await opened(state({}))
  for (const [names_, title, count] of [[['第 2 步', '加购', '合计'], '第 2 步：加购', '6 人'], [['第 2 步', '加购', '付款'], '加购 → 付款', '3 人'], [['起点', '看商品', '到此为止'], '看商品：到此为止', '2 人']]) {
    await row(...names_).getByRole('button').click()
    await page.getByRole('dialog', { name: title }).getByText(count, { exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: title }).waitFor({ state: 'hidden' })
  }
  // A press on the picture: the block of the second column, at its top.
  const canvas = page.locator('canvas').first()
  const { width } = await canvas.boundingBox()
  await canvas.click({ position: { x: width / 4 + 8, y: 60 } })
  const drawer = page.getByRole('dialog', { name: '第 2 步：加购' })
  await drawer.getByText('6 人', { exact: true }).waitFor()
  await drawer.getByRole('button', { name: '存为分群' }).click()
  await page.getByLabel('分群名称').fill('看了就加购')
  await page.keyboard.press('Enter')
  await eventually(() => /\/segments\/\d+$/.test(new URL(page.url()).pathname), 'the segment')
  const [segment] = (await desk.owner.segment.list({ q: '看了就加购' })).items
  assert.deepEqual([segment.kind, segment.people], ['list', 6])
})

test('saved, found among the reports by its kind, opened again; the table and the picture as files', async () => {
  await opened(state({ top: 2 }))
  await page.getByRole('button', { name: '保存报表' }).click()
  await page.getByRole('dialog').getByLabel('报表名称').fill('看完之后')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '看完之后', level: 1 }).waitFor()
  const [saved] = (await desk.owner.report.list()).items
  assert.deepEqual([saved.kind, saved.query.from, saved.query.top], ['paths', { event: '看商品' }, 2])
  await page.context().close()
  await opened('/reports')
  await page.getByRole('row', { name: /看完之后.*路径/ }).waitFor()
  await page.getByRole('link', { name: '看完之后' }).click()
  await row('起点', '看商品', '其他').waitFor()
  await page.locator('canvas').waitFor()
  for (const [item, name] of [['表格（CSV）', '看完之后.csv'], ['图（PNG）', '看完之后.png']]) {
    await page.getByRole('button', { name: '导出', exact: true }).click()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: item }).click()])
    assert.equal(download.suggestedFilename(), name)
    const bytes = fs.readFileSync(await download.path())
    if (name.endsWith('csv')) assert.equal(bytes.toString().split('\r\n')[2], '起点,看商品,加购,6,0.6,0.6')
    else assert.equal(bytes.subarray(1, 4).toString(), 'PNG')
  }
  // On the dashboard it stands small.
  await desk.owner.reportPin.create({ report_id: saved.id })
  await page.context().close()
  await opened('/')
  const tile = page.getByRole('article', { name: '看完之后' })
  await tile.scrollIntoViewIfNeeded()
  await tile.locator('canvas').waitFor()
  await tile.getByRole('img', { name: /^看完之后: 人数 10，之后还做了别的 80%/ }).waitFor()
  await look(page)
  await picture(page, 'paths-tile-zh-light')
})

test('ten steps on a desk and on a telephone: the picture is scrolled, not the page', async () => {
  const long = state({ levels: 10, gap: '', collapse: false, every: true, top: 8 })
  for (const [language, theme, phone] of [['en', 'dark', false], ['zh', 'light', true], ['en', 'dark', true]]) {
    await opened(long, { language, theme, phone })
    await page.locator('canvas').waitFor()
    await look(page)
    await picture(page, `paths-long-${language}-${theme}${phone ? '-phone' : ''}`)
    const scroller = page.getByRole('region', { name: language === 'zh' ? '路径图，可左右滚动' : 'The paths; scroll sideways' })
    if (phone) assert.ok(await scroller.evaluate((el) => el.scrollWidth > el.clientWidth + 100))
    await scroller.focus() // by keyboard
    await page.context().close()
  }
})
