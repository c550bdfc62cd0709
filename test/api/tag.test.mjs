import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { startServer, signIn, anonymous, problem, all } from '../lib/server.mjs'

let server, owner
before(async () => {
  server = await startServer()
  owner = await signIn(server)
})
after(() => server.stop())

test('a group and its tags: made, listed, changed, removed', async () => {
  const group = await owner.tagGroup.create({ name: '渠道', color: '#1a7f5a', single: true })
  assert.deepEqual(group, { id: group.id, key: null, name: '渠道', color: '#1a7f5a', single: true, sort: 0, tags: 0, version: 1 })
  const tag = await owner.tag.create({ group_id: group.id, name: '门店', key: 'channel:store'.replace(':', '.') })
  const changed = await owner.tag.change({ id: tag.id, name: '门店扫码' }, { version: 1 })
  assert.equal(changed.version, 2)
  assert.deepEqual(await problem(owner.tag.change({ id: tag.id, name: '别的' }, { version: 1 })).then((p) => [p.status, p.code]), [412, 'version_changed'])
  assert.deepEqual(await all(owner.tag.list, { group_id: group.id }), [changed])
  const groups = await all(owner.tagGroup.list)
  assert.deepEqual(groups.find((g) => g.id === group.id), { ...group, tags: 1 })
  assert.equal((await problem(owner.tagGroup.delete({ id: group.id }))).code, 'in_use')
  await owner.tag.delete({ id: tag.id })
  await owner.tagGroup.delete({ id: group.id })
  assert.equal((await problem(owner.tag.delete({ id: tag.id }))).status, 404)
})

test('lists come in pages that meet without gap or overlap', async () => {
  const group = await owner.tagGroup.create({ name: '分页' })
  for (let i = 0; i < 7; i++) await owner.tag.create({ group_id: group.id, name: `标签${i}` })
  const first = await owner.tag.list({ group_id: group.id, limit: 3 })
  const second = await owner.tag.list({ group_id: group.id, limit: 3, cursor: first.next })
  const third = await owner.tag.list({ group_id: group.id, limit: 3, cursor: second.next })
  assert.deepEqual([...first.items, ...second.items, ...third.items].map((t) => t.name), [0, 1, 2, 3, 4, 5, 6].map((i) => `标签${i}`))
  assert.equal(third.next, null)
  assert.equal((await problem(owner.tag.list({ cursor: 'nonsense' }))).field, 'cursor')
})

test('bad input names the field and what is wrong', async () => {
  const cases = [
    [{}, 'required', 'name'],
    [{ name: '' }, 'required', 'name'],
    [{ name: 'x'.repeat(31) }, 'too_long', 'name'],
    [{ name: 5 }, 'wrong_type', 'name'],
    [{ name: 'x', colour: '#000000' }, 'unknown_field', 'colour'],
    [{ name: 'x', color: 'green' }, 'bad_format', 'color'],
    [{ name: 'x', sort: 10000 }, 'out_of_range', 'sort'],
    [{ name: null }, 'required', 'name'],
  ]
  for (const [input, code, field] of cases) {
    const p = await problem(owner.tagGroup.create(input))
    assert.deepEqual([p.status, p.code, p.field], [422, code, field], JSON.stringify(input))
  }
  await owner.tagGroup.create({ name: '重复' })
  const p = await problem(owner.tagGroup.create({ name: '重复' }))
  assert.deepEqual([p.status, p.code, p.field], [409, 'taken', 'name'])
})

test('without a session: 401, and nothing is said about what exists', async () => {
  const nobody = anonymous(server)
  assert.equal((await problem(nobody.tag.list())).status, 401)
  assert.equal((await problem(nobody.tag.delete({ id: 1 }))).status, 401)
  assert.equal((await problem(nobody.tag.delete({ id: 99999 }))).status, 401)
})
