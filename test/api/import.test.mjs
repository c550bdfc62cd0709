import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'
import { randomBytes } from 'node:crypto'
import { startServer, signIn, problem, all, ask, eventually, setClock, tempFolder, hetang, databaseArgs, PASSWORD } from '../lib/server.mjs'
import { upload, sendPiece, run, settled, counted, whyNot, reportOf } from '../lib/transfer.mjs'
import { openWrite } from '../lib/postgres.mjs'
import { retail, EXPECTED, EXPECTED_WHY } from '../lib/retail.mjs'

const LONDON = ['--zone', 'Europe/London', '--currency', 'GBP']
let server, owner
before(async () => {
  server = await startServer({ args: LONDON })
  owner = await signIn(server)
})
after(() => server.stop())

/** One line of that many characters, which hardly shrinks. */
const noise = (size) => Buffer.from(randomBytes(size / 2).toString('hex'))

/** Everything that an import of orders leaves behind, to be compared. */
const state = (s) => ask(s, `SELECT (SELECT count(*) FROM customer), (SELECT count(*) FROM sales_order), (SELECT count(*) FROM refund),
  (SELECT sum(amount_fen) FROM sales_order), (SELECT sum(ordered_at) FROM sales_order), (SELECT sum(amount_fen) FROM refund),
  (SELECT count(*) FROM order_line), (SELECT sum(line_no) FROM order_line), (SELECT sum(amount_fen) FROM order_line),
  (SELECT sum(line_count) FROM sales_order), (SELECT sum(order_fen * order_count) FROM customer_sales)`)

test('the untidy shop: every rule of the preset, once and again', async () => {
  const im = await upload(owner, retail(), { preset: 'online-retail' })
  assert.equal(im.mapping.source, 'online-retail')
  const dry = await run(owner, im.id, { dry_run: true })
  assert.deepEqual([dry.state, dry.dry], ['ready', true])
  assert.deepEqual(counted(dry), EXPECTED)
  assert.deepEqual(whyNot(dry), EXPECTED_WHY)
  assert.equal(ask(server, 'SELECT count(*) FROM sales_order'), '0')
  const done = await run(owner, im.id)
  assert.deepEqual([done.state, done.dry, done.bytes], ['done', false, done.size])
  assert.deepEqual(counted(done), EXPECTED)
  assert.deepEqual(whyNot(done), EXPECTED_WHY)
  const orders = Object.fromEntries((await all(owner.order.list)).map((o) => [o.number, o]))
  assert.deepEqual(Object.keys(orders).sort(), ['536365', '536366', '536367', '536550'])
  assert.deepEqual([orders[536365].amount_fen, orders[536365].line_count, orders[536365].ordered_at], [1530 + 1001 + 1530, 3, '2010-12-01T08:25:00Z'])
  assert.deepEqual([orders[536366].customer_id, orders[536366].amount_fen], [null, 370])
  assert.deepEqual([orders[536367].ordered_at, orders[536550].amount_fen], ['2010-07-01T09:00:00Z', 0])
  const [refund] = await all(owner.refund.list, { customer_id: orders[536365].customer_id })
  assert.deepEqual([refund.number, refund.amount_fen], ['C536379', 185])
  const was = state(server)
  const again = await run(owner, (await upload(owner, retail(), { preset: 'online-retail' })).id)
  assert.deepEqual(counted(again), { rows: 10, accepted: 7, unchanged: 7, skipped: 3 })
  assert.equal(state(server), was)
})

