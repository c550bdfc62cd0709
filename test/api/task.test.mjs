import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { startServer, signIn, problem, all, eventually, setClock, local } from '../lib/server.mjs'
import { plant, hire } from '../lib/staff.mjs'
import { unzip } from '../lib/zip.mjs'

let server, owner, at, east, west, lin, zhou, wu
before(async () => {
  server = await startServer({ args: ['--session-hours', '720'] })
  owner = await signIn(server)
  at = await plant(owner, { region: ['region', 'root'], east: ['store', 'region'], west: ['store', 'region'] })
  east = await hire(server, owner, { login: 'east', department: at.east, roles: ['store'] })
  west = await hire(server, owner, { login: 'west', department: at.west, roles: ['store'] })
  lin = await hire(server, owner, { login: 'lin', department: at.east, roles: ['staff'] })
  zhou = await hire(server, owner, { login: 'zhou', department: at.east, roles: ['staff'] })
  wu = await hire(server, owner, { login: 'wu', department: at.west, roles: ['staff'] })
})
after(() => server.stop())

// NOW is Monday 2026-03-02 10:00 in Shanghai.
const person = (name, department_id, staff_id) => owner.customer.create({ name, department_id, staff_id })
const plan = (who, what, due_at, more = {}) => who.task.create({ what, due_at, ...more })
const mine = async (who, when) => (await all(who.myTask.list, when ? { when } : {})).map((t) => t.what)
const facts = async (id) => (await all(owner.customer.timeline, { id, types: ['task.'] })).map((f) => f.type)

test('a follow-up: planned, due, done with a note that the timeline leads to', async () => {
  const c = await person('钱一', at.east, lin.id)
  const task = await plan(lin, '问问睡得怎么样', '2026-03-02T03:00:00Z', { customer_id: c.id })
  assert.deepEqual(
    [task.kind, task.state, task.staff_id, task.staff_name, task.customer_name, task.department_id, task.profile, task.by_name, task.rule_id],
    ['follow_up', 'open', lin.id, 'lin', '钱一', at.east, true, 'lin', null])
  assert.deepEqual(await lin.myTask.counts(), { overdue: 0, today: 1, coming: 0, due: 0 })
  assert.deepEqual(await facts(c.id), ['task.created'])
  await setClock(server, '2026-03-02T03:00:00Z')
  await eventually(async () => (await facts(c.id))[0] === 'task.due', 'task.due')
  assert.deepEqual(await lin.myTask.counts(), { overdue: 0, today: 1, coming: 0, due: 1 })
  const done = await lin.task.complete({ id: task.id, note: '睡得好多了，想再买一个枕头' }, { version: task.version })
  assert.deepEqual([done.state, done.note, done.finished_name, done.finished_at], ['done', '睡得好多了，想再买一个枕头', 'lin', '2026-03-02T03:00:00Z'])
  const [fact] = await all(owner.customer.timeline, { id: c.id, types: ['task.done'] })
  assert.deepEqual(fact.props, { task_id: task.id, kind: 'follow_up', staff_id: lin.id })
  assert.equal((await owner.task.get({ id: fact.props.task_id })).note, done.note)
  assert.deepEqual(await facts(c.id), ['task.done', 'task.due', 'task.created'])
  assert.deepEqual(await lin.myTask.counts(), { overdue: 0, today: 0, coming: 0, due: 0 })
  assert.deepEqual((await all(owner.customer.tasks, { id: c.id })).map((t) => t.id), [task.id])
  assert.equal((await problem(lin.task.complete({ id: task.id }))).code, 'wrong_state')
  assert.equal((await problem(lin.task.dismiss({ id: task.id }))).code, 'wrong_state')
  assert.equal((await problem(lin.task.change({ id: task.id, what: '别的' }))).code, 'wrong_state')
  const again = await lin.task.reopen({ id: task.id })
  assert.deepEqual([again.state, again.note, again.finished_at], ['open', null, null])
  assert.equal((await problem(lin.task.reopen({ id: task.id }))).code, 'wrong_state')
  const dropped = await lin.task.dismiss({ id: task.id })
  assert.deepEqual([dropped.state, dropped.note], ['dismissed', null])
})

