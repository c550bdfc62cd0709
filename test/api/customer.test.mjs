import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'
import { startServer, signIn, problem, all, eventually, setClock } from '../lib/server.mjs'

let server, owner
before(async () => {
  server = await startServer()
  owner = await signIn(server)
})
after(() => server.stop())

const id = (kind, value, more = {}) => ({ kind, value, ...more })
const make = (input) => owner.customer.create(input)
const value = (customer, kind) => customer.identities.filter((i) => i.kind === kind).map((i) => i.value)

test('made, read masked, revealed with an audit row, changed, emptied', async () => {
  const c = await make({ name: '李雷', gender: 'male', birthday: '1990-02-03', city: '上海', address: '浦东新区世纪大道100号', identities: [id('mobile', '+86 138-1234-5678'), id('email', 'Li.Lei@Example.COM')] })
  assert.deepEqual(value(c, 'mobile'), ['138****5678'])
  assert.deepEqual(value(c, 'email'), ['l***@example.com'])
  assert.equal(c.address, '浦东新区世纪******')
  const open = await owner.customer.reveal({ id: c.id })
  assert.deepEqual(value(open, 'mobile'), ['13812345678'])
  assert.equal(open.address, '浦东新区世纪大道100号')
  const changed = await owner.customer.change({ id: c.id, name: '李磊', city: null, birthday: null }, { version: c.version })
  assert.deepEqual([changed.name, changed.city, changed.birthday, changed.gender, changed.version], ['李磊', null, null, 'male', c.version + 1])
  assert.equal((await problem(owner.customer.change({ id: c.id, name: 'x' }, { version: c.version }))).status, 412)
  const facts = (await all(owner.customer.timeline, { id: c.id })).filter((f) => f.type !== 'stage.changed')
  assert.deepEqual(facts.map((f) => f.type), ['customer.changed', 'customer.created'])
  assert.equal(facts[0].props.fields, 'name city birthday')
})

test('identifiers: taken, blocked, wrong, limited', async () => {
  const a = await make({ identities: [id('member_no', 'M-100')] })
  const p = await problem(make({ identities: [id('member_no', ' M-100 ')] }))
  assert.deepEqual([p.status, p.code, p.field], [409, 'taken', 'identities[0]'])
  assert.deepEqual((await make({ identities: [id('mobile', '00000000000'), id('mobile', '13800138000'), id('email', 'a@a.com')] })).identities, [])
  assert.equal((await problem(make({ identities: [id('mobile', 'call me')] }))).code, 'bad_format')
  assert.equal((await problem(make({ identities: [id('fax', '1')] }))).code, 'bad_choice')
  assert.equal((await problem(owner.customer.addIdentity({ id: a.id, ...id('member_no', 'M-101') }))).code, 'too_many')
  for (const n of [1, 2, 3]) await owner.customer.addIdentity({ id: a.id, ...id('mobile', `1390000111${n}`) })
  assert.equal((await problem(owner.customer.addIdentity({ id: a.id, ...id('mobile', '13900001114') }))).code, 'too_many')
  const block = await owner.identityBlock.add({ kind: 'mobile', value: '139 0000 2222', reason: '门店电话' })
  assert.equal(block.value, '139****2222')
  assert.equal((await problem(owner.customer.addIdentity({ id: (await make({})).id, ...id('mobile', '13900002222') }))).code, 'invalid')
  assert.equal((await all(owner.identityBlock.list)).length, 1)
  await owner.identityBlock.remove({ id: block.id })
  const mobile = (await owner.customer.get({ id: a.id })).identities.find((i) => i.kind === 'mobile')
  await owner.customer.removeIdentity({ id: a.id, identity_id: mobile.id })
  assert.equal((await problem(owner.customer.removeIdentity({ id: a.id, identity_id: mobile.id }))).status, 404)
  assert.equal((await owner.identityKind.list()).items.length, 8)
})

