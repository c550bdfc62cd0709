// The language of segments in the editor: read, said, written back; random conditions come back with the same meaning.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { load } from '../lib/source.mjs'

const { fieldsOf, toTree, toCondition, placesOf, inWords, isUnfinished, newRow, rowsOf, nodesOf, byPlace, setLanguage } = await load('lib/condition/fields.ts', 'lib/condition/tree.ts', 'lib/condition/words.ts', 'lib/condition/nodes.ts', 'i18n/index.ts')
const all = {
  stages: [], groups: [{ id: 1, name: '口味' }], tags: [{ id: 7, group_id: 1, name: '清甜', key: 'taste:sweet' }, { id: 8, group_id: 1, name: '微苦', key: null }],
  departments: [{ id: 3, name: '上海店' }], staff: [{ id: 4, name: '平儿' }], kinds: [{ kind: 'mobile', name: '手机号', name_en: 'Mobile' }],
  attributes: [{ key: 'weight', name: '体重', name_en: null, type: 'number', choices: [], archived: false }, { key: 'born', name: '出生', name_en: null, type: 'date', choices: [], archived: false }],
  segments: [{ id: 17, name: '高价值' }, { id: 18, name: '沉睡' }],
}
const events = [
  { name: 'order.paid', label: '下单', own: true, facts: 9, props: [{ name: 'amount_fen', label: '金额', kinds: ['number'] }, { name: 'channel', label: '渠道', kinds: ['text'] }] },
  { name: 'coupon.claimed', label: '领券', own: false, facts: 5, props: [{ name: 'auto', label: '自动', kinds: ['bool'] }] },
]
const segmentFields = () => fieldsOf(all, events)
const fields = segmentFields()
const plain = (s) => s.replace(/[\u00a0\u202f]/g, ' ')
const whole = (c) => toCondition(toTree(c, fields), fields)
const raws = (c) => rowsOf(toTree(c, fields).items).filter((r) => r.raw).length

