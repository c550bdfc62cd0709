// Conditions as the editor reads them, says them, and writes them back.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { load } from '../lib/source.mjs'

const { fieldsOf, toTree, toCondition, inWords, isUnfinished, newRow, setLanguage } = await load('lib/condition/fields.ts', 'lib/condition/tree.ts', 'lib/condition/words.ts', 'i18n/index.ts')
const all = {
  stages: [{ id: 1, key: 'member', name: '会员', name_en: 'Member' }], groups: [{ id: 1, name: '口味' }, { id: 2, name: '空' }],
  tags: [{ id: 7, group_id: 1, name: '清甜', key: 'taste:sweet' }, { id: 8, group_id: 1, name: '微苦', key: null }, { id: 9, group_id: 1, name: '麻辣', key: null }, { id: 10, group_id: 1, name: '咸香', key: null }],
  departments: [{ id: 3, name: '上海店' }], staff: [{ id: 4, name: '平儿' }], kinds: [{ kind: 'mobile', name: '手机号', name_en: 'Mobile' }], segments: [],
  attributes: [
    { key: 'skin', name: '肤质', name_en: 'Skin', type: 'choice', choices: ['干性', '油性'], archived: false }, { key: 'budget', name: '预算', name_en: null, type: 'money', choices: [], archived: false },
    { key: 'weight', name: '体重', name_en: null, type: 'number', choices: [], archived: false }, { key: 'vip', name: '贵宾', name_en: null, type: 'bool', choices: [], archived: false },
    { key: 'old', name: '旧', name_en: null, type: 'text', choices: [], archived: true },
  ],
}
const fields = fieldsOf(all)
const plain = (s) => s.replace(/[  ]/g, ' ')
const whole = (c) => toCondition(toTree(c, fields), fields)

// condition, in Chinese, in English; written back as it came unless a fourth says otherwise
const cases = [
  [{}, '', ''],
  [{ attr: 'city', in: ['上海', '杭州'] }, '城市 是 上海、杭州', 'City is 上海, 杭州'],
  [{ attr: 'city', eq: '上海' }, '城市 是 上海', 'City is 上海', { attr: 'city', in: ['上海'] }],
  [{ attr: 'city', not_in: ['a', 'b', 'c', 'd'] }, '城市 不是 a、b、c 等 4 个', 'City is not a, b, c and 1 more'],
  [{ attr: 'name', starts: '王' }, '姓名 开头是 王', 'Name begins with 王'],
  [{ attr: 'birthday', exists: false }, '生日 未填写', 'Birthday is not filled in'],
  [{ attr: 'birthday', next: '7d' }, '生日 在未来 7 天内', 'Birthday in the next 7 days'],
  [{ attr: 'stage', in: ['member'] }, '生命周期 是 会员', 'Life cycle is Member'],
  [{ attr: 'department', in: [3], below: true }, '所属门店 属于（含下级） 上海店', 'Store is in or below 上海店'],
  [{ attr: 'department', in: [3] }, '所属门店 是 上海店', 'Store is 上海店'],
  [{ attr: 'age', gte: 18, lte: 25 }, '年龄 在 18 – 25 之间', 'Age between 18 – 25'],
  [{ attr: 'age', gt: 60 }, '年龄 ≥ 61', 'Age ≥ 61', { attr: 'age', gte: 61 }],
  [{ attr: 'joined_at', gte: '2026-03-01', lt: '2026-04-01' }, '首次接触时间 在 2026年3月1日 – 2026年3月31日', 'First contact 1 Mar 2026 – 31 Mar 2026'],
  [{ attr: 'birthday', lte: '1990-12-31' }, '生日 在 … – 1990年12月31日', 'Birthday … – 31 Dec 1990'],
  [{ attr: 'seen_at', before: '4w' }, '最近活跃时间 在 28 天以前', 'Last activity more than 28 days ago', { attr: 'seen_at', before: '28d' }],
  [{ order: 'count', gte: 2, within: '90d' }, '订单数 ≥ 2（近 90 天）', 'Orders ≥ 2 (last 90 days)'],
  [{ order: 'count', eq: 0, within: '90d' }, '订单数 = 0（近 90 天）', 'Orders = 0 (last 90 days)', { order: 'count', gte: 0, lte: 0, within: '90d' }],
  [{ order: 'amount', gte: 20050 }, '消费金额 ≥ ¥200.50', 'Spent ≥ ¥200.50'],
  [{ order: 'amount', lt: 40000 }, '消费金额 ≤ ¥399.99', 'Spent ≤ ¥399.99', { order: 'amount', lte: 39999 }],
  [{ order: 'count', gte: 1, since: '2026-03-01', until: '2026-03-02' }, '订单数 ≥ 1（2026年3月1日 至 2026年3月2日）', 'Orders ≥ 1 (1 Mar 2026 to 2 Mar 2026)'],
  [{ order: 'last', exists: false }, '最近下单时间 从未有过', 'Last order has never happened'],
  [{ rfm: 'tier', in: ['gold'] }, '会员等级 是 黄金', 'RFM tier is Gold'],
  [{ rfm: 'class', eq: '111' }, 'RFM 类别 是 重要价值', 'RFM class is Important, of value', { rfm: 'class', in: ['111'] }],
  [{ tag: 7, is: true }, '标签 有任一 清甜', 'Tags any of 清甜'],
  [{ tag: 'taste:sweet', is: true }, '标签 有任一 清甜', 'Tags any of 清甜', { tag: 7, is: true }],
  [{ tag: 7, is: false }, '标签 都没有 清甜', 'Tags none of 清甜', { not: { tag: 7, is: true } }],
  [{ any: [{ tag: 7, is: true }, { tag: 8, is: true }] }, '标签 有任一 清甜、微苦', 'Tags any of 清甜, 微苦'],
  [{ all: [{ tag: 7, is: true }, { tag: 8, is: true }] }, '标签 全部有 清甜、微苦', 'Tags all of 清甜, 微苦'],
  [{ not: { any: [{ tag: 7, is: true }, { tag: 8, is: true }] } }, '标签 都没有 清甜、微苦', 'Tags none of 清甜, 微苦'],
  [{ identity: 'mobile', is: true }, '身份标识 有任一 手机号', 'Identifiers any of Mobile'],
  [{ consent: 'sms', is: 'refused' }, '触达意愿 免打扰 短信', 'Consent do not disturb by SMS'],
  [{ consent: 'sms', is: 'granted' }, '触达意愿 已同意 短信', 'Consent agreed to SMS'],
  [{ not: { consent: 'sms', is: 'refused' } }, '触达意愿 未设免打扰 短信', 'Consent not refused SMS'],
  [{ attr: 'skin', in: ['干性'] }, '肤质 是 干性', 'Skin is 干性'],
  [{ attr: 'budget', lte: 8850 }, '预算 ≤ ¥88.50', '预算 ≤ ¥88.50'],
  [{ attr: 'weight', gte: 60.5 }, '体重 ≥ 60.5', '体重 ≥ 60.5'],
  [{ attr: 'vip', eq: true }, '贵宾 是', '贵宾 is yes'],
  [{ all: [{ attr: 'city', in: ['上海'] }, { any: [{ order: 'count', gte: 2 }, { tag: 7, is: true }] }] }, '城市 是 上海，并且 满足任一: 订单数 ≥ 2；标签 有任一 清甜', 'City is 上海, and any of: Orders ≥ 2; Tags any of 清甜'],
  [{ not: { any: [{ attr: 'city', in: ['上海'] }, { order: 'count', gte: 2 }] } }, '都不满足: 城市 是 上海；订单数 ≥ 2', 'none of: City is 上海; Orders ≥ 2'],
]
test('read, said and written back', () => {
  for (const [c, zh, en, back = c] of cases) {
    const text = JSON.stringify(c)
    setLanguage('zh')
    assert.equal(plain(inWords(c, fieldsOf(all))), zh, text)
    setLanguage('en')
    assert.equal(plain(inWords(c, fieldsOf(all))), en, text)
    setLanguage('zh')
    assert.deepEqual(whole(c), back, text)
    assert.deepEqual(whole(back), back, `${text}, again`)
    assert.equal(isUnfinished(toTree(c, fields), fields), false, text)
  }
})

