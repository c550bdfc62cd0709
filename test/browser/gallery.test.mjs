// The components every page is made of, each in its states (web/console/gallery).
import { test, before, after, afterEach } from 'node:test'
import assert from 'node:assert/strict'
import { look, picture, startBrowser, watch } from '../lib/browser.mjs'
import { startGallery } from '../lib/gallery.mjs'
import { eventually } from '../lib/server.mjs'

let gallery, browser
const wrong = []
before(async () => {
  gallery = await startGallery()
  browser = await startBrowser()
})
after(async () => {
  await browser.close()
  await gallery.stop()
  assert.deepEqual(wrong, [])
})

const contexts = []
afterEach(async () => {
  for (const c of contexts.splice(0)) await c.close()
})
async function open({ language = 'zh', theme = 'light', path = '/' } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', permissions: ['clipboard-read', 'clipboard-write'] })
  contexts.push(context)
  await context.addInitScript(([l, t]) => {
    localStorage.setItem('hetang.language', l)
    localStorage.setItem('hetang.theme', t)
  }, [language, theme])
  const page = watch(await context.newPage(), wrong)
  await page.goto(gallery.url + path)
  await page.getByRole('heading', { name: 'DataTable' }).waitFor()
  return page
}
const text = (page, id) => page.locator(id).textContent()

test('every component can be read, named and seen, in both themes and languages', async () => {
  for (const [language, theme] of [['zh', 'light'], ['en', 'dark']]) {
    const page = await open({ language, theme })
    for (const id of ['buttons', 'states', 'chart', 'table']) {
      await page.locator(`#${id}`).scrollIntoViewIfNeeded()
      if (id === 'chart') await page.locator('#chart canvas').first().waitFor()
      await look(page, `gallery ${id} ${language} ${theme}`)
      await picture(page, `gallery-${id}-${language}-${theme}`)
    }
    await page.close()
  }
})

test('a table of 100,000 rows keeps only what is in view', async () => {
  const page = await open()
  const table = page.getByRole('grid', { name: '十万行' })
  await table.scrollIntoViewIfNeeded()
  const drawn = () => table.locator('tbody tr[data-index]').count()
  assert.ok((await drawn()) < 60, `${await drawn()} rows are drawn`)
  assert.equal(await table.getAttribute('aria-rowcount'), '100001')

  await table.locator('tr[data-index="0"]').focus()
  await page.keyboard.press('End')
  await page.locator('tr[data-index="99999"]:focus').getByText('顾客 100000', { exact: true }).waitFor()
  assert.ok((await drawn()) < 60)
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('PageDown')
  const index = Number(await page.locator('tr:focus').getAttribute('data-index'))
  assert.ok(index > 5 && index < 15, `a page further is row ${index}`)
  await page.keyboard.press('Enter')
  assert.equal(await text(page, '#opened'), `顾客 ${index + 1}`)

  // Half-way down: what is drawn is what belongs there.
  await page.locator('.scroller').first().evaluate((el) => (el.scrollTop = 50_000 * 44))
  await page.getByText('顾客 50001', { exact: true }).waitFor()
  const box = await page.getByText('顾客 50001', { exact: true }).boundingBox()
  const scroller = await page.locator('.scroller').first().boundingBox()
  assert.ok(box.y > scroller.y && box.y < scroller.y + scroller.height, 'the row is in view')
})

test('rows are chosen by key, by range and all at once', async () => {
  const page = await open()
  await page.locator('#table').scrollIntoViewIfNeeded()
  await page.locator('tr[data-index="0"]').first().focus()
  await page.keyboard.press(' ')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Shift+ ')
  assert.equal(await text(page, '#chosen'), '3')
  await page.getByRole('button', { name: '打标签' }).waitFor()
  await page.locator('tr[data-index="6"] .check .pick').first().click({ modifiers: ['Shift'] })
  assert.equal(await text(page, '#chosen'), '7')
  await page.locator('tr[data-index="0"]').first().focus()
  await page.keyboard.press('Control+a')
  assert.equal(await text(page, '#chosen'), '100000')
  await page.keyboard.press('Escape')
  assert.equal(await text(page, '#chosen'), '0')
  assert.equal(await text(page, '#opened'), '', 'choosing opens nothing')
})

