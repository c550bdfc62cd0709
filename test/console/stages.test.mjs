// Five stages, life cycle, stickiness: what is asked, what is read back from a saved report, how figures add up.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { load } from '../lib/source.mjs'

globalThis.window = { addEventListener() {} } // the session listens to other tabs
const { aarrrIsWhole, aarrrPlan, aarrrQuestion, definedStages, readAarrr, stageLive, stagePeople, stageRows } = await load('lib/report/aarrr.ts')
const { activityQuestion, activityQuestions, beforeOf, daysEach, daysShown, identity, netOf, ratioOf, readActivity, withUnit, withView } = await load('lib/report/activity.ts')

const DAYS = { since: '2026-02-01', until: '2026-03-01' }
const FEBRUARY = { range: '2026-02-01..2026-02-28' }
const paid = { event: 'order.paid', where: [] }

test('who of a stage: everybody, who had never done it before, who had', () => {
  const now = { event: 'order.paid', ...DAYS }
  const then = { event: 'order.paid', until: '2026-02-01' }
  assert.deepEqual(stagePeople({ of: paid, who: 'anyone' }, DAYS, {}), { all: [now] })
  assert.deepEqual(stagePeople({ of: paid, who: 'first' }, DAYS, {}), { all: [now, { not: then }] })
  const where = [{ prop: 'channel', in: ['pos'] }]
  // The conditions hold for what was done before, too.
  assert.deepEqual(stagePeople({ of: { event: 'order.paid', where }, who: 'again' }, DAYS, { attr: 'city', eq: '上海' }), { all: [{ attr: 'city', eq: '上海' }, { ...now, where }, { ...then, where }] })
})

test('a stage as a segment that keeps itself: named days, days that move, and what no condition says', () => {
  const board = (range, more = {}) => readAarrr({ range, ...more })
  const days = { event: 'order.paid', ...DAYS }
  assert.deepEqual(stageLive(board(FEBRUARY.range), 'retention', false), { all: [days, { event: 'order.paid', until: '2026-02-01' }] })
  assert.deepEqual(stageLive(board(FEBRUARY.range), 'revenue', true), { all: [{ event: 'order.paid', since: '2026-01-01', until: '2026-02-01' }] })
  const moving = board('30d', { people: { attr: 'city', eq: '上海' } })
  const [city, within, first] = [{ attr: 'city', eq: '上海' }, { event: 'order.paid', within: '30d' }, (how) => ({ event: 'order.paid', first: { [how]: '30d' } })]
  assert.deepEqual(stageLive(moving, 'revenue', false), { all: [city, within] })
  assert.deepEqual(stageLive(moving, 'activation', false), { all: [city, first('within')] })
  assert.deepEqual(stageLive(moving, 'retention', false), { all: [city, within, first('before')] })
  assert.equal(stageLive(moving, 'revenue', true), null)
  for (const range of ['1d', 'week', 'last_week', 'month', 'last_month']) assert.equal(stageLive(board(range), 'revenue', false), null, range)
  assert.equal(stageLive(board('30d', { stages: { referral: { of: { event: 'segment.entered', where: [] }, who: 'anyone' } } }), 'referral', false), null)
  const given = { event: 'order.paid', count: { gte: 3 } }
  assert.deepEqual(stageLive(board('month', { stages: { revenue: { of: {}, given } } }), 'revenue', false), given)
})

test('a board is asked together: the stages that are defined, and each of them in as many days before', () => {
  const board = readAarrr(FEBRUARY)
  assert.deepEqual(definedStages(board), ['acquisition', 'activation', 'retention', 'revenue'])
  const { parts, questions } = aarrrPlan(board)
  assert.equal(questions.length, 8)
  assert.deepEqual(questions[parts.findIndex((p) => p.key === 'revenue' && p.before)].people, { all: [{ event: 'order.paid', since: '2026-01-01', until: '2026-02-01' }] }, 'before a month: the month before')
  assert.equal(aarrrPlan({ ...board, compare: false }).questions.length, 4)
  const nothing = readAarrr({ stages: Object.fromEntries(definedStages(board).map((k) => [k, {}])) })
  assert.deepEqual([definedStages(nothing), aarrrIsWhole(nothing)], [[], false])
  assert.equal(aarrrIsWhole(readAarrr({ stages: { revenue: { of: { event: 'order.paid', where: [{ prop: '' }] } } } })), false)
})