test('the first rows are shown with a guess; what was found out can be told otherwise', async () => {
  const text = '订单编号;下单时间;商家编码;商品名称;数量;单价;手机号\nT1;2026/1/5 9:30;SKU1;荷叶茶;2;¥1,234.50;13800138001\n'
  // GB18030 by its bytes: this Node may not encode it, so the file is written with iconv's table of these characters.
  const utf8 = await upload(owner, `﻿${text}`)
  const look = await owner.import.look({ id: utf8.id })
  assert.deepEqual([look.format, look.packing, look.charset, look.separator], ['csv', 'plain', 'UTF-8', ';'])
  assert.deepEqual(look.rows.map((r) => [r.line, r.fault, r.cells[3]]), [[2, null, '荷叶茶']])
  assert.deepEqual(Object.fromEntries(look.guess.map((g) => [g.field, g.column])), {
    number: '订单编号', at: '下单时间', product_code: '商家编码', product_name: '商品名称', quantity: '数量', price: '单价', mobile: '手机号',
  })
  assert.equal((await owner.import.look({ id: utf8.id, charset: 'GBK' })).charset, 'GB18030')
  assert.equal((await problem(owner.import.look({ id: utf8.id, charset: 'klingon' }))).field, 'mapping.charset')
  const unmapped = await problem(owner.import.run({ id: utf8.id }))
  assert.deepEqual([unmapped.status, unmapped.field], [422, 'mapping.columns'])
  for (const columns of [[{ field: 'nonsense', column: '数量' }], [{ field: 'number', column: 'nonsense' }]])
    assert.equal((await problem(owner.import.change({ id: utf8.id, mapping: { columns } }))).field, 'mapping.columns')
  const changed = await owner.import.change({ id: utf8.id, mapping: { source: 'shop', columns: look.guess } })
  assert.equal((await problem(owner.import.change({ id: utf8.id, name: 'x' }, { version: changed.version - 1 }))).status, 412)
  assert.deepEqual(counted(await run(owner, utf8.id)), { rows: 1, accepted: 1, people: 1, orders: 1, lines: 1 })
  const [order] = (await all(owner.order.list)).filter((o) => o.number === 'T1')
  assert.deepEqual([order.source, order.amount_fen, order.ordered_at], ['shop', 246900, '2026-01-05T09:30:00Z'])
})

test('a credit note names the order it takes back, also in a file with the newest on top', async () => {
  const head = '单据号,单据类型,原订单号,下单时间,会员号,商品编码,数量,单价\n'
  const rows = [
    'T3,退款,,2026-01-09,K1,X,1,5', 'T2,退款,D2,2026-01-08,K1,X,1,10', 'T1,退款,,2026-01-08,K1,X,1,10', 'T1,退款,D1,2026-01-08,K1,Y,1,20',
    'D2,销售,,2026-01-03,K2,X,1,10', 'D1,销售,D0,2026-01-02,K1,X,2,10', 'D1,销售,,2026-01-02,K1,Y,1,20', 'T4,退款,D9,2026-01-01,K1,X,1,1',
  ]
  const im = await upload(owner, head + rows.join('\n'))
  const columns = (await owner.import.look({ id: im.id })).guess
  assert.deepEqual(columns.filter((g) => ['number', 'order_number'].includes(g.field)).map((g) => [g.field, g.column]), [['number', '单据号'], ['order_number', '原订单号']])
  const mapped = (source, file) => upload(owner, head + file.join('\n'), { mapping: { source, columns } })
  const expected = { rows: 8, accepted: 8, people: 2, orders: 2, refunds: 4, lines: 8 }
  const first = await mapped('credit', rows)
  assert.deepEqual(counted(await run(owner, first.id, { dry_run: true })), expected)
  assert.deepEqual(counted(await run(owner, first.id)), expected)
  const orders = Object.fromEntries((await all(owner.order.list)).filter((o) => o.source === 'credit').map((o) => [o.number, o]))
  const told = async () => (await all(owner.refund.list, { customer_id: orders.D1.customer_id })).map((r) => [r.number, r.order_number, r.order_id]).sort()
  // T2 takes back what another bought, T4 what nobody did here.
  const named = [['T1', 'D1', orders.D1.id], ['T2', 'D2', orders.D2.id], ['T3', null, null], ['T4', 'D9', null]]
  assert.deepEqual(await told(), named)
  const facts = await all(owner.customer.timeline, { id: orders.D1.customer_id, types: ['order.refunded'] })
  assert.deepEqual(facts.map((f) => [f.props.order_number ?? null, f.props.order_id ?? null]).sort(), [[null, null], ...named.filter(([, n]) => n).map(([, number, id]) => [number, id])].sort())
  // Again, with what was not said before: nothing is new, and the order is known.
  const again = await run(owner, (await mapped('credit', ['T3,退款,D1,2026-01-09,K1,X,1,5', 'T2,退款,D1,2026-01-08,K1,X,1,10'])).id)
  assert.deepEqual(counted(again), { rows: 2, accepted: 2, unchanged: 2 })
  named[2] = ['T3', 'D1', orders.D1.id]
  assert.deepEqual(await told(), named)
})