test('overdue, today, coming: by the business day, in pages that meet', async () => {
  const qi = await hire(server, owner, { login: 'qi', department: at.east, roles: ['staff'] })
  await setClock(server, '2026-03-03T04:00:00Z') // Tuesday noon
  for (const [what, due] of [['明早', '2026-03-03T16:30:00Z'], ['今晚', '2026-03-03T15:59:00Z'], ['今早', '2026-03-02T16:00:00Z'], ['下周', '2026-03-10T02:00:00Z']])
    await plan(qi, what, due)
  await setClock(server, '2026-03-03T15:00:00Z')
  assert.deepEqual([await mine(qi, 'overdue'), await mine(qi, 'today'), await mine(qi, 'coming')], [[], ['今早', '今晚'], ['明早', '下周']])
  assert.deepEqual(await qi.myTask.counts(), { overdue: 0, today: 2, coming: 2, due: 1 })
  await setClock(server, '2026-03-03T16:00:00Z') // Wednesday begins
  assert.deepEqual([await mine(qi, 'overdue'), await mine(qi, 'today'), await mine(qi, 'coming')], [['今早', '今晚'], ['明早'], ['下周']])
  assert.deepEqual(await mine(qi), ['今早', '今晚', '明早', '下周'])
  const seen = []
  let cursor
  do {
    const page = await qi.myTask.list({ limit: 1, cursor })
    seen.push(...page.items.map((t) => t.what))
    cursor = page.next ?? undefined
  } while (cursor)
  assert.deepEqual(seen, ['今早', '今晚', '明早', '下周'])
  assert.equal((await problem(qi.myTask.list({ cursor: 'nonsense' }))).field, 'cursor')
})

test('postponed, it is told of again; brought forward, it is told of at once', async () => {
  await setClock(server, '2026-03-04T02:00:00Z')
  const c = await person('改期', at.east, lin.id)
  const task = await plan(lin, '改期', '2026-03-04T02:00:00Z', { customer_id: c.id })
  await eventually(async () => (await facts(c.id)).length === 2, 'task.due')
  await lin.task.change({ id: task.id, due_at: '2026-03-06T02:00:00Z', what: '改到周五' })
  assert.equal((await lin.myTask.counts()).due, 0)
  await setClock(server, '2026-03-06T01:59:59Z')
  await plan(lin, '别的事', '2026-03-06T02:30:00Z')
  assert.equal((await facts(c.id)).length, 2)
  await setClock(server, '2026-03-06T02:00:00Z')
  await eventually(async () => (await facts(c.id)).join() === 'task.due,task.due,task.created', 'the second task.due')
  assert.equal((await lin.task.get({ id: task.id })).what, '改到周五')
  assert.equal((await problem(lin.task.change({ id: task.id, what: '再改' }, { version: 1 }))).status, 412)
})

test('bad input names the field', async () => {
  const cases = [
    [{ due_at: '2026-03-20T02:00:00Z' }, 'required', 'what'],
    [{ what: '' , due_at: '2026-03-20T02:00:00Z' }, 'required', 'what'],
    [{ what: 'x'.repeat(501), due_at: '2026-03-20T02:00:00Z' }, 'too_long', 'what'],
    [{ what: 'x' }, 'required', 'due_at'],
    [{ what: 'x', due_at: 'tomorrow' }, 'wrong_type', 'due_at'],
    [{ what: 'x', due_at: '2026-03-05T15:59:00Z' }, 'invalid', 'due_at'],
    [{ what: 'x', due_at: '2037-03-20T02:00:00Z' }, 'invalid', 'due_at'],
    [{ what: 'x', due_at: '2026-03-20T02:00:00Z', customer_id: 99999 }, 'not_found', 'customer_id'],
    [{ what: 'x', due_at: '2026-03-20T02:00:00Z', staff_id: 99999 }, 'not_found', 'staff_id'],
  ]
  for (const [input, code, field] of cases) {
    const p = await problem(owner.task.create(input))
    assert.deepEqual([p.code, p.field], [code, field], JSON.stringify(input).slice(0, 80))
  }
  const machine = local(server)
  assert.deepEqual(await problem(machine.task.create({ what: 'x', due_at: '2026-03-20T02:00:00Z' })).then((p) => [p.code, p.field]), ['required', 'staff_id'])
  assert.equal((await problem(owner.task.list({ state: 'lost' }))).field, 'state')
})

