/* How a field is compared, by its kind: what the person fills in (`shape`), how it is said, and how it stands in a condition, to be
 * written and to be read back. A row of the editor has all values an operator may need; each uses its own. */
import type { Words } from '@/i18n'
import type { Field, Kind } from './fields'

export type Condition = Record<string, unknown>
export interface Values {
  list: Array<string | number>
  text: string
  low: number | null
  high: number | null
  days: number | null
  from: string
  to: string
}
export const noValues = (): Values => ({ list: [], text: '', low: null, high: null, days: null, from: '', to: '' })

/** Which controls are shown. */
export type Shape = 'list' | 'text' | 'low' | 'high' | 'range' | 'days' | 'dates' | 'nothing'
export interface Operator {
  key: string
  label: Words
  /** With {v}, what was filled in */
  said: Words
  shape: Shape
  write(values: Values, field: Field): Condition
  /** null: it is not this operator's */
  read(leaf: Condition, field: Field): Partial<Values> | null
}

const w = (zh: string, en: string): Words => ({ zh, en })
/** The object has exactly these operators (the subject and the window are taken out before). */
const only = (leaf: Condition, ...keys: string[]): boolean => Object.keys(leaf).length === keys.length && keys.every((k) => k in leaf)
const listOf = (value: unknown): Array<string | number> => (Array.isArray(value) ? value : [value]) as Array<string | number>
const scale = (field: Field): number => (field.money ? 100 : 1)
const amount = (value: unknown, field: Field): number | null => (typeof value === 'number' ? value / scale(field) : null)
const units = (value: number | null, field: Field): number => Math.round((value ?? 0) * scale(field) * 1000) / 1000

const span = /^(\d+)([dwmy])$/
const days = { d: 1, w: 7, m: 30, y: 365 }
/** "4w" is 28 days; null: hours, which nobody sets here. */
export function daysOf(text: unknown): number | null {
  const m = typeof text === 'string' ? span.exec(text) : null
  return m ? Number(m[1]) * days[m[2] as keyof typeof days] : null
}
export const shifted = (day: string, by: number): string => new Date(Date.parse(`${day}T00:00:00Z`) + by * 86_400_000).toISOString().slice(0, 10)
const isDay = (value: unknown): value is string => typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)

const among = (key: string, label: Words, names: [string, string], more: Condition = {}): Operator => ({
  key, label, said: w(`${label.zh} {v}`, `${label.en} {v}`), shape: 'list',
  write: ({ list }) => ({ [names[0]]: list, ...more }),
  read: (leaf) => {
    const name = names.find((n) => n in leaf)
    if (!name || !only(leaf, name, ...Object.keys(more)) || Object.keys(more).some((k) => leaf[k] !== more[k])) return null
    return { list: listOf(leaf[name]) }
  },
})
const there = (key: string, yes: boolean, label: Words): Operator => ({
  key, label, said: label, shape: 'nothing', write: () => ({ exists: yes }), read: (leaf) => (only(leaf, 'exists') && leaf.exists === yes ? {} : null),
})
const spanned = (key: string, label: Words, said: Words): Operator => ({
  key, label, said, shape: 'days', write: (v) => ({ [key]: `${v.days ?? 0}d` }),
  read: (leaf) => (only(leaf, key) && daysOf(leaf[key]) !== null ? { days: daysOf(leaf[key]) } : null),
})
const written = (key: string, label: Words): Operator => ({
  key, label, said: w(`${label.zh} {v}`, `${label.en} {v}`), shape: 'text', write: (v) => ({ [key]: v.text }),
  read: (leaf) => (only(leaf, key) && typeof leaf[key] === 'string' ? { text: leaf[key] } : null),
})

const isIn = among('in', w('是', 'is'), ['in', 'eq'])
const notIn = among('not_in', w('不是', 'is not'), ['not_in', 'ne'])
const has = there('exists', true, w('已填写', 'is filled in'))
const hasNot = there('missing', false, w('未填写', 'is not filled in'))
const once = there('exists', true, w('有过', 'has happened'))
const never = there('missing', false, w('从未有过', 'has never happened'))
const within = spanned('within', w('在最近…天内', 'in the last … days'), w('在最近 {v} 天内', 'in the last {v} days'))
const before = spanned('before', w('在…天以前', 'more than … days ago'), w('在 {v} 天以前', 'more than {v} days ago'))
const next = spanned('next', w('在未来…天内', 'in the next … days'), w('在未来 {v} 天内', 'in the next {v} days'))