test('what the editor cannot say is kept to the letter', () => {
  const kept = [
    { order: 'count', gte: 1, within: '12h' }, { attr: 'unknown', eq: 1 }, { attr: 'old', eq: 'x' }, { attr: 'weight', gt: 60 }, { attr: 'city', contains: 'a', starts: 'b' }, { attr: 'joined_at', gte: '2026-03-01T08:00:00Z' },
    { not: { all: [{ attr: 'city', in: ['上海'] }, { order: 'count', gte: 1 }] } }, { any: [{ tag: 7, is: true }, { tag: 8, is: false }] }, { all: [{ consent: 'sms', is: 'refused' }, { consent: 'call', is: 'refused' }] },
  ]
  for (const c of kept) {
    assert.deepEqual(whole(c), whole(whole(c)), JSON.stringify(c))
    const beside = { all: [c, { attr: 'gender', in: ['female'] }] }
    assert.deepEqual(same(whole(beside)), same(beside), JSON.stringify(beside))
  }
})
/** A condition with "has not" in its one form, so that two ways to write it compare. */
function same(c) {
  if (Array.isArray(c)) return c.map(same)
  if (typeof c !== 'object' || c === null) return c
  if ('tag' in c && c.is === false) return { not: { tag: c.tag, is: true } }
  return Object.fromEntries(Object.entries(c).map(([k, v]) => [k, same(v)]))
}

test('a line that is not filled in says nothing, and is noticed', () => {
  const city = fields.find((f) => f.key === 'attr.city')
  const amount = fields.find((f) => f.key === 'order.amount')
  const tree = { match: 'all', items: [newRow(city), { id: 1, match: 'any', items: [newRow(amount)] }] }
  assert.equal(isUnfinished(tree, fields), true)
  assert.deepEqual(toCondition(tree, fields), {})
  tree.items[0].values.list = ['上海']
  assert.deepEqual(toCondition(tree, fields), { attr: 'city', in: ['上海'] })
  const range = { ...newRow(amount), operator: 'between' }
  range.values = { ...range.values, low: 5, high: 3 }
  assert.equal(isUnfinished({ match: 'all', items: [range] }, fields), true, 'the end is before the beginning')
})

test('fields whose choices nobody here may see are not offered', () => {
  const keys = fieldsOf({ ...all, departments: [], staff: [], tags: [], groups: [] }).map((f) => f.key)
  for (const key of ['attr.department', 'attr.staff', 'tag', 'attr.old']) assert.equal(keys.includes(key), false, key)
})