const paid = { event: 'order.paid' }
const cases = [
  [paid, '做过 下单', 'Did 下单'],
  [{ event: ['order.paid', 'coupon.claimed'], within: '30d' }, '做过 下单 或 领券（近 30 天）', 'Did 下单 or 领券 (last 30 days)'],
  [{ ...paid, where: [{ prop: 'channel', in: ['group', 'live'] }, { prop: 'amount_fen', gte: 10050 }], within: '4w' }, '做过 下单（近 28 天，渠道 是 group、live，金额 ≥ ¥100.50）', 'Did 下单 (last 28 days, 渠道 is group, live, 金额 ≥ ¥100.50)', { ...paid, where: [{ prop: 'channel', in: ['group', 'live'] }, { prop: 'amount_fen', gte: 10050 }], within: '28d' }],
  [{ ...paid, count: { gte: 2 }, within: '90d' }, '下单 次数 ≥ 2（近 90 天）', '下单: how often ≥ 2 (last 90 days)'],
  [{ ...paid, count: { gt: 2 } }, '下单 次数 ≥ 3', '下单: how often ≥ 3', { ...paid, count: { gte: 3 } }],
  [{ ...paid, sum: { prop: 'amount_fen', gte: 90000 }, since: '2026-01-01', until: '2026-02-01' }, '下单 金额合计 ≥ ¥900.00（2026年1月1日 – 2026年1月31日）', '下单: sum of 金额 ≥ ¥900.00 (1 Jan 2026 – 31 Jan 2026)'],
  [{ ...paid, average: { prop: 'lines', gte: 1.5, lte: 3 } }, '下单 lines平均 在 1.5 – 3 之间', '下单: average of lines between 1.5 – 3'],
  [{ ...paid, distinct: { prop: 'channel', gte: 2, lte: 2 } }, '下单 渠道不同值的个数 = 2', '下单: different values of 渠道 = 2'],
  [{ ...paid, first: { prop: 'channel', in: ['live'] } }, '下单 首次的渠道 是 live', '下单: first 渠道 is live'],
  [{ ...paid, last: { prop: 'amount_fen', lte: 5000 } }, '下单 最近一次的金额 ≤ ¥50.00', '下单: latest 金额 ≤ ¥50.00'],
  [{ ...paid, first: { within: '30d' } }, '下单 首次时间 在最近 30 天内', '下单: first time in the last 30 days'],
  [{ ...paid, last: { since: '2026-01-01', until: '2026-01-02' } }, '下单 最近一次时间 在 2026年1月1日 – 2026年1月1日', '下单: latest time 1 Jan 2026 – 1 Jan 2026'],
  [{ ...paid, since_event: { event: 'coupon.claimed', where: [{ prop: 'auto', eq: false }], which: 'first' } }, '做过 下单（首次领券（自动 否）之后）', 'Did 下单 (after the first 领券 (自动 is no))'],
  [{ not: { ...paid, within: '12h' } }, '没做过 下单（近 12 小时）', 'Did not 下单 (last 12 hours)'],
  [{ sequence: ['coupon.claimed', { event: 'order.paid', where: [{ prop: 'channel', in: ['live'] }] }], within_each: '7d', since: '2026-01-01' }, '依次做过 领券 → 下单（渠道 是 live）（每步间隔 7 天内，2026年1月1日 – …）', 'Did in order 领券 → 下单 (渠道 is live) (each within 7 days, 1 Jan 2026 – …)', { sequence: [{ event: 'coupon.claimed' }, { event: 'order.paid', where: [{ prop: 'channel', in: ['live'] }] }], within_each: '7d', since: '2026-01-01' }],
  [{ event: 'coupon.claimed', not_followed_by: 'order.paid', after: '1d' }, '做过 领券，之后 1 天内没做 下单', 'Did 领券, and not 下单 within 1 day', { event: 'coupon.claimed', not_followed_by: paid, after: '1d' }],
  [{ segment: 17 }, '分群 在任一 高价值', 'Segments in any of 高价值', { segment: 17, is: true }],
  [{ not: { any: [{ segment: 17, is: true }, { segment: 18, is: true }] } }, '分群 都不在 高价值、沉睡', 'Segments in none of 高价值, 沉睡'],
  [{ random: 10 }, '随机抽样 10%', 'Random part 10%'],
  [{ attr: 'joined_at', since: '2026-03-01', until: '2026-04-01' }, '首次接触时间 在 2026年3月1日 – 2026年3月31日', 'First contact 1 Mar 2026 – 31 Mar 2026'],
  [{ attr: 'born', until: '1990-01-01' }, '出生 在 … – 1989年12月31日', '出生 … – 31 Dec 1989'],
  [{ order: 'count', gte: 2 }, '订单数 ≥ 2', 'Orders ≥ 2'],
  [{ all: [paid, { any: [{ random: 5 }, { not: { any: [{ order: 'count', gte: 9 }, { all: [{ attr: 'city', in: ['上海'] }, paid] }] } }] }] }, '做过 下单，并且 满足任一: 随机抽样 5%；（都不满足: 订单数 ≥ 9；（全部满足: 城市 是 上海；做过 下单））', 'Did 下单, and any of: Random part 5%; (none of: Orders ≥ 9; (all of: City is 上海; Did 下单))'],
]
test('what people did is read, said and written back', () => {
  for (const [c, zh, en, back = c] of cases) {
    const text = JSON.stringify(c)
    setLanguage('zh')
    assert.equal(plain(inWords(c, segmentFields())), zh, text)
    setLanguage('en')
    assert.equal(plain(inWords(c, segmentFields())), en, text)
    setLanguage('zh')
    assert.deepEqual(whole(c), back, text)
    assert.deepEqual(whole(back), back, `${text}, again`)
    assert.equal(raws(c), 0, text)
    assert.equal(isUnfinished(toTree(c, fields), fields), false, text)
  }
})

