// Tags and their groups, as a person keeps them.
import { test, before, after, afterEach } from 'node:test'
import assert from 'node:assert/strict'
import { look, picture, settled, shots, startConsole } from '../lib/browser.mjs'
import { all, eventually, startServer, signIn } from '../lib/server.mjs'

let desk, page
before(async () => {
  desk = await startConsole()
})
afterEach(async () => {
  await page?.context().close()
  page = null
})
after(() => desk.stop())

const groups = () => all(desk.owner.tagGroup.list)
const tagNames = async (group) => (await all(desk.owner.tag.list, { group_id: group.id })).sort((a, b) => a.sort - b.sort || a.id - b.id).map((x) => x.name)
const group = async (name, tags = [], more = {}) => {
  const g = await desk.owner.tagGroup.create({ name, ...more })
  for (const tag of tags) await desk.owner.tag.create({ group_id: g.id, name: tag })
  return g
}
const open = async (options = {}) => {
  page = await desk.open({ path: '/tags', ...options })
  await page.getByRole('heading', { level: 1 }).waitFor()
  await settled(page)
}
const chip = (name) => page.getByRole('option', { name, exact: true })

/** People who have tags, so that the figures are not all zero. */
async function people(owner, tags, count) {
  for (let i = 0; i < count; i++) {
    const customer = await owner.customer.create({ name: `顾客 ${i}` })
    await owner.customer.assignTags({ id: customer.id, add: tags.filter((_, n) => i % (n + 2) === 0).map((x) => x.id) })
  }
}

test('tags, in pictures: none, a playbook, and 2,000 with the longest names', () =>
  shots(desk, {
    name: 'tags', path: '/tags',
    states: {
      empty: null,
      async normal(owner) {
        for (const { key } of (await owner.tagPreset.list()).items) await owner.tagPreset.install({ key })
        const [first] = await all(owner.tagGroup.list)
        await people(owner, await all(owner.tag.list, { group_id: first.id }).then((x) => x.slice(0, 1)), 4)
      },
      async huge(owner) {
        const g = await owner.tagGroup.create({ name: '关注的产品，名称可以一直写到三十个字那么长才算是到头了吧', color: '#b3386b', sort: 0 })
        await owner.tagGroup.change({ id: g.id, sort: 0 })
        for (const o of await all(owner.tagGroup.list)) if (o.id !== g.id) await owner.tagGroup.change({ id: o.id, sort: 500 + o.sort })
        const names = Array.from({ length: 2000 }, (_, i) => `${i % 7 ? '莲子' : 'Lotus seed porridge, big'} ${i + 1}`)
        for (let i = 0; i < names.length; i += 50) await Promise.all(names.slice(i, i + 50).map((name) => owner.tag.create({ group_id: g.id, name })))
      },
    },
    ready: (p, state) => (state === 'empty' ? p.locator('.empty').waitFor() : p.locator('.group').first().waitFor()),
  }))

test('a new brand: a group, tags one by one and pasted, each kept where it belongs', async () => {
  await open()
  await page.keyboard.press('g')
  const dialog = page.getByRole('dialog', { name: '新建分组' })
  await dialog.waitFor()
  await look(page)
  await picture(page, 'tags-new-group-zh-light')
  await page.keyboard.press('Enter')
  await dialog.getByText('请填写名称').waitFor()
  await dialog.getByLabel('分组名称').fill('口味')
  await dialog.getByRole('radio', { name: '颜色 5' }).check({ force: true })
  await dialog.getByRole('radio', { name: /最多一个/ }).check()
  await page.keyboard.press('Control+Enter')
  await page.getByRole('heading', { name: '口味' }).waitFor()
  const g = (await groups()).find((x) => x.name === '口味')
  assert.deepEqual([g.single, g.color], [true, '#9b4f96'])

  const add = page.getByLabel('添加标签')
  await add.fill('清甜')
  await page.keyboard.press('Enter')
  await chip('清甜').waitFor()
  page.expect(409, '/tags')
  await add.fill('清甜')
  await page.keyboard.press('Enter')
  await page.locator('.toast').getByText('“清甜”已被使用').waitFor()
  await page.getByRole('button', { name: '关闭' }).click()
  await add.fill('')
  await add.evaluate((el) => {
    const data = new DataTransfer()
    data.setData('text', '微苦\n清甜\r\n 咸香 \n\n麻辣')
    el.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  })
  await page.getByText('添加了 3 个，1 个没有添加').waitFor()
  assert.deepEqual(await tagNames(g), ['清甜', '微苦', '咸香', '麻辣'])
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), '添加标签', 'ready for the next')
})