test('what is saved is read back, of the console and of a machine', () => {
  const board = readAarrr({ ...FEBRUARY, stages: { activation: { of: { event: 'order.paid', where: [{ prop: 'channel', eq: 'pos' }] }, who: 'first' }, referral: { of: { event: '分享' }, who: 'again' }, revenue: {} } })
  const saved = JSON.parse(JSON.stringify(aarrrQuestion(board)))
  assert.deepEqual([saved.kind, saved.since, saved.until, saved.stages.map((s) => s.stage)], ['aarrr', '2026-02-01', '2026-03-01', ['acquisition', 'activation', 'retention', 'referral']])
  assert.deepEqual(readAarrr({ ...saved, ...FEBRUARY }).stages, board.stages)
  assert.deepEqual(readAarrr(JSON.parse(JSON.stringify(board))), board)
  // What has no row on the page is kept as it is, and has nothing before it.
  const odd = [
    { event: 'order.paid', count: { gte: 3 }, ...DAYS },
    { all: [{ event: 'a', ...DAYS }, { not: { event: 'b', until: '2026-02-01' } }] },
    { all: [{ event: 'a', ...DAYS }, { event: 'a', where: [{ prop: 'x', eq: 1 }], until: '2026-02-01' }] },
    { all: [{ event: 'a', ...DAYS }, { event: 'a', until: '2026-02-01' }, { attr: 'city', eq: '上海' }] },
    { tag: 12 },
  ]
  for (const people of odd) {
    const read = readAarrr({ ...FEBRUARY, stages: [{ stage: 'revenue', query: { kind: 'segment', people } }] })
    assert.deepEqual([definedStages(read), read.stages.revenue.given], [['revenue'], people], JSON.stringify(people))
    assert.deepEqual(aarrrPlan(read).questions, [{ kind: 'segment', people }])
  }
  for (const raw of [{ stages: 5 }, { stages: [null, 3, { stage: 'joy', query: 1 }] }, { stages: { revenue: 7, referral: { of: [], who: 'all' } } }]) assert.equal(readAarrr(raw).stages.referral.of.event, '', JSON.stringify(raw))
})

test('rows of a board: the change, and the share of the stage defined before', () => {
  const board = readAarrr({ ...FEBRUARY, stages: { activation: {} } })
  const counts = { acquisition: [200, 100], retention: [50, 0], revenue: [75, 100] }
  const { parts, questions } = aarrrPlan(board)
  const rows = stageRows(board, parts.map((p, i) => ({ count: counts[p.key][p.before ? 1 : 0], question: questions[i] })))
  assert.deepEqual(rows.map((r) => [r.key, r.people, r.before, r.change, r.share]), [['acquisition', 200, 100, 1, null], ['retention', 50, 0, null, 0.25], ['revenue', 75, 100, -0.25, 1.5]])
  assert.deepEqual(rows[2].questionBefore.people.all[0].until, '2026-02-01')
})

test('activity: what is asked, and what another view, unit or window brings', () => {
  assert.deepEqual(activityQuestion(readActivity(FEBRUARY)), { kind: 'life', ...DAYS, of: { event: 'order.paid' }, unit: 'month' })
  const sticky = withView(readActivity(FEBRUARY), 'stickiness')
  assert.deepEqual([sticky.unit, sticky.window, sticky.range], ['day', 7, '30d'])
  assert.equal(withUnit(sticky, 'week').window, 4)
  assert.deepEqual(activityQuestion({ ...sticky, ...FEBRUARY }), { kind: 'stickiness', ...DAYS, of: { event: 'order.paid' }, unit: 'day', window: 7 })
  for (const [given, window] of [[28, 28], [400, 366], [1, 2], [9.6, 10], ['7', 7], [undefined, 7]]) assert.equal(readActivity({ kind: 'stickiness', window: given }).window, window, String(given))
})

test('activity: broken down by what people are, not by events; everybody is asked about beside', () => {
  const broken = readActivity({ ...FEBRUARY, breakdown: [{ attr: 'gender' }] })
  const whole = activityQuestion(readActivity(FEBRUARY))
  assert.deepEqual(activityQuestions(broken), [{ ...whole, breakdown: [{ attr: 'gender' }] }, { ...whole, breakdown: undefined }])
  assert.deepEqual(activityQuestions(readActivity({ ...FEBRUARY, breakdown: [{ prop: 'channel' }] })), [whole])
  assert.deepEqual(withView(broken, 'stickiness').breakdown, broken.breakdown)
})

test('a period adds up both ways; shares and averages of nothing are nothing', () => {
  const p = { start: '2026-02-01T00:00:00Z', complete: true, active: 9, new: 2, returning: 4, resurrected: 3, dormant: 6 }
  assert.deepEqual([netOf(p), beforeOf(p), p.active - beforeOf(p)], [-1, 10, netOf(p)], 'what it has more than the period before is what came less what went')
  assert.match(identity(p)[0], /9.*4.*2.*3/)
  assert.match(identity(p)[1], /10.*4.*6/)
  assert.deepEqual([ratioOf({ ...p, recent: 18 }), ratioOf({ ...p, recent: 0 }), ratioOf(p)], [0.5, null, null])
  assert.deepEqual([daysEach([3, 0, 1]), daysEach([0, 0]), daysEach([])], [1.5, null, null])
  assert.deepEqual(daysShown({ days: [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0] }).length, 9)
  assert.deepEqual(daysShown({ days: Array(28).fill(0) }).length, 7)
})