test('rows that are wrong are left out with their reason, corrected and imported again', async () => {
  const columns = ['number', 'at', 'product_code', 'quantity', 'price', 'member_no', 'department'].map((field) => ({ field, column: field }))
  const head = 'number,at,product_code,quantity,price,member_no,department\n'
  const rows = [
    ['B1,2026-01-01,X,1,10,M1,', null],
    ['B1,2026-01-01,Y,two,10,M1,', 'bad_number'],
    ['B1,2026-01-01,Z,1,10,M2,', 'other_person'],
    ['B2,31/12/2025,X,1,10,,', 'bad_time'],
    ['B2,2026-01-01,X,-1,10,,', 'negative_quantity'],
    ['B2,2026-01-01,X,1,-10,,', 'negative_price'],
    ['B2,2026-01-01,X,0,10,,', 'out_of_range'],
    ['B2,2026-01-01,X,0.0001,10,,', 'out_of_range'],
    ['B2,2026-01-01,X,99999999999999999999,10,,', 'bad_number'],
    ['B2,2026-01-01,,1,10,,', 'required'],
    [',2026-01-01,X,1,10,,', 'required'],
    ['B2,2026-01-01,X,1,10,,Atlantis', 'unknown_department'],
    [`${'n'.repeat(101)},2026-01-01,X,1,10,,`, 'too_long'],
    ['B2,2026-01-01,X,1,10,,,surplus', 'ragged'],
    ['B2,2026-01-01,X,1', 'required'],
  ]
  const im = await upload(owner, head + rows.map(([r]) => r).join('\n'), { mapping: { source: 'wrong', columns } })
  const done = await run(owner, im.id)
  const want = rows.map(([, why], i) => [i + 1, i + 2, why]).filter(([, , why]) => why)
  assert.deepEqual((await all(owner.import.lines, { id: im.id })).map((l) => [l.row, l.line, l.code]), want)
  assert.deepEqual((await owner.import.lines({ id: im.id, limit: 1 })).items[0].cells.slice(0, 4), ['B1', '2026-01-01', 'Y', 'two'])
  assert.deepEqual(counted(done), { rows: 15, accepted: 1, refused: 14, people: 1, orders: 1, lines: 1 })
  // The report, corrected where it can be: its lines keep their numbers, so nothing comes twice.
  const report = await reportOf(owner, im.id)
  assert.match(report, /surplus/)
  const corrected = report.replace('Y,two', 'Y,2').replace('Z,1,10,M2', 'Z,1,10,M1')
  assert.notEqual(corrected, report)
  const second = await run(owner, (await upload(owner, corrected, { mapping: { source: 'wrong', columns } })).id)
  assert.deepEqual(counted(second), { rows: 14, accepted: 2, refused: 12, lines: 2 })
  const [order] = (await all(owner.order.list)).filter((o) => o.source === 'wrong')
  assert.deepEqual((await owner.order.get({ id: order.id })).lines.map((l) => [l.line_no, l.product_code, l.amount_fen]), [[1, 'X', 1000], [2, 'Y', 2000], [3, 'Z', 1000]])
  // The same line with other content is not taken over what stands.
  const other = await run(owner, (await upload(owner, `${head}B1,2026-01-01,X,5,10,M1,\n`, { mapping: { source: 'wrong', columns } })).id)
  assert.deepEqual(whyNot(other), { line_differs: 1 })
})