test('what the editor cannot say is kept to the letter', () => {
  const kept = [
    { ...paid, average: { prop: 'lines', gt: 2 } }, { ...paid, count: { in: [1, 2] } }, { ...paid, count: { gte: 1 }, sum: { prop: 'a', gte: 1 } }, { ...paid, since: '2026-01-01T08:00:00Z' }, { ...paid, within: '30d', since_event: { event: 'x' } },
    { ...paid, where: [{ prop: 'lines', in: [1, 2] }] }, { sequence: ['order.paid'] }, { sequence: ['a', 'b'], unknown: 1 }, { event: 'a', not_followed_by: 'b' }, { random: 10, attr: 'city' }, { random: 2.5 }, { order: 'count', gte: 2, within: '90d' },
    { attr: 'joined_at', gte: '2026-03-01' }, { set: 'tag', key: '7' }, { attr: 'name', starts: '王' }, { ...paid, count: { gte: 2, prop: 'a' } }, { event: [] }, { ...paid, first: 3 }, { not: { random: 10, x: 1 } },
  ]
  for (const c of kept) {
    assert.deepEqual(whole(c), c, JSON.stringify(c))
    const beside = { all: [c, { attr: 'city', in: ['上海'] }] }
    assert.deepEqual(whole(beside), beside, JSON.stringify(beside))
  }
})

test('lists and rules do not learn of what only segments say', () => {
  const list = fieldsOf(all)
  for (const c of [paid, { random: 10 }]) assert.ok(toTree(c, list).items[0].raw, JSON.stringify(c))
  assert.ok(toTree({ all: [{ any: [{ all: [{ attr: 'city', in: ['a'] }, { attr: 'gender', in: ['b'] }] }, { attr: 'city', in: ['c'] }] }, { attr: 'city', in: ['d'] }] }, list).items[0].items[0].raw)
})

// ---- random conditions

/** A small generator with a seed, so that a failure can be made again (mulberry32). */
function random(seed) {
  let a = seed
  const next = () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return { whole: (n) => Math.floor(next() * n), pick: (list) => list[Math.floor(next() * list.length)], yes: (part) => next() < part }
}
const DAYS = ['2026-01-01', '2026-02-15', '2026-03-31']
function compareOf(r, number) {
  return number ? r.pick([{ gte: r.whole(9) }, { lte: 5 + r.whole(9) }, { gte: 1, lte: 1 + r.whole(3) }, { gt: r.whole(4) }, { eq: r.whole(4) }]) : r.pick([{ in: ['a', 'b'] }, { eq: 'x' }, { not_in: ['c'] }, { contains: 'd' }, { starts: 'e' }, { exists: r.yes(0.5) }])
}
function whereOf(r) {
  return r.yes(0.4) ? { where: Array.from({ length: 1 + r.whole(2) }, () => r.pick([{ prop: 'channel', ...compareOf(r, false) }, { prop: 'amount_fen', ...compareOf(r, true) }, { prop: 'auto', eq: r.yes(0.5) }])) } : {}
}
const spanOf = (r) => `${1 + r.whole(90)}${r.pick(['s', 'min', 'h', 'd', 'w', 'm', 'y'])}`
const matchOf = (r) => ({ event: r.yes(0.3) ? ['order.paid', 'coupon.claimed'] : r.pick(['order.paid', 'coupon.claimed', '别的']), ...whereOf(r) })
function periodOf(r) {
  return r.pick([{}, {}, { within: spanOf(r) }, { since: DAYS[0], ...(r.yes(0.5) ? { until: DAYS[1] } : {}) }, { until: DAYS[2] }, { since_event: { ...matchOf(r), ...(r.yes(0.5) ? { which: r.pick(['first', 'last']) } : {}) } }, { within: '1d', since_event: matchOf(r) }])
}
function measureOf(r) {
  const m = r.pick(['', '', 'count', 'sum', 'average', 'min', 'max', 'distinct', 'first', 'last', 'first_time', 'last_time'])
  if (!m) return {}
  if (m === 'count') return { count: compareOf(r, true) }
  if (m.endsWith('_time')) return { [m.slice(0, -5)]: r.pick([{ within: spanOf(r) }, { before: spanOf(r) }, { since: DAYS[0], until: DAYS[1] }]) }
  const number = !['first', 'last'].includes(m) || r.yes(0.5)
  return { [m]: { prop: number ? r.pick(['amount_fen', 'lines']) : 'channel', ...compareOf(r, number) } }
}
function leafOf(r) {
  return r.pick([
    () => ({ ...matchOf(r), ...measureOf(r), ...periodOf(r) }), () => ({ ...matchOf(r), ...measureOf(r), ...periodOf(r) }), () => ({ sequence: Array.from({ length: 2 + r.whole(3) }, () => (r.yes(0.3) ? 'order.paid' : matchOf(r))), ...(r.yes(0.5) ? { within_each: spanOf(r) } : {}), ...periodOf(r) }),
    () => ({ ...matchOf(r), not_followed_by: r.yes(0.3) ? 'order.paid' : matchOf(r), after: spanOf(r), ...periodOf(r) }), () => ({ segment: r.pick([17, 18]), ...(r.yes(0.7) ? { is: r.yes(0.5) } : {}) }), () => ({ tag: r.pick([7, 8]), is: r.yes(0.6) }),
    () => ({ random: r.whole(101) }), () => ({ consent: 'sms', is: r.pick(['granted', 'refused']) }), () => ({ identity: 'mobile', is: r.yes(0.5) }), () => ({ rfm: 'tier', in: ['gold', 'diamond'] }), () => ({ order: r.pick(['count', 'amount']), ...compareOf(r, true) }),
    () => ({ attr: 'city', ...compareOf(r, false) }), () => ({ attr: 'weight', ...compareOf(r, true) }), () => ({ attr: 'born', ...r.pick([{ since: DAYS[0] }, { until: DAYS[1] }, { exists: false }]) }), () => ({ attr: 'department', in: [3], below: true }),
  ])()
}
function conditionOf(r, depth) {
  if (!depth || r.yes(0.3)) return leafOf(r)
  const list = () => Array.from({ length: 1 + r.whole(3) }, () => conditionOf(r, depth - 1))
  return r.pick([() => ({ all: list() }), () => ({ any: list() }), () => ({ not: conditionOf(r, depth - 1) })])()
}