test('columns are ordered, hidden, and remembered', async () => {
  const page = await open()
  const table = page.getByRole('grid', { name: '十万行' })
  const heads = () => table.locator('th[scope=col]').allInnerTexts().then((all) => all.map((s) => s.trim()).filter(Boolean))
  const orders = table.getByRole('button', { name: '订单' })
  for (const [state, kept] of [['ascending', '{"key":"orders","down":false}'], ['descending', '{"key":"orders","down":true}'], ['none', 'null']]) {
    await orders.click()
    assert.equal(await table.locator('th', { hasText: '订单' }).getAttribute('aria-sort'), state)
    assert.equal((await text(page, '#sorted')).replace(/\s/g, ''), kept)
  }
  await page.getByRole('button', { name: '显示的列' }).first().click()
  await page.locator('.columns label', { hasText: '城市' }).first().click()
  await page.locator('.columns label', { hasText: '编号' }).first().click()
  assert.deepEqual(await heads(), ['姓名', '订单', '消费', '最近一次', '编号'])
  await page.reload()
  await table.waitFor()
  assert.deepEqual(await heads(), ['姓名', '订单', '消费', '最近一次', '编号'])
  await page.getByRole('button', { name: '显示的列' }).first().click()
  await page.getByRole('button', { name: '恢复默认' }).click()
  assert.deepEqual(await heads(), ['姓名', '城市', '订单', '消费', '最近一次'])
})

test('a paged list goes on while it is scrolled; its filter lives in the address', async () => {
  const page = await open()
  const table = page.getByRole('region', { name: '分页' })
  await table.scrollIntoViewIfNeeded()
  await table.getByText('顾客 1', { exact: true }).waitFor()
  await eventually(async () => {
    await table.locator('.scroller').evaluate((el) => (el.scrollTop = el.scrollHeight))
    return (await table.getByText('顾客 1000', { exact: true }).count()) === 1
  }, 'the last page')
  await table.getByLabel('姓名').fill('99')
  await table.getByText('共 19 条').waitFor()
  await eventually(() => new URL(page.url()).searchParams.get('q') === '99', 'the address')
  await page.reload()
  await table.getByText('共 19 条').waitFor()
  await table.getByLabel('姓名').fill('没有这个人')
  await table.getByRole('button', { name: '清除筛选' }).click()
  await table.getByText('共 1,000 条').waitFor()
  assert.equal(new URL(page.url()).search, '')
})

test('messages: what happened, what to do, the number to copy; and what can be undone', async () => {
  const page = await open()
  await page.clock.install()
  await page.getByRole('button', { name: 'trouble' }).click()
  const trouble = page.locator('.toast', { hasText: '存储暂不可用' })
  await trouble.getByRole('button', { name: '复制请求编号' }).click()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'r-7f3a21')
  await page.clock.runFor(60_000)
  assert.equal(await trouble.count(), 1, 'what has a number stays until it was read')
  await trouble.getByRole('button', { name: '关闭' }).click()
  await trouble.waitFor({ state: 'detached' })

  await page.getByRole('button', { name: 'undoable' }).click()
  await page.getByRole('button', { name: '撤销' }).click()
  await page.getByText('已撤销').waitFor()
  assert.equal(await text(page, '#said'), 'undone')

  await page.getByRole('button', { name: 'removal' }).click()
  await page.locator('#shown').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: '撤销' }).click()
  await page.locator('#shown').waitFor()
  assert.equal(await text(page, '#said'), 'undone', 'nothing was done')

  await page.getByRole('button', { name: 'removal' }).click()
  await page.locator('#shown').waitFor({ state: 'detached' })
  await page.locator('.toast', { hasText: '已删除' }).waitFor()
  await page.mouse.move(5, 5)
  await page.clock.runFor(9000)
  await eventually(async () => (await text(page, '#said')) === 'committed', 'the removal')
})

test('a dangerous question is answered by its word, and the safe answer has the focus without one', async () => {
  const page = await open()
  await page.getByRole('button', { name: 'confirm' }).click()
  const dialog = page.getByRole('dialog', { name: '删除“渠道”？' })
  const yes = dialog.getByRole('button', { name: '删除' })
  assert.ok(await yes.isDisabled())
  await dialog.getByRole('textbox').fill('渠道')
  await look(page, 'question')
  await picture(page, 'gallery-question-zh-light')
  await yes.click()
  await eventually(async () => (await text(page, '#said')) === 'yes')
  await page.getByRole('button', { name: 'confirm' }).click()
  await dialog.waitFor()
  await page.keyboard.press('Escape')
  await eventually(async () => (await text(page, '#said')) === 'no')
})

