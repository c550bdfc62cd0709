/* A condition as the editor has it (rows, and groups of rows one level deep) and as the server has it, and either in words. What the
 * editor cannot say is kept as it came: a row that can be read and removed, and is written back unchanged. */
import { language, say, type Words } from '@/i18n'
import { formatDay, formatInstant, formatMoney, formatNumber } from '@/i18n/format'
import { flat, type Field } from './fields'
import { daysOf, noValues, operators, setOperators, type Condition, type Operator, type SetOperator, type Values } from './operators'

export type { Condition }
export type Match = 'all' | 'any' | 'none'
export interface Row {
  id: number
  field: string
  operator: string
  values: Values
  /** Days in which order figures are counted; null: ever */
  window: number | null
  /** … or from an instant on and before another, as a link from a figure names them */
  fixed?: Condition
  /** Kept as it came */
  raw?: Condition
}
export interface RowGroup {
  id: number
  match: Match
  rows: Row[]
}
export type Item = Row | RowGroup
export interface Tree {
  match: Match
  items: Item[]
}
export const isGroup = (item: Item): item is RowGroup => 'rows' in item

export const matchLabels: Record<Match, Words> = { all: { zh: '全部满足', en: 'all of' }, any: { zh: '满足任一', en: 'any of' }, none: { zh: '都不满足', en: 'none of' } }
const subjects = ['attr', 'order', 'rfm', 'tag', 'identity', 'consent'] as const

let numbered = 0
export const newId = (): number => ++numbered
const sets = (field: Field): SetOperator[] | null => (field.kind === 'tags' || field.kind === 'consent' ? setOperators[field.kind] : null)
export const operatorsOf = (field: Field): Array<Operator | SetOperator> => sets(field) ?? operators[field.kind as keyof typeof operators]
export const shapeOf = (field: Field, key: string): Operator['shape'] => {
  const o = operatorsOf(field).find((x) => x.key === key)
  return o && 'shape' in o ? o.shape : 'list'
}

export function newRow(field: Field): Row {
  return { id: newId(), field: field.key, operator: operatorsOf(field)[0]!.key, values: noValues(), window: null }
}

/** Is everything filled in that the row needs? */
export function isWhole(row: Row, field: Field | undefined): boolean {
  if (row.raw) return true
  if (!field) return false
  const { list, text, low, high, days, from, to } = row.values
  const whole = {
    list: list.length > 0, text: text.trim() !== '', low: low !== null, high: high !== null, range: low !== null && high !== null && low <= high, days: days !== null && days > 0,
    dates: (from !== '' || to !== '') && (!from || !to || from <= to), nothing: true,
  }
  return whole[shapeOf(field, row.operator)]
}

function writeSet(field: Field, o: SetOperator, list: Array<string | number>): Condition {
  const leaves = list.map((v) => ({ [field.subject]: v, is: o.is }))
  if (o.join === 'none') return { not: leaves.length === 1 ? leaves[0]! : { any: leaves } }
  return leaves.length === 1 ? leaves[0]! : { [o.join]: leaves }
}

function writeRow(row: Row, field: Field): Condition {
  if (row.raw) return row.raw
  const o = operatorsOf(field).find((x) => x.key === row.operator)!
  if ('join' in o) return writeSet(field, o, row.values.list)
  return { [field.subject]: field.name, ...o.write(row.values, field), ...(row.fixed ?? (field.window && row.window ? { within: `${row.window}d` } : {})) }
}

const joined = (match: Match, list: Condition[]): Condition =>
  match === 'none' ? { not: list.length === 1 ? list[0]! : { any: list } } : list.length === 1 ? list[0]! : { [match]: list }

/** Rows that are not whole are left out; {} is everybody. */
export function toCondition(tree: Tree, fields: Field[]): Condition {
  const byKey = new Map(fields.map((f) => [f.key, f]))
  const rows = (list: Row[]): Condition[] => list.filter((r) => isWhole(r, byKey.get(r.field))).map((r) => writeRow(r, byKey.get(r.field)!))
  const list = tree.items.flatMap((item) => {
    if (!isGroup(item)) return rows([item])
    const inner = rows(item.rows)
    return inner.length ? [joined(item.match, inner)] : []
  })
  return list.length ? joined(tree.match, list) : {}
}