/* What a condition means, in one form: leaves are brought to one way of saying the same, then it is looked up which of a leaf's
 * forms hold, for made-up people for whom each leaf holds or not. */
const DAY = { w: 7, m: 30, y: 365 }
const spanForm = (s) => s.replace(/^(\d+)([wmy])$/, (_, n, u) => `${n * DAY[u]}d`)
function compareForm(key, c) {
  const { gt, eq, ...rest } = c
  const wholes = key === 'order' || key === 'count' || key === 'distinct'
  if (typeof gt === 'number' && wholes) return { ...rest, gte: gt + 1 }
  if (typeof eq === 'number') return { ...rest, gte: eq, lte: eq }
  if (typeof eq === 'string') return { ...rest, in: [eq] }
  return c
}
function leafForm(c) {
  if (typeof c === 'string') return c
  if (Array.isArray(c)) return c.map(leafForm)
  if (typeof c !== 'object' || c === null) return c
  const out = {}
  for (const [k, v] of Object.entries(c)) {
    if (['within', 'within_each', 'after', 'before'].includes(k)) out[k] = spanForm(v)
    else if (k === 'sequence') out[k] = v.map((s) => leafForm(typeof s === 'string' ? { event: s } : s))
    else if (k === 'not_followed_by') out[k] = leafForm(typeof v === 'string' ? { event: v } : v)
    else if (k === 'since_event') out[k] = leafForm({ which: 'last', ...v })
    else if (typeof v === 'object' && !Array.isArray(v)) out[k] = leafForm(compareForm(k, v))
    else out[k] = k === 'where' ? v.map((x) => leafForm(compareForm('', x))) : v
  }
  if ('segment' in out || 'tag' in out || 'identity' in out) out.is ??= true
  return 'prop' in out ? out : compareForm('order' in out ? 'order' : '', out)
}
const sorted = (x) => (Array.isArray(x) ? x.map(sorted) : typeof x === 'object' && x !== null ? Object.fromEntries(Object.keys(x).sort().map((k) => [k, sorted(x[k])])) : x)
function holds(c, of) {
  if (Array.isArray(c.all)) return c.all.every((x) => holds(x, of))
  if (Array.isArray(c.any)) return c.any.some((x) => holds(x, of))
  if ('not' in c) return !holds(c.not, of)
  const leaf = leafForm(c)
  const yes = leaf.is !== false
  if (!yes) leaf.is = true
  return of(JSON.stringify(sorted(leaf))) === yes
}
/** Whether a leaf holds for the n-th person: by a hash of its text. */
const person = (n) => (text) => {
  let h = 2166136261 ^ n
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619)
  h ^= h >>> 15
  return (Math.imul(h, 0x85ebca6b) >>> 16) % 2 === 1
}