test('a store sees what is about its customers and nothing else', async () => {
  const a = await person('东客', at.east, lin.id), b = await person('西客', at.west, wu.id)
  const ta = await plan(owner, '东事', '2026-04-01T02:00:00Z', { customer_id: a.id })
  const tb = await plan(owner, '西事', '2026-04-01T03:00:00Z', { customer_id: b.id })
  const own = await plan(owner, '总部的事', '2026-04-01T04:00:00Z')
  assert.deepEqual([ta.staff_id, tb.staff_id, own.staff_id], [lin.id, wu.id, owner.me.staff_id])
  const window = { due_from_at: '2026-04-01T00:00:00Z', due_before_at: '2026-04-02T00:00:00Z' }
  const listed = async (who, more = {}) => (await all(who.task.list, { ...window, ...more })).map((t) => t.what)
  assert.deepEqual(await listed(owner), ['东事', '西事', '总部的事'])
  assert.deepEqual([await listed(east), await listed(west)], [['东事'], ['西事']])
  assert.deepEqual(await listed(owner, { department_id: at.region }), ['东事', '西事'])
  assert.deepEqual(await listed(owner, { staff_id: wu.id }), ['西事'])
  assert.deepEqual([await listed(east, { staff_id: wu.id }), await listed(owner, { kind: 'care' }), await listed(east, { department_id: at.west })], [[], [], []])
  for (const [who, id] of [[west, ta.id], [east, tb.id], [east, own.id]]) {
    for (const call of ['get', 'change', 'complete', 'dismiss', 'reopen', 'handOver'])
      assert.equal((await problem(who.task[call]({ id, ...(call === 'change' && { what: 'x' }), ...(call === 'handOver' && { staff_id: who.id }) }))).status, 404, call)
  }
  assert.equal((await problem(east.task.create({ what: 'x', due_at: '2026-04-01T02:00:00Z', customer_id: b.id }))).field, 'customer_id')
  assert.equal((await problem(east.task.create({ what: 'x', due_at: '2026-04-01T02:00:00Z', staff_id: wu.id }))).field, 'staff_id')
  assert.equal((await problem(east.task.handOver({ id: ta.id, staff_id: wu.id }))).field, 'staff_id')
  assert.equal((await problem(east.customer.tasks({ id: b.id }))).status, 404)
  assert.deepEqual((await all(east.customer.tasks, { id: a.id })).map((t) => t.what), ['东事'])
  await owner.task.complete({ id: ta.id })
  await owner.task.complete({ id: tb.id })
  assert.deepEqual(await listed(east, { state: 'done' }), ['东事'])
  assert.deepEqual(await listed(owner, { state: 'done' }), ['西事', '东事'])
  assert.deepEqual(await listed(owner, { state: 'done', staff_id: lin.id }), ['东事'])
  assert.deepEqual(await listed(owner, { state: 'dismissed' }), [])
  const page = await owner.task.list({ ...window, state: 'done', limit: 1 })
  assert.deepEqual((await owner.task.list({ ...window, state: 'done', limit: 1, cursor: page.next })).items.map((t) => t.what), ['东事'])
})

test('nobody owns the customer: any member of the store may do it', async () => {
  const c = await person('无主', at.east)
  const task = await plan(east, '谁有空谁联系', '2026-03-09T02:00:00Z', { customer_id: c.id })
  assert.deepEqual([task.staff_id, task.department_id], [null, at.east])
  for (const who of [lin, zhou]) assert.ok((await mine(who)).includes('谁有空谁联系'))
  assert.ok(!(await mine(wu)).includes('谁有空谁联系'))
  assert.equal((await problem(wu.task.get({ id: task.id }))).status, 404)
  const seen = await zhou.task.get({ id: task.id })
  assert.deepEqual([seen.customer_name, seen.profile], ['无主', false]) // the task shows who, the page stays closed
  assert.equal((await problem(zhou.customer.get({ id: c.id }))).status, 404)
  assert.equal((await zhou.task.complete({ id: task.id, note: '联系过了' })).finished_name, 'zhou')
  assert.ok(!(await mine(lin)).includes('谁有空谁联系'))
})