for (const kind of ['dialog', 'drawer'])
  test(`a form in a ${kind}: refused where it is wrong, sent by key, asked before it is thrown away`, async () => {
    const page = await open()
    await page.getByRole('button', { name: kind }).click()
    const dialog = page.getByRole('dialog', { name: '新建标签' })
    const name = dialog.getByLabel('名称')
    await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT')
    await page.keyboard.press('Control+Enter')
    await dialog.getByText('请填写名称').waitFor()
    assert.equal(await name.getAttribute('aria-invalid'), 'true')
    assert.equal(await text(page, '#sent'), '')
    await look(page, `${kind} refused`)
    await picture(page, `gallery-${kind}-zh-light`)

    await name.fill('重复')
    assert.equal(await dialog.getByText('请填写名称').count(), 0, 'what is being mended is no longer wrong')
    await page.keyboard.press('Control+Enter')
    await dialog.getByText('“重复”已被使用').waitFor()

    await name.fill('故障')
    await page.keyboard.press('Enter')
    await dialog.getByRole('alert').getByText('r-2').waitFor()

    // Not answered: the same content is the same request, another content another.
    await name.fill('断网')
    await page.keyboard.press('Control+Enter')
    await dialog.getByText('连不上荷塘').waitFor()
    await page.keyboard.press('Control+Enter')
    await eventually(async () => (await text(page, '#sent')).split('\n').length === 4)
    await page.waitForFunction(() => !document.querySelector('[role=dialog] .is-loading'))
    const keys = (await text(page, '#sent')).split('\n').map((s) => s.split(' '))
    assert.equal(keys[2][1], keys[3][1])
    assert.notEqual(keys[0][1], keys[1][1])

    await page.keyboard.press('Escape')
    const question = page.getByRole('dialog', { name: '放弃未保存的修改？' })
    await question.getByRole('button', { name: '继续编辑' }).click()
    await question.waitFor({ state: 'hidden' })
    await name.fill('好')
    await dialog.getByRole('button', { name: '保存' }).click()
    await dialog.waitFor({ state: 'hidden' })
    assert.notEqual((await text(page, '#sent')).split('\n').at(-1).split(' ')[1], keys[3][1])
  })

test('a job: waiting, running, done; asked until it ends', async () => {
  gallery.job = { state: 'waiting', done: 0, total: 0 }
  const page = await open()
  const job = page.locator('#job')
  await job.getByText('排队中').waitFor()
  gallery.job = { state: 'running', done: 1234, total: 5000 }
  await job.getByText('1,234 / 5,000 · 24%').waitFor()
  assert.equal(await job.getByRole('progressbar').getAttribute('aria-valuenow'), '24')
  gallery.job = { state: 'failed', done: 1234, total: 5000, message: '第 1235 行：金额不是数字' }
  await job.getByText('第 1235 行').waitFor()
  assert.equal(await text(page, '#ended'), 'failed')
})

test('events arrive, stop when paused, and come back when the server does', async () => {
  const page = await open()
  const state = (s) => eventually(async () => (await text(page, '#live-state')) === s, `the state ${s}`)
  const got = (re) => eventually(async () => re.test(await text(page, '#live-got')), `${re}`)
  await state('open')
  await eventually(() => gallery.streams.size > 0)
  gallery.say('order')
  await got(/^order \d+$/)
  await page.getByRole('button', { name: 'pause' }).click()
  await state('paused')
  await eventually(() => gallery.streams.size === 0, 'the stream was let go')
  await page.getByRole('button', { name: 'resume' }).click()
  await state('open')

  // Away and refused: our own attempts, from where we were.
  page.expect(503, '/gallery/events')
  page.expect(0, '/gallery/events')
  gallery.refuseStreams = true
  gallery.drop()
  await state('lost')
  gallery.refuseStreams = false
  await state('open')
  assert.match(gallery.asked.at(-1), /^\?after=\d+$/)
  gallery.say('order')
  await got(/order \d+, order \d+$/)
})

test('a chart is drawn when it comes near, says what it shows, and follows the theme', async () => {
  const page = await open()
  assert.equal(await page.locator('#chart canvas').count(), 0, 'nothing is fetched for what is not in sight')
  await page.locator('#chart').scrollIntoViewIfNeeded()
  await page.getByRole('img', { name: /各渠道带来的客户/ }).locator('canvas').waitFor()
  const colours = () => page.locator('#chart canvas').nth(1).evaluate((c) => {
    const data = c.getContext('2d').getImageData(0, 0, c.width, c.height).data
    const seen = new Set()
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) seen.add(`${data[i]},${data[i + 1]},${data[i + 2]}`)
    return [...seen]
  })
  const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)).join(',')
  await eventually(async () => (await colours()).includes(rgb('#1c7556')), 'the brand colour')
  await page.getByRole('button', { name: 'theme' }).click()
  await eventually(async () => (await colours()).includes(rgb('#52b58d')), 'the brand colour of the dark')
})
