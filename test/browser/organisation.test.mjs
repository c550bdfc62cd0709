// Departments, staff and roles, as the owner keeps them.
import { test, before, after, afterEach } from 'node:test'
import assert from 'node:assert/strict'
import { glance, look, settled, startConsole, unfold } from '../lib/browser.mjs'
import { all, eventually, problem, signIn } from '../lib/server.mjs'
import { hire, plant, rolesByKey } from '../lib/staff.mjs'

let desk, at, page
before(async () => {
  desk = await startConsole()
  at = await plant(desk.owner, { 华东大区: ['region', 'root'], 上海店: ['store', '华东大区'], 华南大区: ['region', 'root'] })
  await desk.owner.staff.create({ login: 'wang', name: '王小荷', department_id: at.上海店, role_ids: [(await rolesByKey(desk.owner)).staff], mobile: '13800138000' })
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
const person = async (login) => (await all(desk.owner.staff.list, { text: login })).find((s) => s.login === login)

test('the pages, in pictures', async () => {
  await glance(desk, 'organisation', `/organisation?department=${at.上海店}`)
  await glance(desk, 'organisation-staff', `/organisation?department=${at.上海店}`, async (p) => {
    await p.getByText('王小荷').click()
    await p.getByRole('dialog').getByText('138****8000').waitFor()
    await settled(p)
  })
  await glance(desk, 'roles', '/roles')
  await glance(desk, 'roles-edit', '/roles', async (p) => {
    await p.getByRole('button', { name: /^(店长|Store manager)$/ }).click()
    await p.getByRole('dialog').waitFor()
    await settled(p)
  })
})

test('a store is added, somebody joins it with a first password, and signs in with it', async () => {
  await open(`/organisation?department=${at.华东大区}`)
  await page.getByRole('button', { name: '华东大区的操作' }).click()
  await page.getByRole('menuitem', { name: '新建下级部门' }).click()
  const form = page.getByRole('dialog', { name: '在“华东大区”下新建部门' })
  assert.equal(await form.getByRole('radio', { name: '总部' }).count(), 0, 'no head office below a region')
  await form.getByLabel('部门名称').fill('杭州店')
  await page.keyboard.press('Control+Enter')
  await page.getByRole('heading', { name: /^杭州店/ }).waitFor()
  await page.getByText('这里还没有员工').waitFor()

  await page.getByRole('button', { name: '添加员工' }).first().click()
  const drawer = page.getByRole('dialog', { name: '添加员工' })
  await drawer.getByLabel('姓名').fill('李莲')
  await drawer.getByLabel('用户名').fill('lilian')
  await drawer.getByText('店长', { exact: true }).click()
  await page.keyboard.press('Control+Enter')
  const once = page.getByRole('dialog', { name: '已添加李莲' })
  await once.getByText('只显示这一次').waitFor()
  const password = (await once.getByRole('region', { name: '初始密码' }).innerText()).trim()
  await page.keyboard.press('Escape')
  assert.ok(await once.isVisible(), 'not lost by a slip')
  await once.getByRole('button', { name: '已保存好，关闭' }).click()
  await page.getByRole('row', { name: /李莲/ }).waitFor()
  const { me } = await signIn(desk.server, 'lilian', password)
  assert.deepEqual([me.name, me.department_name, me.password_change], ['李莲', '杭州店', true])
})

test('an account is suspended and let back in, and its password reset', async () => {
  await open('/organisation?q=wang')
  await page.getByRole('row', { name: /王小荷/ }).click()
  const drawer = page.getByRole('dialog', { name: '王小荷' })
  await drawer.getByRole('button', { name: '停用' }).click()
  await page.getByRole('dialog', { name: '停用王小荷？' }).getByRole('button', { name: '停用' }).click()
  await drawer.getByRole('button', { name: '恢复' }).waitFor()
  assert.equal((await person('wang')).state, 'suspended')
  await drawer.getByRole('button', { name: '恢复' }).click()
  await drawer.getByRole('button', { name: '重置密码' }).click()
  await page.getByRole('dialog', { name: '重置王小荷的密码？' }).getByRole('button', { name: '重置密码' }).click()
  const once = page.getByRole('dialog', { name: '密码已重置' })
  const password = (await once.getByRole('region', { name: '初始密码' }).innerText()).trim()
  await once.getByRole('button', { name: '已保存好，关闭' }).click()
  assert.equal((await signIn(desk.server, 'wang', password)).me.login, 'wang')
})

test('a department moves, and back; one with staff is not closed, and it is said why', async () => {
  const parent = async () => (await desk.owner.department.get({ id: at.上海店 })).parent_id
  await open(`/organisation?department=${at.上海店}`)
  const menu = async (item) => {
    await page.getByRole('button', { name: '上海店的操作' }).click()
    await page.getByRole('menuitem', { name: item }).click()
  }
  await menu('移动')
  const form = page.getByRole('dialog', { name: '移动“上海店”' })
  await form.getByLabel('新的上级部门').click()
  await page.getByRole('treeitem', { name: '华南大区' }).last().click()
  await form.getByRole('button', { name: '移动' }).click()
  await page.getByText('“上海店”已移到“华南大区”之下').waitFor()
  assert.equal(await parent(), at.华南大区)
  await page.getByRole('button', { name: '撤销' }).click()
  await eventually(async () => (await parent()) === at.华东大区, 'it is back')

  page.expect(409, '/close')
  await menu('关闭')
  await page.getByRole('dialog', { name: '关闭“上海店”？' }).getByRole('button', { name: '关闭', exact: true }).last().click()
  await page.locator('.toast').getByText(/员工/).waitFor()
  assert.equal((await desk.owner.department.get({ id: at.上海店 })).closed, false)
})

test('a role of one\'s own: whose data, what it may, changed, and gone', async () => {
  await open('/roles')
  await page.getByRole('button', { name: '新建角色' }).click()
  const form = page.getByRole('dialog', { name: '新建角色' })
  await form.getByLabel('角色名称').fill('客服')
  await form.getByText('指定部门').click()
  await page.keyboard.press('Control+Enter')
  await form.getByText('请填写部门').waitFor()
  await unfold(form, '部门')
  await page.getByRole('treeitem', { name: '华南大区' }).last().click()
  await form.getByText('数据范围').click()
  await form.getByText('查看客户', { exact: true }).click()
  await look(page)
  await form.getByRole('button', { name: '保存' }).click()
  await page.getByRole('button', { name: '客服' }).waitFor()
  const role = (await all(desk.owner.role.list)).find((r) => r.name === '客服')
  assert.deepEqual([role.scope, role.department_ids, role.permissions], ['chosen', [at.华南大区], ['customer.read']])

  await page.getByRole('button', { name: '客服' }).click()
  await page.getByRole('dialog', { name: '编辑“客服”' }).getByRole('button', { name: '删除角色' }).click()
  await page.getByRole('dialog', { name: '删除角色“客服”？' }).getByRole('button', { name: '删除' }).click()
  await page.getByRole('button', { name: '客服' }).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: '所有者', exact: true }).click()
  await page.getByText('所有者拥有全部权限，不能修改。').waitFor()
})

test('who may only look is offered nothing, and who may not look sees no page', async () => {
  const auditor = await hire(desk.server, desk.owner, { login: 'auditor', department: at.root, roles: ['auditor'] })
  await open('/organisation', { as: auditor })
  await page.getByRole('row', { name: /王小荷/ }).waitFor()
  assert.equal(await page.getByRole('button', { name: '添加员工' }).count(), 0)
  const { status } = await problem(auditor.department.create({ parent_id: at.root, kind: 'store', name: '不行' }))
  assert.equal(status, 403)
  await page.goto('/system')
  await page.getByText('您没有权限查看此页').waitFor()
})