test('custom attributes are typed', async () => {
  const defs = [['skin', 'choice', ['dry', 'oily']], ['likes', 'choices', ['a', 'b', 'c']], ['height', 'number'], ['deposit', 'money'], ['wedding', 'date'], ['vip', 'bool'], ['nick', 'text']]
  for (const [key, type, choices] of defs) await owner.attribute.create({ key, name: key, type, ...(choices && { choices }) })
  assert.equal((await problem(owner.attribute.create({ key: 'x', name: 'x', type: 'choice' }))).field, 'choices')
  assert.equal((await problem(owner.attribute.create({ key: 'skin', name: 'x', type: 'text' }))).code, 'taken')
  const attrs = { skin: 'dry', likes: ['a', 'c'], height: 172.5, deposit: 19900, wedding: '2020-05-20', vip: true, nick: '小李' }
  const c = await make({ attrs })
  assert.deepEqual(c.attrs, attrs)
  for (const bad of [{ skin: 'wet' }, { likes: ['z'] }, { height: 'tall' }, { deposit: 1.5 }, { wedding: '2020-13-01' }, { vip: 'yes' }, { nothing: 1 }])
    assert.equal((await problem(owner.customer.change({ id: c.id, attrs: bad }))).field, `attrs.${Object.keys(bad)[0]}`)
  const changed = await owner.customer.change({ id: c.id, attrs: { skin: null, height: 180 } })
  assert.deepEqual(changed.attrs, { ...attrs, skin: undefined, height: 180 }.skin ? {} : Object.fromEntries(Object.entries({ ...attrs, height: 180 }).filter(([k]) => k !== 'skin')))
  const def = (await owner.attribute.list()).items.find((a) => a.key === 'nick')
  await owner.attribute.change({ id: def.id, archived: true })
  assert.equal((await problem(owner.customer.change({ id: c.id, attrs: { nick: 'x' } }))).code, 'unknown_field')
  assert.equal((await owner.customer.change({ id: c.id, attrs: { vip: false } })).attrs.nick, '小李')
})

test('notes and consent', async () => {
  const c = await make({ name: '韩梅梅' })
  const note = await owner.note.add({ id: c.id, text: '喜欢周末来店' })
  assert.equal((await owner.note.change({ id: note.id, pinned: true })).pinned, true)
  assert.equal((await all(owner.note.list, { id: c.id })).length, 1)
  await owner.note.remove({ id: note.id })
  assert.equal((await all(owner.note.list, { id: c.id })).length, 0)
  await owner.consent.put({ id: c.id, channel: 'sms', state: 'refused' })
  await owner.consent.put({ id: c.id, channel: 'sms', state: 'granted' })
  assert.deepEqual((await owner.consent.list({ id: c.id })).items.map((i) => [i.channel, i.state]), [['sms', 'granted']])
  assert.equal((await problem(owner.consent.put({ id: c.id, channel: 'pigeon', state: 'granted' }))).status, 404)
  assert.equal((await problem(owner.note.add({ id: 999999, text: 'x' }))).status, 404)
})

const state = async (number) => {
  const c = await owner.customer.reveal({ id: number })
  return {
    ...c, version: 0, stage_id: null,
    notes: (await all(owner.note.list, { id: number })).map((n) => n.text),
    consents: (await owner.consent.list({ id: number })).items,
    facts: (await all(owner.customer.timeline, { id: number })).filter((f) => !/merged|stage/.test(f.type)).map((f) => f.id),
  }
}

test('joined and parted again: everything back where it was', async () => {
  const a = await make({ name: '王芳', birthday: '1985-01-01', remark: 'A', identities: [id('mobile', '13700000001', { verified: true }), id('wecom', 'wmA')] })
  await setClock(server, '2026-03-02T02:10:00Z')
  const b = await make({ city: '杭州', address: '西湖区文三路1号', remark: 'B', identities: [id('email', 'wang@example.com'), id('member_no', 'M-9')], attrs: { height: 160 } })
  await owner.note.add({ id: a.id, text: 'a1' })
  await owner.note.add({ id: b.id, text: 'b1' })
  await owner.consent.put({ id: a.id, channel: 'sms', state: 'granted' })
  await owner.consent.put({ id: b.id, channel: 'sms', state: 'refused' })
  await owner.consent.put({ id: b.id, channel: 'call', state: 'granted' })
  const before = [await state(a.id), await state(b.id)]

  const merge = await owner.customer.merge({ id: a.id, other_id: b.id })
  assert.deepEqual([merge.survivor_id, merge.merged_id, merge.reason, merge.undone_at], [a.id, b.id, 'manual', null])
  const joined = await state(a.id)
  assert.deepEqual([joined.name, joined.city, joined.remark, joined.attrs.height, joined.address], ['王芳', '杭州', 'A', 160, '西湖区文三路1号'])
  assert.deepEqual(joined.notes.sort(), ['a1', 'b1'])
  assert.deepEqual(joined.consents.map((c) => [c.channel, c.state]), [['call', 'granted'], ['sms', 'refused']])
  assert.deepEqual(joined.facts.sort(), [...before[0].facts, ...before[1].facts].sort())
  assert.equal((await problem(owner.customer.get({ id: b.id }))).status, 404)
  assert.equal((await problem(owner.customer.merge({ id: a.id, other_id: a.id }))).code, 'wrong_state')

  await owner.merge.undo({ id: merge.id })
  assert.deepEqual([await state(a.id), await state(b.id)], before)
  assert.equal((await problem(owner.merge.undo({ id: merge.id }))).code, 'wrong_state')
  assert.equal((await owner.customer.merges({ id: a.id })).items[0].undone_at !== null, true)
})