/** Whether something is begun and not filled in. */
export function isUnfinished(tree: Tree, fields: Field[]): boolean {
  const byKey = new Map(fields.map((f) => [f.key, f]))
  return tree.items.flatMap((i) => (isGroup(i) ? i.rows : [i])).some((r) => !isWhole(r, byKey.get(r.field)))
}

const isObject = (x: unknown): x is Condition => typeof x === 'object' && x !== null && !Array.isArray(x)

/** The value of the choice that is meant: a tag may be named by its key. */
const chosenBy = (field: Field, name: string | number): string | number => flat(field.choices).find((o) => o.value === name || o.alias === name)?.value ?? name

function readSet(c: Condition, fields: Field[]): Row | null {
  const wrap: Array<[SetOperator['join'], unknown]> = 'not' in c ? [['none', c.not]] : 'any' in c ? [['any', c.any]] : 'all' in c ? [['all', c.all]] : [['any', [c]], ['all', [c]]]
  for (const [join, inner] of wrap) {
    const from = join === 'none' && isObject(inner) && 'any' in inner ? inner.any : inner
    const leaves = (Array.isArray(from) ? from : [from]) as unknown[]
    if (!leaves.length || !leaves.every(isObject)) continue
    for (const subject of ['tag', 'identity', 'consent'] as const) {
      const field = fields.find((f) => f.key === subject)
      if (!field || !leaves.every((l) => subject in l && Object.keys(l).every((k) => k === subject || k === 'is'))) continue
      const is: unknown = leaves[0]!.is ?? true
      if (!leaves.every((l) => (l.is ?? true) === is)) continue
      // "has not" of one is none of one.
      const as = is === false && leaves.length === 1 && join !== 'none' ? 'none' : join
      const o = sets(field)!.find((x) => x.join === as && x.is === (is === false ? true : is)) ?? (leaves.length === 1 ? sets(field)!.find((x) => x.is === is && x.join !== 'none' && as !== 'none') : undefined)
      if (o && (is !== false || as === 'none')) return { ...newRow(field), operator: o.key, values: { ...noValues(), list: leaves.map((l) => chosenBy(field, l[subject] as string | number)) } }
    }
  }
  return null
}

function readLeaf(c: Condition, fields: Field[]): Row | null {
  const subject = subjects.find((s) => s in c)
  const field = subject && fields.find((f) => f.subject === subject && f.name === c[subject])
  if (!field || sets(field)) return null
  const { [subject]: _, ...leaf } = c
  const row = newRow(field)
  if (field.window && 'within' in leaf) {
    row.window = daysOf(leaf.within)
    if (row.window === null) return null
    delete leaf.within
  }
  if (field.window && ('since' in leaf || 'until' in leaf)) {
    row.fixed = Object.fromEntries(Object.entries(leaf).filter(([k]) => k === 'since' || k === 'until'))
    delete leaf.since
    delete leaf.until
  }
  // "equal" before "between", which could say it, too.
  for (const o of [...operators[field.kind as keyof typeof operators]].sort((a, b) => Number(b.key === 'eq') - Number(a.key === 'eq'))) {
    const values = o.read(leaf, field)
    if (values) return { ...row, operator: o.key, values: { ...row.values, ...values } }
  }
  return null
}

const readRow = (c: Condition, fields: Field[]): Row | null => readSet(c, fields) ?? readLeaf(c, fields)
const kept = (c: Condition): Row => ({ id: newId(), field: '', operator: '', values: noValues(), window: null, raw: c })