test('files that are no tables, bombs and giants: refused or told, in bounded memory', async () => {
  const mapping = { columns: ['number', 'at', 'product_code', 'quantity', 'price'].map((field) => ({ field, column: field })) }
  const head = 'number,at,product_code,quantity,price\n'
  const good = 'G1,2026-01-01,X,1,1\n'
  const giant = await upload(owner, zlib.gzipSync(Buffer.concat([Buffer.from(head + good), noise(6 << 20), Buffer.from(`\n${good.replace('G1', 'G2')}`)]), { level: 1 }), { name: 'giant.csv.gz', mapping: { ...mapping, source: 'giant' } })
  const told = await run(owner, giant.id)
  assert.deepEqual([counted(told), whyNot(told)], [{ rows: 3, accepted: 2, refused: 1, orders: 2, lines: 2 }, { line_too_long: 1 }])
  assert.equal((await all(owner.import.lines, { id: giant.id }))[0].original.length, 4096)
  const zeros = zlib.gzipSync(Buffer.alloc(64 << 20))
  const bomb = await upload(owner, zlib.gzipSync(Buffer.concat([Buffer.from(head), Buffer.alloc(96 << 20, '\n')])), { name: 'bomb.csv.gz', mapping })
  const burst = await problem(owner.import.run({ id: bomb.id })).catch(() => null)
  const failed = burst ?? await settled(owner, bomb.id)
  assert.ok(failed.status === 422 || failed.state === 'failed', JSON.stringify(failed))
  const broken = await upload(owner, Buffer.concat([Buffer.from('PK\x03\x04'), zeros]), { name: 'broken.xlsx' })
  assert.deepEqual(await problem(owner.import.look({ id: broken.id })).then((p) => [p.status, p.field]), [422, 'file'])
  const latin = await upload(owner, Buffer.concat([Buffer.from(head), Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x2c]), Buffer.from('2026-01-01,X,1,1\n')]), { mapping: { ...mapping, charset: 'UTF-8', source: 'latin' } })
  assert.deepEqual(counted(await run(owner, latin.id)), { rows: 1, accepted: 1, orders: 1, lines: 1 })
  assert.ok((await all(owner.order.list)).some((o) => o.number === 'caf�'))
})

test('pieces come in order, whole, and within the limit', async () => {
  const im = await owner.import.create({ kind: 'orders', name: 'a.csv', size: 10 })
  assert.equal((await problem(owner.import.look({ id: im.id }))).code, 'wrong_state')
  assert.equal((await problem(sendPiece(owner, im.id, 5, 'xxxxx'))).field, 'offset')
  assert.equal((await sendPiece(owner, im.id, 0, 'number')).uploaded, 6)
  assert.equal((await problem(sendPiece(owner, im.id, 0, 'number'))).status, 409)
  assert.equal((await problem(sendPiece(owner, im.id, 6, 'too long'))).status, 413)
  assert.equal((await problem(sendPiece(owner, im.id, 6, ''))).status, 422)
  const two = await Promise.allSettled([sendPiece(owner, im.id, 6, ',at\n'), sendPiece(owner, im.id, 6, ';an\n')])
  assert.deepEqual(two.map((t) => t.status).sort(), ['fulfilled', 'rejected'])
  assert.equal((await problem(sendPiece(owner, im.id, 10, 'x'))).code, 'wrong_state')
  assert.equal((await problem(owner.import.create({ kind: 'orders', name: 'a', size: 2 ** 40 }))).code, 'out_of_range')
  assert.equal((await problem(owner.import.create({ kind: 'orders', name: 'a', size: 5, preset: 'nonsense' }))).field, 'preset')
  assert.equal((await problem(owner.import.create({ kind: 'guests', name: 'a', size: 5 }))).code, 'bad_choice')
  const file = path.join(server.data, 'imports', String(im.id))
  assert.equal(fs.statSync(file).mode & 0o777, 0o600)
  await owner.import.remove({ id: im.id })
  assert.equal(fs.existsSync(file), false)
  assert.equal((await problem(owner.import.get({ id: im.id }))).status, 404)
})

test('mappings are kept under a name and used by it', async () => {
  const fields = Object.fromEntries((await all(owner.importKind.list)).map((k) => [k.key, k.fields.filter((f) => f.required).map((f) => f.key)]))
  assert.deepEqual(fields.orders, ['number', 'at', 'product_code', 'quantity', 'price'])
  const columns = fields.orders.map((field, i) => ({ field, column: `#${i + 1}` }))
  const made = await owner.importPreset.create({ kind: 'orders', name: '收银机', mapping: { source: 'till', headless: true, columns } })
  assert.equal((await problem(owner.importPreset.create({ kind: 'orders', name: '收银机', mapping: { columns } }))).code, 'taken')
  assert.equal((await problem(owner.importPreset.create({ kind: 'orders', name: 'online-retail', mapping: { columns } }))).code, 'taken')
  assert.equal((await problem(owner.importPreset.create({ kind: 'orders', name: 'x', mapping: { columns: [{ field: 'x', column: 'x' }] } }))).field, 'mapping.columns')
  assert.deepEqual((await all(owner.importPreset.list)).map((p) => [p.key, p.id]), [['online-retail', null], [null, made.id]])
  const renamed = await owner.importPreset.change({ id: made.id, name: '收银台' }, { version: made.version })
  assert.equal((await problem(owner.importPreset.change({ id: made.id, name: 'x' }, { version: made.version }))).status, 412)
  const im = await upload(owner, 'K1,2026-01-01,X,2,1.5\nK1,2026-01-01,Y,1,2\n', { preset: renamed.name })
  assert.deepEqual(counted(await run(owner, im.id)), { rows: 2, accepted: 2, orders: 1, lines: 2 })
  await owner.importPreset.remove({ id: made.id })
  assert.equal((await problem(owner.importPreset.remove({ id: made.id }))).status, 404)
})