test('a group is changed and the change undone; two groups never have one name', async () => {
  await group('节日', [], { color: '#1a7f5a' })
  await group('节气')
  await open()
  await page.getByRole('button', { name: /^节日/ }).click()
  await page.getByRole('button', { name: '编辑分组' }).click()
  const dialog = page.getByRole('dialog', { name: '编辑分组' })
  page.expect(409, '/tag-groups')
  await dialog.getByLabel('分组名称').fill('节气')
  await page.keyboard.press('Enter')
  await dialog.getByText('“节气”已被使用').waitFor()
  await dialog.getByLabel('分组名称').fill('节日送礼')
  await dialog.getByRole('radio', { name: '颜色 6' }).check({ force: true })
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '节日送礼' }).waitFor()
  await page.getByRole('button', { name: '撤销' }).click()
  await page.getByRole('heading', { name: '节日', exact: true }).waitFor()
  const back = (await groups()).find((x) => x.name === '节日')
  assert.equal(back.color, '#1a7f5a')
})

test('a tag is renamed by key and by hand, and the renaming undone', async () => {
  const g = await group('称呼', ['甲', '乙', '丙'])
  await open()
  await page.getByRole('button', { name: /^称呼/ }).click()
  await chip('乙').focus()
  await page.keyboard.press('F2')
  const dialog = page.getByRole('dialog', { name: '改名' })
  await page.waitForFunction(() => document.activeElement?.value === '乙')
  page.expect(409, '/tags')
  await dialog.getByLabel('标签名称').fill('丙')
  await page.keyboard.press('Enter')
  await dialog.getByText('“丙”已被使用').waitFor()
  await dialog.getByLabel('标签名称').fill('乙二')
  await page.keyboard.press('Enter')
  await chip('乙二').waitFor()
  await page.getByRole('button', { name: '撤销' }).click()
  await chip('乙').waitFor()
  await chip('甲').click()
  await page.getByRole('button', { name: '改名' }).click()
  await dialog.getByLabel('标签名称').fill('甲一')
  await dialog.getByRole('button', { name: '保存' }).click()
  await chip('甲一').waitFor()
  assert.deepEqual(await tagNames(g), ['甲一', '乙', '丙'])
})

test('what somebody else changed meanwhile is not overwritten', async () => {
  const g = await group('并发', ['甲'])
  await open()
  await page.getByRole('button', { name: /^并发/ }).click()
  const [tag] = await all(desk.owner.tag.list, { group_id: g.id })
  await desk.owner.tag.change({ id: tag.id, name: '别人改的' })
  await chip('甲').focus()
  await page.keyboard.press('F2')
  page.expect(412, '/tags')
  await page.getByLabel('标签名称').fill('我改的')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('内容已被他人修改').waitFor()
  assert.deepEqual(await tagNames(g), ['别人改的'])
})

test('order: by key, by dragging, and back', async () => {
  const g = await group('次序', ['一', '二', '三', '四'])
  await open()
  await page.getByRole('button', { name: /^次序/ }).click()
  const shown = async () => (await page.getByRole('option').allInnerTexts()).map((s) => s.trim())
  const becomes = (wanted) => eventually(async () => (await tagNames(g)).join() === wanted && (await shown()).join() === wanted, wanted)
  await chip('一').focus()
  await page.keyboard.press('Alt+ArrowRight')
  await becomes('二,一,三,四')
  await eventually(() => page.evaluate(() => document.activeElement.textContent.trim() === '一'), 'the focus goes with it')
  await chip('四').dragTo(chip('二'))
  await becomes('四,二,一,三')
  await page.getByRole('button', { name: '撤销' }).last().click()
  await becomes('二,一,三,四')
  await chip('三').click()
  await page.getByRole('button', { name: '前移' }).click()
  await becomes('二,三,一,四')

  const names = async () => (await page.locator('.group .name').allInnerTexts()).filter((n) => ['次序', '并发'].includes(n)).join()
  const before = await names()
  await page.getByRole('button', { name: /^次序/ }).focus()
  await page.keyboard.press('Alt+ArrowUp')
  await eventually(async () => (await names()) !== before, 'the groups in another order')
  await page.reload()
  await settled(page)
  assert.notEqual(await names(), before)
})

