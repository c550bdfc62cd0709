import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { startServer, signIn, all, ask } from '../lib/server.mjs'
import { upload, run, counted, whyNot } from '../lib/transfer.mjs'

let server, owner
before(async () => {
  server = await startServer()
  owner = await signIn(server)
  const group = await owner.tagGroup.create({ name: '等级' })
  for (const name of ['金卡', '常客']) await owner.tag.create({ group_id: group.id, name, key: name === '金卡' ? 'level.gold' : 'level.often' })
  await owner.attribute.create({ key: 'shoe', name: '鞋码', type: 'number' })
  await owner.attribute.create({ key: 'since', name: '首次到店', type: 'date' })
  await owner.attribute.create({ key: 'credit', name: '储值', type: 'money' })
  await owner.attribute.create({ key: 'likes', name: '喜好', type: 'choices', choices: ['茶', '酒'] })
})
after(() => server.stop())

const HEAD = '会员号,手机号,姓名,性别,生日,城市,注册时间,标签,接受短信,鞋码,首次到店,储值,喜好'
/** Uploads these rows with the mapping that the headers suggest. */
async function people(rows, more = {}) {
  const im = await upload(owner, [HEAD, ...rows].join('\n'), { kind: 'customers', name: 'people.csv' })
  const { guess } = await owner.import.look({ id: im.id })
  assert.equal(guess.length, HEAD.split(',').length, JSON.stringify(guess))
  await owner.import.change({ id: im.id, mapping: { source: 'crm', columns: guess, ...more } })
  return im.id
}
const find = async (text) => {
  const [row] = (await owner.customer.search({ text })).items
  return row && owner.customer.get({ id: row.id })
}

test('a person with all that a row can say; again it changes nothing', async () => {
  const rows = ['V1,138 1111 2222,张三,女,1990/2/3,杭州,2020-05-06 10:00,金卡;level.often,是,38.5,2021年1月2日,"1,234.50",茶、酒', 'V2,,,,,,,,,,,,']
  const id = await people(rows)
  const dry = await run(owner, id, { dry_run: true })
  assert.deepEqual(counted(dry), { rows: 2, accepted: 2, people: 2 })
  assert.equal(ask(server, 'SELECT count(*) FROM customer'), '0')
  assert.deepEqual(counted(await run(owner, id)), { rows: 2, accepted: 2, people: 2 })
  const c = await find('13811112222')
  assert.deepEqual([c.name, c.gender, c.birthday, c.city, c.joined_at], ['张三', 'female', '1990-02-03', '杭州', '2020-05-06T02:00:00Z'])
  assert.deepEqual(c.attrs, { shoe: 38.5, since: '2021-01-02', credit: 123450, likes: ['茶', '酒'] })
  assert.deepEqual(c.identities.map((i) => [i.kind, i.verified]).sort(), [['member_no', true], ['mobile', true]])
  assert.equal(ask(server, `SELECT count(*) FROM customer_tag WHERE customer_id = ${c.id}`), '2')
  assert.deepEqual((await all(owner.consent.list, { id: c.id })).map((x) => [x.channel, x.state, x.origin]), [['sms', 'granted', 'import']])
  // Rules see the new people in their own time, and put them on their stages.
  const facts = () => ask(server, "SELECT count(*) FROM event WHERE type_id NOT IN (SELECT id FROM event_type WHERE name = 'stage.changed')")
  const told = facts()
  assert.deepEqual(counted(await run(owner, await people(rows))), { rows: 2, accepted: 2, unchanged: 2 })
  assert.equal(facts(), told)
})

test('what a later file says is learnt, what it leaves empty stays', async () => {
  const changed = await run(owner, await people(['V1,,张三丰,,,,2019-01-01,,否,,,,']))
  assert.deepEqual(counted(changed), { rows: 1, accepted: 1, changed: 1 })
  const c = await find('V1')
  assert.deepEqual([c.name, c.city, c.joined_at], ['张三丰', '杭州', '2018-12-31T16:00:00Z'])
  assert.equal((await all(owner.consent.list, { id: c.id }))[0].state, 'refused')
})

test('rows that cannot be a person, or say what there is not, are refused whole', async () => {
  const rows = [
    [',,无名氏,,,,,,,,,,', 'no_identity'],
    ['00000000,,零,,,,,,,,,,', 'no_identity'],
    ['B1,123,,,,,,,,,,,', 'bad_identity'],
    ['B2,138****2222,,,,,,,,,,,', 'bad_identity'],
    ['B3,,,x,,,,,,,,,', 'bad_choice'],
    ['B4,,,,1990-02-30,,,,,,,,', 'bad_time'],
    ['B5,,,,,,yesterday,,,,,,', 'bad_time'],
    ['B6,,,,,,,白金卡,,,,,', 'unknown_tag'],
    ['B7,,,,,,,,也许,,,,', 'bad_choice'],
    ['B8,,,,,,,,,三十八,,,', 'bad_choice'],
    ['B9,,,,,,,,,,,,咖啡', 'bad_choice'],
    [`BA,,${'长'.repeat(61)},,,,,,,,,,`, 'too_long'],
  ]
  const id = await people(rows.map(([r]) => r))
  const done = await run(owner, id)
  assert.deepEqual((await all(owner.import.lines, { id })).map((l) => l.code), rows.map(([, why]) => why))
  assert.deepEqual(counted(done), { rows: rows.length, refused: rows.length })
  assert.equal(await find('B3'), undefined)
})

test('the same person in several rows is one, also in a dry run that spans several writes', async () => {
  const rows = Array.from({ length: 2600 }, (_, i) => `S${i % 1300},,,,,,,,,,,,`)
  const id = await people(rows)
  const want = { rows: 2600, accepted: 2600, people: 1300 }
  const dry = counted(await run(owner, id, { dry_run: true }))
  assert.deepEqual([dry.people, dry.accepted], [1300, 2600])
  assert.deepEqual(counted(await run(owner, id)), { ...want, unchanged: 1300 })
})

test('a claim joins nobody; proof does', async () => {
  const claim = await run(owner, await people(['C1,13922220001,甲,,,,,,,,,,', 'C2,13922220001,乙,,,,,,,,,,'], { unverified: true }))
  assert.equal(counted(claim).people, 1, whyNot(claim))
  const proof = await run(owner, await people(['D1,13922220002,甲,,,,,,,,,,', ',13922220003,,,,,,,,,,,', 'D1,13922220003,,,,,,,,,,,']))
  assert.equal(counted(proof).people, 2)
  assert.equal((await find('13922220002')).id, (await find('13922220003')).id)
})

test('orders whose buyer cannot be known are nobody’s, not new people each time', async () => {
  const columns = ['number', 'at', 'product_code', 'quantity', 'price', 'mobile'].map((field) => ({ field, column: field }))
  const before = ask(server, 'SELECT count(*) FROM customer')
  const im = await upload(owner, 'number,at,product_code,quantity,price,mobile\nT1,2026-01-01,A,1,1,138****2222\nT2,2026-01-01,A,1,1,00000000000\nT3,2026-01-01,A,1,1,\n', { mapping: { source: 'tm', columns } })
  assert.deepEqual(counted(await run(owner, im.id)), { rows: 3, accepted: 3, orders: 3, lines: 3 })
  assert.equal(ask(server, 'SELECT count(*) FROM customer'), before)
  assert.deepEqual((await all(owner.order.list)).map((o) => o.customer_id), [null, null, null])
})
