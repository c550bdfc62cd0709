// What connects Hetang with other programs: sources, access tokens, webhooks; and one-time codes on one's own account.
import { test, before, after, afterEach } from 'node:test'
import assert from 'node:assert/strict'
import { glance, look, picture, settled, startConsole, unfold } from '../lib/browser.mjs'
import { all, eventually, NOW, signIn } from '../lib/server.mjs'
import { receiver } from '../lib/receiver.mjs'
import { hire, plant } from '../lib/staff.mjs'
import { totp } from '../lib/totp.mjs'

let desk, page, hook
before(async () => {
  desk = await startConsole({ args: ['--webhook-private', 'true'] })
  hook = await receiver()
})
afterEach(async () => {
  await page?.context().close()
  page = null
})
after(async () => {
  await desk.stop()
  await hook.close()
})
const open = async (path, options = {}) => {
  page = await desk.open({ path, ...options })
  await page.getByRole('heading', { level: 1 }).waitFor()
  await settled(page)
}
const said = (dialog, name) => dialog.getByRole('region', { name }).innerText().then((s) => s.trim())

test('empty, each says what to do next', async () => {
  for (const name of ['sources', 'tokens', 'webhooks']) await glance(desk, `${name}-empty`, `/${name}`, (p) => p.locator('.empty').waitFor())
})

test('a source: its key by itself and in the example, used, and replaced', async () => {
  await open('/sources')
  await page.getByRole('button', { name: '新建数据源' }).first().click()
  await page.getByRole('dialog', { name: '新建数据源' }).getByLabel('名称').fill('官网')
  await page.keyboard.press('Control+Enter')
  const drawer = page.getByRole('dialog', { name: '官网' })
  await drawer.getByText('接收中').waitFor()
  const [source] = await all(desk.owner.source.list)
  assert.ok(!(await drawer.innerText()).includes(source.write_key), 'not shown to who looks over the shoulder')
  await drawer.getByRole('button', { name: '显示', exact: true }).click()
  assert.equal(await said(drawer, '写入密钥'), source.write_key)
  await drawer.getByText('Node.js').click()
  assert.match(await said(drawer, '怎么用'), new RegExp(`writeKey: '${source.write_key}', host: '${desk.server.url}'`))
  await look(page)
  await picture(page, 'sources-one-zh-light')
  const send = (key) =>
    fetch(`${desk.server.url}/v1/track`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${key}:`)}` }, body: '{"userId":"u-1","event":"Seen"}' })
  assert.equal((await send(source.write_key)).status, 200)
  await drawer.getByRole('button', { name: '更换密钥' }).click()
  await page.getByRole('dialog', { name: '更换“官网”的密钥？' }).getByRole('button', { name: '更换密钥' }).click()
  await eventually(async () => (await said(drawer, '写入密钥')) !== source.write_key, 'the new one')
  assert.equal((await send(source.write_key)).status, 401)
  assert.equal((await send(await said(drawer, '写入密钥'))).status, 200)
})