test('random conditions come back with the same meaning, and then to the letter', () => {
  let rows = 0
  let kept = 0
  for (let seed = 1; seed <= 2000; seed++) {
    const c = conditionOf(random(seed), 1 + (seed % 4))
    const text = `seed ${seed}: ${JSON.stringify(c)}`
    const back = whole(c)
    assert.deepEqual(whole(back), back, text)
    for (let n = 0; n < 24; n++) assert.equal(holds(back, person(n)), holds(c, person(n)), `${text} → ${JSON.stringify(back)}`)
    setLanguage(seed % 2 ? 'zh' : 'en')
    assert.ok(inWords(c, fields).length, text)
    rows += rowsOf(toTree(c, fields).items).length
    kept += raws(c)
  }
  setLanguage('zh')
  assert.ok(rows > 4000 && kept / rows < 0.15, `${kept} of ${rows} rows are kept as they came`)
})

test('where a row stands in the condition is known', () => {
  const c = { all: [{ attr: 'city', in: ['上海'] }, { any: [paid, { not: { any: [{ random: 3 }, { order: 'count', gte: 1 }] } }] }] }
  const tree = toTree(c, fields)
  const places = placesOf(tree, fields)
  const [city, group] = tree.items
  const [done, none] = group.items
  assert.deepEqual([city, group, done, none, ...none.items].map((i) => places.get(i.id)), ['all[0]', 'all[1]', 'all[1].any[0]', 'all[1].any[1]', 'all[1].any[1].not.any[0]', 'all[1].any[1].not.any[1]'])
  tree.items.unshift(newRow(fields.find((f) => f.key === 'event.done'))) // not filled in: it has no place
  const after = placesOf(tree, fields)
  assert.equal(after.get(tree.items[0].id), undefined)
  assert.equal(after.get(city.id), 'all[0]')
  const one = toTree(paid, fields)
  assert.equal(placesOf(one, fields).get(one.items[0].id), '')
})

test('the places of nodes in the order of the engine, with what named segments are made of', () => {
  const segments = [{ id: 1, kind: 'list', condition: null }, { id: 2, kind: 'live', condition: { all: [paid, { not: { segment: 1 } }] } }, { id: 3, kind: 'live', condition: {} }]
  assert.deepEqual(nodesOf({ all: [paid, { any: [{ random: 3 }, { not: paid }] }, { random: 1 }] }, segments), ['', 'all[0]', 'all[1]', 'all[1].any[0]', 'all[1].any[1]', 'all[1].any[1].not', 'all[2]'])
  assert.deepEqual(nodesOf({ any: [{ segment: 1 }, { segment: 2, is: false }, { segment: 3 }, paid] }, segments), ['', 'any[0]', 'any[1]', undefined, undefined, undefined, undefined, 'any[2]', 'any[3]'])
  assert.equal(nodesOf({ any: [{ segment: 9 }] }, segments), null)
  assert.equal(nodesOf({ segment: 4 }, [{ id: 4, kind: 'live', condition: { segment: 4 } }]), null)
  assert.deepEqual([...byPlace({ not: paid }, segments, [5, 7])], [['', 5], ['not', 7]])
  assert.equal(byPlace({ not: paid }, segments, [5]).size, 0)
})