const atLeast: Operator = {
  key: 'gte', label: w('不少于', 'at least'), said: w('≥ {v}', '≥ {v}'), shape: 'low', write: (v, f) => ({ gte: units(v.low, f) }),
  // More than a whole number is at least the next one; of money and of what has fractions it is not.
  read: (leaf, f) => {
    if (only(leaf, 'gte')) return { low: amount(leaf.gte, f) }
    return only(leaf, 'gt') && typeof leaf.gt === 'number' && f.group !== 'custom' ? { low: (leaf.gt + 1) / scale(f) } : null
  },
}
const atMost: Operator = {
  key: 'lte', label: w('不多于', 'at most'), said: w('≤ {v}', '≤ {v}'), shape: 'high', write: (v, f) => ({ lte: units(v.high, f) }),
  read: (leaf, f) => {
    if (only(leaf, 'lte')) return { high: amount(leaf.lte, f) }
    return only(leaf, 'lt') && typeof leaf.lt === 'number' && f.group !== 'custom' ? { high: (leaf.lt - 1) / scale(f) } : null
  },
}
const equal: Operator = {
  key: 'eq', label: w('等于', 'equal to'), said: w('= {v}', '= {v}'), shape: 'low', write: (v, f) => ({ gte: units(v.low, f), lte: units(v.low, f) }),
  read: (leaf, f) => {
    if (only(leaf, 'eq') && typeof leaf.eq === 'number') return { low: amount(leaf.eq, f) }
    return only(leaf, 'gte', 'lte') && leaf.gte === leaf.lte ? { low: amount(leaf.gte, f) } : null
  },
}
const range: Operator = {
  key: 'between', label: w('介于', 'between'), said: w('在 {v} 之间', 'between {v}'), shape: 'range', write: (v, f) => ({ gte: units(v.low, f), lte: units(v.high, f) }),
  read: (leaf, f) => (only(leaf, 'gte', 'lte') && typeof leaf.gte === 'number' ? { low: amount(leaf.gte, f), high: amount(leaf.lte, f) } : null),
}
/** From a day to a day, both included; either may be open. Of instants the end is the beginning of the day after, and of everything
 *  in the language of segments. */
const between = (instants: boolean): Operator => {
  const names = (f: Field): { begin: string; end: string; after: number } => (f.since ? { begin: 'since', end: 'until', after: 1 } : { begin: 'gte', end: instants ? 'lt' : 'lte', after: instants ? 1 : 0 })
  return {
    key: 'dates', label: w('在日期之间', 'between dates'), said: w('在 {v}', '{v}'), shape: 'dates',
    write: (v, f) => {
      const { begin, end, after } = names(f)
      return { ...(v.from ? { [begin]: v.from } : {}), ...(v.to ? { [end]: shifted(v.to, after) } : {}) }
    },
    read: (leaf, f) => {
      const { begin, end, after } = names(f)
      if (Object.keys(leaf).some((k) => k !== begin && k !== end) || !Object.values(leaf).every(isDay) || !Object.keys(leaf).length) return null
      const to = leaf[end] as string | undefined
      return { from: (leaf[begin] as string | undefined) ?? '', to: to ? shifted(to, -after) : '' }
    },
  }
}

/** Of one hundred, always the same people. */
const part: Operator = {
  key: 'part', label: w('抽取', 'take'), said: w('{v}%', '{v}%'), shape: 'low', write: (v) => ({ random: v.low }),
  read: (leaf) => (only(leaf, 'random') && typeof leaf.random === 'number' && Number.isInteger(leaf.random) ? { low: leaf.random } : null),
}

/** Kinds whose rows are several leaves together. */
export type SetKind = 'tags' | 'consent' | 'segments'
export const operators: Record<Exclude<Kind, SetKind | 'facts'>, Operator[]> = {
  text: [isIn, notIn, written('contains', w('包含', 'contains')), written('starts', w('开头是', 'begins with')), has, hasNot],
  choice: [isIn, notIn, has, hasNot],
  department: [among('in_below', w('属于（含下级）', 'is in or below'), ['in', 'eq'], { below: true }), isIn, among('not_below', w('不属于（含下级）', 'is not in or below'), ['not_in', 'ne'], { below: true }), has, hasNot],
  number: [atLeast, atMost, equal, range, has, hasNot],
  figure: [atLeast, atMost, equal, range],
  time: [within, before, between(true), once, never],
  always: [within, before, between(true)],
  birthday: [next, between(false), has, hasNot],
  date: [within, before, between(false), has, hasNot],
  moment: [within, before, between(true)],
  percent: [part],
  yes: [
    { key: 'yes', label: w('是', 'is yes'), said: w('是', 'is yes'), shape: 'nothing', write: () => ({ eq: true }), read: (leaf) => (only(leaf, 'eq') && leaf.eq === true ? {} : null) },
    { key: 'no', label: w('否', 'is no'), said: w('否', 'is no'), shape: 'nothing', write: () => ({ eq: false }), read: (leaf) => (only(leaf, 'eq') && leaf.eq === false ? {} : null) },
    has, hasNot,
  ],
  choices: [among('in', w('包含任一', 'has any of'), ['in', 'eq']), among('not_in', w('都不含', 'has none of'), ['not_in', 'ne']), has, hasNot],
}

/** Of tags, identifiers and consents: several leaves that hold together. */
export interface SetOperator {
  key: string
  label: Words
  join: 'any' | 'all' | 'none'
  is: boolean | string
}
export const setOperators: Record<SetKind, SetOperator[]> = {
  segments: [
    { key: 'any', label: w('在任一', 'in any of'), join: 'any', is: true },
    { key: 'all', label: w('同时在', 'in all of'), join: 'all', is: true },
    { key: 'none', label: w('都不在', 'in none of'), join: 'none', is: true },
  ],
  tags: [
    { key: 'any', label: w('有任一', 'any of'), join: 'any', is: true },
    { key: 'all', label: w('全部有', 'all of'), join: 'all', is: true },
    { key: 'none', label: w('都没有', 'none of'), join: 'none', is: true },
  ],
  consent: [
    { key: 'granted', label: w('已同意', 'agreed to'), join: 'all', is: 'granted' },
    { key: 'refused', label: w('免打扰', 'do not disturb by'), join: 'any', is: 'refused' },
    { key: 'not_refused', label: w('未设免打扰', 'not refused'), join: 'none', is: 'refused' },
  ],
}