function parts(c: Condition): { match: Match; list: Condition[] } | null {
  if (Array.isArray(c.all)) return { match: 'all', list: c.all as Condition[] }
  if (Array.isArray(c.any)) return { match: 'any', list: c.any as Condition[] }
  if (isObject(c.not) && Array.isArray(c.not.any)) return { match: 'none', list: c.not.any as Condition[] }
  return isObject(c.not) ? { match: 'none', list: [c.not] } : null
}

export function toTree(condition: Condition | null | undefined, fields: Field[]): Tree {
  if (!isObject(condition) || !Object.keys(condition).length) return { match: 'all', items: [] }
  const whole = readRow(condition, fields)
  if (whole) return { match: 'all', items: [whole] }
  const root = parts(condition)
  if (!root) return { match: 'all', items: [kept(condition)] }
  return {
    match: root.match,
    items: root.list.map((c) => {
      const row = readRow(c, fields)
      if (row) return row
      const inner = parts(c)
      return inner ? { id: newId(), match: inner.match, rows: inner.list.map((r) => readRow(r, fields) ?? kept(r)) } : kept(c)
    }),
  }
}

const comma = (): string => (language.value === 'en' ? ', ' : '、')
const NAMES_MAX = 3
const moment = (value: unknown): string => (typeof value !== 'string' ? '…' : value.length > 10 ? formatInstant(value) : formatDay(value))
const figure = (value: number | null, f: Field): string => (value === null ? '' : f.money ? formatMoney(value * 100) : formatNumber(value, 3))
const dayOr = (day: string, otherwise: string): string => (day ? formatDay(day) : otherwise)

function valueInWords(row: Row, field: Field): string {
  const v = row.values
  const names = flat(field.choices)
  const list = v.list.map((x) => names.find((n) => n.value === x)?.label ?? String(x))
  const texts = {
    list: list.slice(0, NAMES_MAX).join(comma()) + (list.length > NAMES_MAX ? say({ zh: ` 等 ${list.length} 个`, en: ` and ${list.length - NAMES_MAX} more` }) : ''),
    text: v.text, low: figure(v.low, field), high: figure(v.high, field), range: `${figure(v.low, field)} – ${figure(v.high, field)}`, days: formatNumber(v.days ?? 0),
    dates: `${dayOr(v.from, '…')} – ${dayOr(v.to, '…')}`, nothing: '',
  }
  return texts[shapeOf(field, row.operator)]
}

/** "最近下单时间 在最近 30 天内" */
export function rowInWords(row: Row, fields: Field[]): string {
  if (row.raw) return say({ zh: '由接口设置的条件', en: 'A condition set by the API' })
  const field = fields.find((f) => f.key === row.field)
  if (!field) return ''
  const o = operatorsOf(field).find((x) => x.key === row.operator)!
  const value = valueInWords(row, field)
  const how = 'said' in o ? say(o.said).replace('{v}', value) : `${say(o.label)} ${value}`
  const window = row.fixed ? say({ zh: `（${moment(row.fixed.since)} 至 ${moment(row.fixed.until)}）`, en: ` (${moment(row.fixed.since)} to ${moment(row.fixed.until)})` }) : field.window && row.window ? say({ zh: `（近 ${row.window} 天）`, en: ` (last ${row.window} days)` }) : ''
  return `${field.label} ${how}${window}`
}

export function itemInWords(item: Item, fields: Field[]): string {
  if (!isGroup(item)) return rowInWords(item, fields)
  return `${say(matchLabels[item.match])}: ${item.rows.map((r) => rowInWords(r, fields)).join(say({ zh: '；', en: '; ' }))}`
}

/** The whole in one line; nobody named: everybody. */
export function inWords(condition: Condition | null | undefined, fields: Field[]): string {
  const tree = toTree(condition, fields)
  const list = tree.items.map((i) => itemInWords(i, fields))
  return tree.match === 'all' || list.length < 2 ? (tree.match === 'none' ? say({ zh: '不满足：', en: 'Not: ' }) : '') + list.join(say({ zh: '，并且 ', en: ', and ' })) : `${say(matchLabels[tree.match])}: ${list.join(say({ zh: '；', en: '; ' }))}`
}