test('a tag that people have is asked about, gone at once, back when undone, and gone for good when the message goes', async () => {
  const g = await group('删除', ['有人', '没人'])
  const [first] = await all(desk.owner.tag.list, { group_id: g.id })
  await people(desk.owner, [first], 1)
  await open()
  await page.clock.install()
  await page.getByRole('button', { name: /^删除 / }).click()
  await chip('没人').focus()
  await page.keyboard.press('Delete')
  await chip('没人').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: '撤销' }).click()
  await chip('没人').waitFor()
  assert.deepEqual(await tagNames(g), ['有人', '没人'])

  await chip('有人').focus()
  await page.keyboard.press('Delete')
  const question = page.getByRole('dialog', { name: '删除标签“有人”？' })
  await question.getByText('将有 1 位客户失去此标签').waitFor()
  await look(page)
  await picture(page, 'tags-delete-zh-light')
  assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), '取消', 'the safe answer has the focus')
  await page.keyboard.press('Enter')
  await question.waitFor({ state: 'hidden' })
  await chip('有人').waitFor()
  await page.keyboard.press('Escape')
  await chip('有人').focus()
  await page.keyboard.press('Delete')
  await question.getByRole('button', { name: '删除' }).click()
  await page.locator('.toast', { hasText: '已删除标签“有人”' }).waitFor()
  assert.deepEqual(await tagNames(g), ['有人', '没人'], 'not yet')
  await page.mouse.move(2, 2)
  await page.clock.runFor(9000)
  await eventually(async () => (await tagNames(g)).join() === '没人', 'the removal')
})

test('leaving the page, or the console, does what was put off', async () => {
  const g = await group('离开', ['甲', '乙', '丙'])
  await open()
  for (const [name, leave] of [['甲', () => page.goto('/account')], ['乙', () => page.getByRole('button', { name: '所有者，账号菜单' }).click().then(() => page.getByRole('menuitem', { name: '账号' }).click())]]) {
    await page.goto('/tags')
    await settled(page)
    await page.getByRole('button', { name: /^离开/ }).click()
    await chip(name).focus()
    await page.keyboard.press('Delete')
    await chip(name).waitFor({ state: 'detached' })
    await leave()
    await eventually(async () => !(await tagNames(g)).includes(name), name)
  }
  assert.deepEqual(await tagNames(g), ['丙'])
})

test('a group goes with its tags: by its name when it has many, at once when it is empty', async () => {
  const many = await group('很多', Array.from({ length: 12 }, (_, i) => `标签${i}`))
  await group('空的')
  await open()
  await page.clock.install()
  await page.getByRole('button', { name: /^空的/ }).click()
  await page.getByRole('button', { name: '删除分组“空的”？' }).click()
  await page.getByRole('button', { name: /^空的/ }).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: '撤销' }).click()
  await page.getByRole('button', { name: /^空的/ }).waitFor()

  await page.getByRole('button', { name: /^很多/ }).click()
  await page.getByRole('button', { name: '删除分组“很多”？' }).click()
  const question = page.getByRole('dialog', { name: '删除分组“很多”？' })
  assert.ok(await question.getByRole('button', { name: '删除' }).isDisabled())
  await question.getByRole('textbox').fill('很多')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: /^很多/ }).waitFor({ state: 'detached' })
  await page.mouse.move(2, 2)
  await page.clock.runFor(9000)
  await eventually(async () => !(await groups()).some((x) => x.id === many.id), 'the group is gone')
  assert.ok((await groups()).some((x) => x.name === '空的'))
})

test('many tags: a table, of which some are chosen and deleted', async () => {
  await open()
  const table = page.getByRole('grid', { name: /关注的产品/ })
  await page.getByRole('button', { name: /^关注的产品/ }).click()
  await table.waitFor()
  assert.ok(await page.getByRole('radio', { name: '标签' }).isDisabled(), 'chips are not offered for 2,000')
  await table.locator('tr[data-index="0"]').focus()
  await page.keyboard.press('End')
  const last = await table.locator('tr[data-index="1999"]:focus').locator('.chip').innerText()
  await page.keyboard.press(' ')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press(' ')
  await page.keyboard.press('Delete')
  const question = page.getByRole('dialog', { name: '删除这 2 个标签？' })
  await question.getByText(last.trim()).waitFor()
  await question.getByRole('button', { name: '删除' }).click()
  await page.getByText('共 1,998 条').waitFor()
  await page.getByRole('button', { name: '撤销' }).click()
  await page.getByText('共 2,000 条').waitFor()
})