test('handed over: to a member within one’s scope, one or all', async () => {
  const c = await person('转交', at.east, lin.id)
  const task = await plan(east, '转交一件', '2026-03-10T02:00:00Z', { customer_id: c.id })
  await east.task.handOver({ id: task.id, staff_id: zhou.id })
  assert.ok((await mine(zhou)).includes('转交一件'))
  assert.ok(!(await mine(lin)).includes('转交一件'))
  const [fact] = await all(owner.customer.timeline, { id: c.id, types: ['task.handed_over'] })
  assert.deepEqual(fact.props, { task_id: task.id, from_id: lin.id, to_id: zhou.id })
  const far = await person('远客', at.west, wu.id)
  await owner.task.create({ what: '替西店办', due_at: '2026-03-11T02:00:00Z', customer_id: far.id, staff_id: zhou.id })
  await plan(zhou, '自己的事', '2026-03-12T02:00:00Z')
  assert.equal((await problem(zhou.task.handOverAll({ from_staff_id: lin.id, to_staff_id: zhou.id }))).field, 'from_staff_id')
  assert.equal((await problem(east.task.handOverAll({ from_staff_id: zhou.id, to_staff_id: wu.id }))).field, 'to_staff_id')
  assert.equal((await problem(east.task.handOverAll({ from_staff_id: zhou.id, to_staff_id: zhou.id }))).field, 'to_staff_id')
  assert.deepEqual(await east.task.handOverAll({ from_staff_id: zhou.id, to_staff_id: lin.id }), { moved: 2, left: 0 })
  assert.deepEqual(await mine(zhou), ['替西店办']) // about a customer whom the store does not see
  assert.deepEqual((await mine(lin)).filter((w) => ['转交一件', '自己的事'].includes(w)), ['转交一件', '自己的事'])
})

test('tasks go where the customer goes', async () => {
  const c = await person('搬家', at.east, lin.id)
  const task = await plan(owner, '跟进搬家', '2026-03-20T02:00:00Z', { customer_id: c.id })
  const kept = await plan(owner, '总部跟进', '2026-03-20T03:00:00Z', { customer_id: c.id, staff_id: owner.me.staff_id })
  await owner.customer.change({ id: c.id, staff_id: zhou.id })
  await eventually(async () => (await owner.task.get({ id: task.id })).staff_id === zhou.id, 'the new owner has it')
  await owner.customer.change({ id: c.id, department_id: at.west, staff_id: wu.id })
  await eventually(async () => (await owner.task.get({ id: task.id })).staff_id === wu.id, 'the other store has it')
  assert.equal((await problem(east.task.get({ id: task.id }))).status, 404)
  assert.equal((await problem(zhou.task.get({ id: task.id }))).status, 404)
  assert.equal((await west.task.get({ id: task.id })).department_id, at.west)
  assert.equal((await owner.task.get({ id: kept.id })).staff_id, kept.staff_id) // who sees everything keeps it
  assert.ok((await all(west.task.list)).some((t) => t.id === task.id))
  await owner.customer.change({ id: c.id, department_id: at.east, staff_id: null })
  await eventually(async () => (await owner.task.get({ id: task.id })).department_id === at.east, 'back at the store')
  assert.ok(['east', 'lin', 'zhou', 'qi'].includes((await owner.task.get({ id: task.id })).staff_name)) // one of the store, by turn
})

test('who leaves: their tasks go to the owners, else to the store by turn, else to the store', async () => {
  await setClock(server, '2026-03-06T03:00:00Z')
  const north = (await owner.department.create({ parent_id: at.region, kind: 'store', name: 'north' })).id
  const [a, b, c] = [await hire(server, owner, { login: 'na', department: north, roles: ['staff'] }),
    await hire(server, owner, { login: 'nb', department: north, roles: ['staff'] }),
    await hire(server, owner, { login: 'nc', department: north, roles: ['staff'] })]
  const theirs = await person('有主', north, a.id), other = await person('别人的', north, b.id), none = await person('散客', north)
  const due = '2026-03-30T02:00:00Z'
  const made = {
    theirs: await plan(owner, '主人离开', due, { customer_id: theirs.id }),
    other: await plan(owner, '代办', due, { customer_id: other.id, staff_id: a.id }),
    none: await plan(owner, '散客', due, { customer_id: none.id, staff_id: a.id }),
    own: await plan(a, '自己的', due),
    done: await a.task.complete({ id: (await plan(a, '做完的', due)).id }),
  }
  await owner.staff.leave({ id: a.id })
  const now = async (t) => owner.task.get({ id: t.id })
  await eventually(async () => (await now(made.own)).staff_id !== a.id && (await now(made.none)).staff_id !== a.id, 'inherited')
  assert.equal((await now(made.other)).staff_id, b.id)
  const turn = [(await now(made.theirs)).staff_id, (await now(made.none)).staff_id, (await now(made.own)).staff_id]
  assert.ok(turn.every((id) => id === b.id || id === c.id) && new Set(turn).size === 2, `${turn}`)
  assert.equal((await now(made.done)).staff_id, a.id)
  await owner.staff.leave({ id: b.id })
  await owner.staff.leave({ id: c.id })
  await eventually(async () => (await Promise.all(Object.values(made).filter((t) => t.state === 'open').map(now))).every((t) => t.staff_id === null), 'nobody is left: the store’s')
  const d = await hire(server, owner, { login: 'nd', department: north, roles: ['staff'] })
  assert.equal((await mine(d)).length, 4)
})