test('a token is shown once, works within its permissions, and is revoked', async () => {
  await open('/tokens')
  await page.getByRole('button', { name: '新建令牌' }).first().click()
  const form = page.getByRole('dialog', { name: '新建令牌' })
  await form.getByLabel('用途').fill('数据仓库')
  await page.keyboard.press('Control+Enter')
  await form.getByText('请至少选一项权限').waitFor()
  await form.getByText('查看客户', { exact: true }).click()
  await page.keyboard.press('Control+Enter')
  const once = page.getByRole('dialog', { name: '令牌已生成' })
  const token = await said(once, '令牌')
  assert.match(await said(once, '可以这样试一试：'), new RegExp(token))
  await look(page)
  await once.getByRole('button', { name: '已保存好，关闭' }).click()
  const call = (path) => fetch(`${desk.server.url}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } }).then((r) => r.status)
  assert.deepEqual([await call('me'), await call('tags'), await call('audit')], [200, 200, 403])
  const [row] = await all(desk.owner.token.list)
  assert.equal(Math.round((Date.parse(row.expires_at) - Date.parse(NOW)) / 86_400_000), 90)
  const line = page.getByRole('row', { name: /数据仓库/ })
  assert.ok((await line.innerText()).includes('查看客户'))
  await line.getByRole('button', { name: '吊销' }).click()
  await page.getByRole('dialog', { name: '吊销令牌“数据仓库”？' }).getByRole('button', { name: '吊销' }).click()
  await page.getByText('还没有访问令牌').waitFor()
  assert.equal(await call('tags'), 401)
})

test('a webhook: made, tested, what was sent and answered, sent again, switched off and on, gone', async () => {
  let answer = 200
  hook.answer = () => answer
  await open('/webhooks')
  await page.getByRole('button', { name: '新建 Webhook' }).first().click()
  const form = page.getByRole('dialog', { name: '新建 Webhook' })
  await form.getByLabel('名称').fill('数据仓库')
  await form.getByLabel('接收地址').fill('ftp://x')
  await unfold(form, '推送的事件')
  await page.getByRole('option', { name: '所有订单事件' }).click()
  await page.getByRole('option', { name: '新客户' }).click()
  await page.keyboard.press('Tab')
  await form.getByRole('button', { name: '保存' }).click()
  await form.getByText('请填写以 https:// 开头的地址').waitFor()
  await form.getByLabel('接收地址').fill(hook.url)
  await page.keyboard.press('Control+Enter')
  const once = page.getByRole('dialog', { name: '已新建“数据仓库”' })
  assert.ok((await said(once, '签名密钥')).length > 30)
  await once.getByRole('button', { name: '已保存好，关闭' }).click()
  await page.getByRole('heading', { level: 1, name: '数据仓库' }).waitFor()
  const [made] = await all(desk.owner.webhook.list)
  assert.deepEqual(made.types.sort(), ['customer.created', 'order.*'])

  await page.getByRole('button', { name: '发送测试' }).click()
  const drawer = page.getByRole('dialog', { name: 'Webhook 测试' })
  await drawer.getByText('已送达').waitFor()
  assert.equal(hook.got.length, 1)
  assert.match(await said(drawer, '发送的内容'), /"type": "webhook.test"/)
  answer = 500
  await drawer.getByRole('button', { name: '重新投递' }).click()
  await drawer.getByText('对方返回 500').waitFor()
  await look(page)
  await picture(page, 'webhook-failed-zh-light')
  await page.keyboard.press('Escape')
  answer = 200

  const menu = async (item) => {
    await page.getByRole('button', { name: '数据仓库的操作' }).click()
    await page.getByRole('menuitem', { name: item }).click()
  }
  await menu('停用')
  await page.getByRole('dialog', { name: '停用“数据仓库”？' }).getByRole('button', { name: '停用' }).click()
  await page.getByText('已停用', { exact: true }).waitFor()
  await menu('启用')
  await page.getByText('推送中', { exact: true }).waitFor()
  await menu('删除')
  await page.getByRole('dialog', { name: '删除“数据仓库”？' }).getByRole('button', { name: '删除' }).click()
  await page.getByText('还没有 Webhook').waitFor()
  await page.waitForTimeout(1600) // longer than the page's second look: at what is deleted there is none
})

test('one-time codes are turned on with the code of the moment, asked for, and turned off; another device is signed out', async () => {
  const { root } = await plant(desk.owner, {})
  const jo = await hire(desk.server, desk.owner, { login: 'jo', department: root, roles: ['owner'] })
  const elsewhere = await signIn(desk.server, 'jo')
  await open('/account', { as: jo })
  const devices = page.getByRole('region', { name: '登录中的设备' })
  assert.equal(await devices.getByRole('listitem').count(), 2)
  await devices.getByRole('button', { name: '退出', exact: true }).click()
  await page.getByText('已退出', { exact: true }).waitFor()
  await assert.rejects(elsewhere.account.me(), { status: 401 })

  await page.getByRole('button', { name: '开启动态验证码' }).click()
  const dialog = page.getByRole('dialog', { name: '开启动态验证码' })
  await dialog.getByRole('img', { name: /二维码/ }).locator('path').waitFor()
  await dialog.getByText('扫不了？').click()
  const secret = await said(dialog, '密钥')
  await look(page)
  await picture(page, 'account-totp-zh-light')
  await dialog.getByLabel('验证码', { exact: true }).fill('12')
  await page.keyboard.press('Enter')
  await dialog.getByText('请输入 6 位数字').last().waitFor()
  await dialog.getByLabel('验证码', { exact: true }).fill(totp(secret, Date.parse(NOW)))
  await page.keyboard.press('Enter')
  await page.getByText('已开启', { exact: true }).waitFor()
  assert.equal((await jo.account.me()).totp, true)

  await page.getByRole('button', { name: '关闭动态验证码' }).click()
  const off = page.getByRole('dialog', { name: '关闭动态验证码' })
  page.expect(422, '/totp/disable')
  await off.getByLabel('登录密码').fill('not the password')
  await page.keyboard.press('Enter')
  await off.getByText('密码不正确').waitFor()
  await off.getByLabel('登录密码').fill('')
  await page.keyboard.press('Escape')
})