test('what was edited and said after joining survives the undoing', async () => {
  const a = await make({ name: '赵' })
  const b = await make({ name: '赵一', city: '苏州' })
  const merge = await owner.customer.merge({ id: a.id, other_id: b.id })
  await owner.customer.change({ id: a.id, city: '无锡' })
  await setClock(server, '2026-03-02T02:20:00Z')
  await owner.consent.put({ id: a.id, channel: 'call', state: 'refused' })
  await owner.merge.undo({ id: merge.id })
  assert.equal((await owner.customer.get({ id: a.id })).city, '无锡')
  for (const who of [a, b]) assert.deepEqual((await owner.consent.list({ id: who.id })).items.map((c) => c.state), ['refused'])
})

test('two member numbers are two people', async () => {
  const a = await make({ identities: [id('member_no', 'N-1')] })
  const b = await make({ identities: [id('member_no', 'N-2')] })
  assert.equal((await problem(owner.customer.merge({ id: a.id, other_id: b.id }))).code, 'wrong_state')
})

test('chains of joinings are undone from the end', async () => {
  const [a, b, c] = [await make({ name: 'a' }), await make({ name: 'b' }), await make({ name: 'c' })]
  const first = await owner.customer.merge({ id: b.id, other_id: c.id })
  const second = await owner.customer.merge({ id: a.id, other_id: b.id })
  assert.equal((await problem(owner.merge.undo({ id: first.id }))).code, 'not_found') // its survivor is nobody now
  await owner.merge.undo({ id: second.id })
  await owner.merge.undo({ id: first.id })
  for (const who of [a, b, c]) assert.equal((await owner.customer.get({ id: who.id })).name, who.name)
})

// The names in a zip, and the text of one of its members.
function unzip(bytes) {
  const members = {}
  let at = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  let offset = bytes.readUInt32LE(at + 16)
  for (let i = 0; i < bytes.readUInt16LE(at + 10); i++) {
    const name = bytes.toString('utf8', offset + 46, offset + 46 + bytes.readUInt16LE(offset + 28))
    const local = bytes.readUInt32LE(offset + 42)
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
    const packed = bytes.subarray(start, start + bytes.readUInt32LE(offset + 20))
    members[name] = (bytes.readUInt16LE(offset + 10) ? zlib.inflateRawSync(packed) : packed).toString('utf8')
    offset += 46 + bytes.readUInt16LE(offset + 28) + bytes.readUInt16LE(offset + 30) + bytes.readUInt16LE(offset + 32)
  }
  return members
}

test('told everything, then erased without a trace', async () => {
  const secrets = ['鲁智深', '13699998888', 'luzhishen@example.com', '梁山泊聚义厅', '倒拔垂杨柳', '独一无二的备注']
  const c = await make({ name: secrets[0], address: secrets[3], remark: secrets[4], city: '渭州', identities: [id('mobile', secrets[1]), id('email', secrets[2])] })
  const other = await make({ name: '鲁达', identities: [id('wecom', 'wm-luda-unique')] })
  await owner.note.add({ id: c.id, text: secrets[5] })
  await owner.customer.merge({ id: c.id, other_id: other.id })
  const reply = await owner.customer.export({ id: c.id })
  const told = unzip(Buffer.from(await reply.arrayBuffer()))
  for (const s of secrets) assert.ok(told['customer.json'].includes(s), s)
  assert.ok(JSON.parse(told['facts.json']).some((f) => f.type === 'customer.merged'))
  assert.deepEqual(fs.readdirSync(path.join(server.data, 'tmp')), [])

  await owner.customer.erase({ id: c.id })
  assert.equal((await problem(owner.customer.get({ id: c.id }))).status, 404)
  const again = await make({ identities: [id('mobile', secrets[1])] }) // the number is free
  await owner.customer.removeIdentity({ id: again.id, identity_id: again.identities[0].id })
  if (process.env.HETANG_TEST_PG === undefined) {
    await eventually(() => {
      const files = fs.readdirSync(server.data).filter((f) => /^hetang\.db/.test(f)).map((f) => fs.readFileSync(path.join(server.data, f)))
      return [...secrets, '鲁达', 'wm-luda-unique'].every((s) => files.every((f) => !f.includes(Buffer.from(s))))
    }, 'the erased texts leaving the files')
  }
})

test('all there after a restart', async () => {
  const c = await make({ name: '重启', identities: [id('mobile', '13512340000')] })
  await owner.note.add({ id: c.id, text: '还在' })
  await server.stop()
  server = await startServer({ data: server.data, db: server.db })
  owner = await signIn(server)
  assert.equal((await owner.customer.get({ id: c.id })).name, '重启')
  assert.deepEqual((await all(owner.customer.timeline, { id: c.id, types: ['note.added', 'customer.created'] })).map((f) => f.type), ['note.added', 'customer.created'])
})