test('joined and parted, tasks go along and come back', async () => {
  const a = await person('甲', at.east, lin.id), b = await person('乙', at.west, wu.id)
  const task = await plan(owner, '乙的事', '2026-03-21T02:00:00Z', { customer_id: b.id })
  const merge = await owner.customer.merge({ id: a.id, other_id: b.id })
  assert.equal((await owner.task.get({ id: task.id })).customer_id, a.id)
  await eventually(async () => (await owner.task.get({ id: task.id })).staff_id === lin.id, 'the survivor’s owner has it')
  assert.equal((await problem(west.task.get({ id: task.id }))).status, 404)
  await owner.merge.undo({ id: merge.id })
  assert.equal((await owner.task.get({ id: task.id })).customer_id, b.id)
  await eventually(async () => (await owner.task.get({ id: task.id })).staff_id === wu.id, 'back with the owner')
})

test('told, tasks are in the file; erased, their texts are gone and what was open has ended', async () => {
  const c = await person('要忘记的', at.east, lin.id)
  const open = await plan(owner, '打给 13800138000', '2026-03-22T02:00:00Z', { customer_id: c.id })
  const done = await owner.task.complete({ id: (await plan(owner, '送礼', '2026-03-22T02:00:00Z', { customer_id: c.id })).id, note: '住在湖边' })
  const reply = await owner.fetch(`/api/v1/customers/${c.id}/export`, { method: 'POST' })
  const told = unzip(Buffer.from(await reply.arrayBuffer()))
  assert.deepEqual(JSON.parse(told['task.json']).tasks.map((t) => [t.what, t.state, t.note]), [['打给 13800138000', 'open', null], ['送礼', 'done', '住在湖边']])
  await owner.customer.erase({ id: c.id })
  const gone = await owner.task.get({ id: open.id })
  assert.deepEqual([gone.what, gone.state, gone.customer_name, gone.profile], ['', 'dismissed', null, false])
  assert.deepEqual([(await owner.task.get({ id: done.id })).what, (await owner.task.get({ id: done.id })).note], ['', null])
  assert.ok(!(await all(owner.task.list, { state: 'done' })).some((t) => t.id === done.id))
  assert.ok(!(await mine(lin)).includes(''))
})

test('comments: by whoever sees the task, told and erased with the person', async () => {
  const c = await person('留言', at.east, lin.id)
  const task = await plan(lin, '量尺寸', '2026-03-25T02:00:00Z', { customer_id: c.id })
  const first = await lin.task.comment({ id: task.id, text: '电话没人接' })
  await east.task.comment({ id: task.id, text: '下午再试' })
  assert.deepEqual([first.by_name, first.text], ['lin', '电话没人接'])
  assert.deepEqual((await all(east.task.comments, { id: task.id })).map((m) => [m.by_name, m.text]), [['lin', '电话没人接'], ['east', '下午再试']])
  const page = await east.task.comments({ id: task.id, limit: 1 })
  assert.deepEqual((await east.task.comments({ id: task.id, limit: 1, cursor: page.next })).items.map((m) => m.text), ['下午再试'])
  assert.equal((await lin.task.get({ id: task.id })).version, task.version)
  for (const call of ['comment', 'comments']) assert.equal((await problem(west.task[call]({ id: task.id, ...(call === 'comment' && { text: 'x' }) }))).status, 404)
  assert.deepEqual(await problem(lin.task.comment({ id: task.id, text: '' })).then((p) => [p.code, p.field]), ['required', 'text'])
  assert.equal((await problem(lin.task.comment({ id: task.id, text: 'x'.repeat(2001) }))).code, 'too_long')
  for (let i = 0; i < 198; i++) await lin.task.comment({ id: task.id, text: `${i}` })
  assert.equal((await problem(lin.task.comment({ id: task.id, text: '太多' }))).code, 'too_many')
  const reply = await owner.fetch(`/api/v1/customers/${c.id}/export`, { method: 'POST' })
  const told = unzip(Buffer.from(await reply.arrayBuffer()))
  assert.deepEqual(JSON.parse(told['task_comment.json']).task_comments.slice(0, 1).map((m) => [m.task_id, m.text]), [[task.id, '电话没人接']])
  await owner.customer.erase({ id: c.id })
  assert.ok((await all(owner.task.comments, { id: task.id })).every((m) => m.text === ''))
})