test('paused it waits, resumed it goes on, cancelled it stays as it is', async () => {
  const im = await upload(owner, retail(3000), { preset: 'online-retail' })
  await owner.import.run({ id: im.id })
  const paused = await owner.import.pause({ id: im.id })
  assert.equal(paused.state, 'paused')
  assert.equal((await problem(owner.import.pause({ id: im.id }))).code, 'wrong_state')
  assert.equal((await problem(owner.import.run({ id: im.id }))).code, 'wrong_state')
  await eventually(async () => ask(server, "SELECT count(*) FROM job WHERE kind = 'import' AND state IN ('waiting', 'running')") === '0')
  const rests = await owner.import.get({ id: im.id })
  assert.ok(rests.counts.rows < 15010, 'it was stopped half-way')
  await owner.import.resume({ id: im.id })
  const done = await settled(owner, im.id)
  assert.deepEqual(counted(done), { rows: 15010, accepted: 15007, unchanged: 7, skipped: 3, people: 300, orders: 3000, lines: 15000 })
  const second = await upload(owner, retail(3000).replaceAll(',20', ',30'), { preset: 'online-retail' })
  await owner.import.run({ id: second.id })
  assert.equal((await owner.import.cancel({ id: second.id })).state, 'cancelled')
  assert.equal((await problem(owner.import.resume({ id: second.id }))).code, 'wrong_state')
  assert.equal((await all(owner.import.list)).find((i) => i.id === second.id).state, 'cancelled')
})

test('killed half-way it goes on by itself and ends with the same figures', async () => {
  const file = retail(4000)
  const want = { rows: 20010, accepted: 20007, skipped: 3, people: 302, orders: 4004, refunds: 1, lines: 20007, gifts: 1 }
  const quiet = await startServer({ args: LONDON, clock: null })
  const one = await signIn(quiet)
  await run(one, (await upload(one, file, { preset: 'online-retail' })).id)
  const undisturbed = state(quiet)
  await quiet.stop()

  let shaken = await startServer({ args: LONDON, clock: null })
  let client = await signIn(shaken)
  const im = await upload(client, file, { preset: 'online-retail' })
  await client.import.run({ id: im.id })
  let kills = 0
  for (const past of [0, 6000, 12000]) {
    await eventually(async () => (await client.import.get({ id: im.id })).counts.rows > past)
    await shaken.kill()
    shaken = await startServer({ data: shaken.data, db: shaken.db, args: LONDON, clock: null })
    client = await signIn(shaken, 'owner', PASSWORD)
    kills += (await client.import.get({ id: im.id })).state === 'running'
    if (shaken.db.length) ask(shaken, "UPDATE job SET due_at = 0 WHERE state = 'running'") // its lease is two minutes long
  }
  assert.ok(kills > 1, 'it was killed while it ran')
  const done = await settled(client, im.id)
  assert.deepEqual(counted(done), want)
  assert.equal(state(shaken), undisturbed)
  await shaken.stop()
})

test('importing is for those who may and who see everybody', async () => {
  const [root] = await all(owner.department.list)
  const roles = Object.fromEntries((await all(owner.role.list)).map((r) => [r.key, r.id]))
  const narrow = await owner.role.create({ name: 'narrow', scope: 'department', permissions: ['import.run', 'order.write'] })
  const cases = [[roles.staff, 'forbidden'], [narrow.id, 'exceeds']]
  for (const [role, code] of cases) {
    const login = `importer${role}`
    await owner.staff.create({ login, name: login, department_id: root.id, role_ids: [role], password: 'the very first one' })
    const client = await signIn(server, login, 'the very first one')
    await client.account.changePassword({ old_password: 'the very first one', new_password: PASSWORD })
    assert.deepEqual(await problem(client.import.create({ kind: 'orders', name: 'a', size: 1 })).then((p) => [p.status, p.code]), [403, code])
    assert.equal((await problem(client.import.list())).status, 403)
  }
})