test('a search goes through all groups, is in the address, and leads to the group', async () => {
  await open()
  await page.keyboard.press('/')
  await page.keyboard.type('莲子 77')
  await page.getByText(/找到 \d+ 个标签/).waitFor()
  await eventually(() => new URL(page.url()).searchParams.get('q') === '莲子 77')
  await look(page)
  await picture(page, 'tags-found-zh-light')
  await page.getByRole('button', { name: '莲子 777', exact: true }).click()
  await page.getByRole('heading', { name: /^关注的产品/ }).waitFor()
  assert.equal(new URL(page.url()).searchParams.get('q'), null)
  await page.getByLabel('搜索标签和分组').fill('没有的东西')
  await page.getByText('没有名称含“没有的东西”的标签').waitFor()
})

test('presets are installed in one click', async () => {
  const server = await startServer()
  const owner = await signIn(server)
  const context = await desk.browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })
  const cookies = owner.cookie().split('; ').map((c) => c.split('='))
  await context.addCookies(cookies.map(([name, value]) => ({ name, value, url: server.url })))
  await context.addInitScript(() => localStorage.setItem('hetang.staff', '1'))
  const fresh = await context.newPage()
  await fresh.goto(`${server.url}/tags`)
  await fresh.getByRole('button', { name: '从模板添加' }).click()
  await fresh.getByRole('button', { name: '安装 年龄段' }).waitFor()
  await settled(fresh)
  await look(fresh)
  await picture(fresh, 'tags-presets-zh-light')
  await fresh.getByRole('button', { name: '安装 年龄段' }).click()
  await fresh.getByText('已安装“年龄段”').waitFor()
  await fresh.getByText('已安装', { exact: true }).waitFor()
  await fresh.keyboard.press('Escape')
  await fresh.getByRole('option', { name: /26–35/ }).waitFor()
  await context.close()
  await server.stop()
})

test('who may only read sees tags and can change nothing', async () => {
  page = await desk.open()
  await page.route('**/api/v1/me', async (route) => {
    const reply = await route.fetch()
    await route.fulfill({ response: reply, json: { ...(await reply.json()), permissions: ['customer.read'] } })
  })
  await page.goto('/tags')
  await page.getByRole('button', { name: /^称呼/ }).click()
  await chip('甲一').waitFor()
  for (const button of ['新建分组', '从模板添加', '编辑分组']) assert.equal(await page.getByRole('button', { name: button }).count(), 0, button)
  assert.equal(await page.getByLabel('添加标签').count(), 0)
  await chip('甲一').click()
  await page.keyboard.press('Delete')
  assert.equal(await page.getByRole('dialog').count(), 0)
})

test('on a phone: groups, then the tags of one, and back', async () => {
  await open({ phone: true })
  await page.getByRole('button', { name: /^称呼/ }).click()
  await chip('甲一').waitFor()
  await look(page)
  await picture(page, 'tags-group-zh-light-phone')
  await page.getByRole('button', { name: '所有分组' }).click()
  await page.getByRole('button', { name: /^称呼/ }).waitFor()
})

test('the lists cannot be loaded: said, with the number to tell, and tried again', async () => {
  page = await desk.open()
  page.expect(503, '/tags')
  page.expect(503, '/tag-groups')
  let broken = true
  await page.route(/\/api\/v1\/(tags|tag-groups)/, (route) => (broken ? route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify({ type: 'about:blank', status: 503, code: 'storage', title: '存储暂不可用，请稍后重试', request_id: 'req-42' }) }) : route.continue()))
  await page.goto('/tags')
  await page.getByText('req-42').waitFor()
  await look(page)
  await picture(page, 'tags-failed-zh-light')
  broken = false
  await page.getByRole('button', { name: '重试' }).click()
  await page.getByRole('button', { name: /^称呼/ }).waitFor()
})