test('counts within one’s scope', async () => {
  const south = (await owner.department.create({ parent_id: at.root, kind: 'store', name: 'south' })).id
  const head = await hire(server, owner, { login: 'sa', department: south, roles: ['store'] }), member = await hire(server, owner, { login: 'sb', department: south, roles: ['staff'] })
  const c = await person('南客', south, member.id)
  await setClock(server, '2026-03-12T02:00:00Z')
  for (const due of ['2026-03-12T03:00:00Z', '2026-03-13T03:00:00Z', '2026-03-20T03:00:00Z']) await plan(head, '计数', due, { customer_id: c.id })
  await plan(head, '自己的', '2026-03-13T04:00:00Z')
  await setClock(server, '2026-03-13T03:30:00Z')
  assert.deepEqual(await head.task.counts(), { overdue: 1, today: 2, coming: 1, due: 2 })
  assert.deepEqual(await owner.task.counts({ department_id: south }), await head.task.counts())
  assert.deepEqual(await head.task.counts({ staff_id: member.id }), { overdue: 1, today: 1, coming: 1, due: 2 })
  assert.deepEqual(await member.task.counts(), await head.task.counts({ staff_id: member.id }))
  assert.deepEqual(await west.task.counts({ department_id: south }), { overdue: 0, today: 0, coming: 0, due: 0 })
  assert.ok((await owner.task.counts()).overdue > 1)
})

test('at once: one ends it, one reopens it, everybody hands it over, one key makes one', async () => {
  const c = await person('抢', at.east, lin.id)
  const task = await plan(east, '抢着做', '2026-03-28T02:00:00Z', { customer_id: c.id })
  const outcomes = async (calls) => (await Promise.all(calls.map((p) => p.then(() => 'ok', (e) => e.problem.code)))).sort()
  const crowd = (n, call) => outcomes(Array.from({ length: n }, (_, i) => call([east, lin, owner][i % 3], i)))
  assert.deepEqual(await crowd(9, (who, i) => (i % 2 ? who.task.complete({ id: task.id }) : who.task.dismiss({ id: task.id }))), ['ok', ...Array(8).fill('wrong_state')])
  assert.equal((await facts(c.id)).filter((t) => t === 'task.done' || t === 'task.dismissed').length, 1)
  assert.deepEqual(await crowd(6, (who) => who.task.reopen({ id: task.id })), ['ok', ...Array(5).fill('wrong_state')])
  const { version } = await owner.task.get({ id: task.id })
  assert.deepEqual(await crowd(6, (who, i) => who.task.change({ id: task.id, what: `改${i}` }, { version })), ['ok', ...Array(5).fill('version_changed')])
  assert.deepEqual(await outcomes(Array.from({ length: 8 }, (_, i) => east.task.handOver({ id: task.id, staff_id: i % 2 ? lin.id : zhou.id }))), Array(8).fill('ok'))
  const moved = (await all(owner.customer.timeline, { id: c.id, types: ['task.handed_over'] })).reverse()
  moved.forEach((f, i) => assert.equal(f.props.from_id, i ? moved[i - 1].props.to_id : lin.id)) // each from whom the one before gave it to
  assert.equal((await owner.task.get({ id: task.id })).staff_id, moved.at(-1).props.to_id)
  const key = 'one-task-please'
  const made = await Promise.all(Array.from({ length: 5 }, () => east.task.create({ what: '只一件', due_at: '2026-03-28T02:00:00Z', customer_id: c.id }, { key }).catch((e) => e.problem.code)))
  assert.equal(new Set(made.map((t) => t.id).filter(Boolean)).size, 1)
  assert.equal((await all(owner.customer.tasks, { id: c.id })).filter((t) => t.what === '只一件').length, 1)
})

test('without the right to work on tasks there are none', async () => {
  const analyst = await hire(server, owner, { login: 'analyst', department: at.root, roles: ['analyst'] })
  for (const call of [analyst.task.list, analyst.myTask.list, analyst.myTask.counts, () => analyst.task.create({ what: 'x', due_at: '2026-03-20T02:00:00Z' })])
    assert.deepEqual(await problem(call()).then((p) => [p.status, p.code]), [403, 'forbidden'])
})