test('what has expired is removed with its file', async () => {
  // Jobs of the house are due by the machine's clock, at which the server was started.
  const later = async (days) => {
    const now = new Date(Date.now() + days * 86400000)
    await setClock(server, now.toISOString())
    return signIn(server)
  }
  const ran = () => eventually(async () => ask(server, `SELECT count(*) FROM job WHERE kind = 'transfer_clean' AND due_at > ${clock}`) === '1')
  let clock = 0
  const client = await later(1)
  const im = await upload(client, retail(), { preset: 'online-retail' })
  await run(client, im.id)
  const next = await later(7)
  clock = Date.now() + 7 * 86400000 - 60000
  await ran()
  assert.equal((await next.import.get({ id: im.id })).state, 'done')
  const last = await later(9)
  await eventually(async () => (await problem(last.import.get({ id: im.id })).catch(() => ({}))).status === 404)
  assert.equal(ask(server, `SELECT count(*) FROM import_line WHERE import_id = ${im.id}`), '0')
  assert.equal(fs.existsSync(path.join(server.data, 'imports', String(im.id))), false)
})

test('on the command line: the same, dry, again, with a report', async () => {
  const data = tempFolder()
  const db = await databaseArgs()
  const args = ['--data', data, ...LONDON, ...db]
  assert.equal(hetang(['init', ...args]).code, 0)
  const file = path.join(data, 'shop.csv.gz')
  fs.writeFileSync(file, zlib.gzipSync(retail()))
  const go = (...more) => JSON.parse(hetang(['import', 'orders', file, ...args, '--preset', 'online-retail', '--json', ...more]).out)
  const numbers = ({ counts: { reasons, ...n } }) => Object.fromEntries(Object.entries(n).filter(([, v]) => v))
  assert.deepEqual(numbers(go('--dry-run')), EXPECTED)
  const ended = db.length ? await openWrite(db.at(-1), 3) : async () => {} // somebody's write keeps the log from settling
  const first = go('--report', path.join(data, 'left.csv'))
  assert.equal(ask({ data, db }, 'SELECT count(*) FROM customer WHERE stage_id IS NULL'), '0', 'rules have looked at everybody when the command is over')
  await ended()
  assert.deepEqual([numbers(first), first.counts.reasons, first.state], [EXPECTED, EXPECTED_WHY, 'done'])
  assert.match(fs.readFileSync(path.join(data, 'left.csv'), 'utf8'), /A563185.*adjustment/)
  assert.deepEqual(numbers(go()), { rows: 10, accepted: 7, unchanged: 7, skipped: 3 })
  for (const bad of [['import', 'guests', file], ['import', 'orders', '/nowhere'], ['import', 'orders', path.join(data, 'hetang.ini')], ['import', 'orders', file, '--preset', 'x']]) {
    const r = hetang([...bad, ...args])
    assert.deepEqual([r.code, r.out, /^hetang: .+\n$/.test(r.err)], [1, '', true], `${bad.join(' ')}: ${r.out}${r.err}`)
    const said = hetang([...bad, ...args, '--json'])
    assert.deepEqual([said.code, Object.keys(JSON.parse(said.out)), `hetang: ${JSON.parse(said.out).error}\n`], [1, ['error'], r.err])
  }
  const many = [retail().toString().split('\n')[0], ...Array.from({ length: 20000 }, (_, i) => `${600000 + i},22423,CAKE STAND,1,2011-08-15 10:00:00,12.75,${17000 + (i % 50)},United Kingdom`)].join('\n')
  const whole = zlib.gzipSync(many), broken = path.join(data, 'broken.csv.gz')
  fs.writeFileSync(broken, whole.subarray(0, whole.length * 0.9))
  const r = hetang(['import', 'orders', broken, ...args, '--preset', 'online-retail'])
  assert.deepEqual([r.code, r.out], [1, ''], r.err)
  assert.match(r.err, /^hetang: .+ \(behind row \d+; what stands before is imported\)$/m)
})
