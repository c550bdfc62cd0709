/* A condition as the editor has it (rows, and groups of rows) and as the server has it. Either in words: words.ts. What the editor
 * cannot say is kept as it came: a row that can be read and removed, and is written back unchanged. */
import type { Words } from '@/i18n'
import { factsWhole, isFilled, newFacts, readBy, readFacts, writeFacts, type Facts } from './facts'
import { flat, type Field } from './fields'
import { daysOf, noValues, operators, setOperators, type Condition, type Operator, type SetKind, type SetOperator, type Values } from './operators'

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
  /** What they did */
  facts?: Facts
  /** Kept as it came */
  raw?: Condition
}
export interface RowGroup {
  id: number
  match: Match
  items: Item[]
}
export type Item = Row | RowGroup
export interface Tree {
  match: Match
  items: Item[]
}
export const isGroup = (item: Item): item is RowGroup => 'items' in item

/** How deep groups of groups go: of lists and rules, and of segments. */
export const LIST_DEPTH = 1
export const SEGMENT_DEPTH = 7
export const depthOf = (fields: Field[]): number => (fields.some((f) => f.kind === 'facts') ? SEGMENT_DEPTH : LIST_DEPTH)

export const matchLabels: Record<Match, Words> = { all: { zh: '全部满足', en: 'all of' }, any: { zh: '满足任一', en: 'any of' }, none: { zh: '都不满足', en: 'none of' } }
const subjects = ['attr', 'order', 'rfm', 'tag', 'identity', 'consent'] as const

let numbered = 0
export const newId = (): number => ++numbered
const isSet = (kind: Field['kind']): kind is SetKind => kind in setOperators
const sets = (field: Field): SetOperator[] | null => (isSet(field.kind) ? setOperators[field.kind] : null)
export const operatorsOf = (field: Field): Array<Operator | SetOperator> => sets(field) ?? operators[field.kind as keyof typeof operators] ?? []
export const shapeOf = (field: Field, key: string): Operator['shape'] => {
  const o = operatorsOf(field).find((x) => x.key === key)
  return o && 'shape' in o ? o.shape : 'list'
}

export function newRow(field: Field): Row {
  const row = { id: newId(), field: field.key, operator: operatorsOf(field)[0]?.key ?? '', values: noValues(), window: null }
  return field.kind === 'facts' ? { ...row, facts: newFacts(field.name) } : row
}
export const rowsOf = (items: Item[]): Row[] => items.flatMap((i) => (isGroup(i) ? rowsOf(i.items) : [i]))

/** Is everything filled in that the row needs? */
export function isWhole(row: Row, field: Field | undefined): boolean {
  if (row.raw) return true
  if (!field) return false
  if (row.facts) return factsWhole(field.name, row.facts, row.operator, row.values)
  const part = row.values.low ?? 0
  return isFilled(shapeOf(field, row.operator), row.values) && (field.kind !== 'percent' || (Number.isInteger(part) && part >= 0 && part <= 100))
}

function writeSet(field: Field, o: SetOperator, list: Array<string | number>): Condition {
  const leaves = list.map((v) => ({ [field.subject]: v, is: o.is }))
  if (o.join === 'none') return { not: leaves.length === 1 ? leaves[0]! : { any: leaves } }
  return leaves.length === 1 ? leaves[0]! : { [o.join]: leaves }
}

function writeRow(row: Row, field: Field | undefined): Condition {
  if (row.raw || !field) return row.raw ?? {}
  if (row.facts) return writeFacts(field.name, row.facts, row.operator, row.values)
  const o = operatorsOf(field).find((x) => x.key === row.operator)!
  if ('join' in o) return writeSet(field, o, row.values.list)
  const subject = field.name ? { [field.subject]: field.name } : {}
  return { ...subject, ...o.write(row.values, field), ...(row.fixed ?? (field.window && row.window ? { within: `${row.window}d` } : {})) }
}

const joined = (match: Match, list: Condition[]): Condition =>
  match === 'none' ? { not: list.length === 1 ? list[0]! : { any: list } } : list.length === 1 ? list[0]! : { [match]: list }

/** Rows that are not whole are left out; {} is everybody. `made` is told what was written for which row or group. */
export function toCondition(tree: Tree, fields: Field[], made?: Map<Condition, number[]>): Condition {
  const byKey = new Map(fields.map((f) => [f.key, f]))
  const told = (id: number, c: Condition): Condition => {
    made?.set(c, [...(made.get(c) ?? []), id])
    return c
  }
  const all = (items: Item[]): Condition[] => items.flatMap((item): Condition[] => {
    if (!isGroup(item)) return isWhole(item, byKey.get(item.field)) ? [told(item.id, writeRow(item, byKey.get(item.field)))] : []
    const inner = all(item.items)
    return inner.length ? [told(item.id, joined(item.match, inner))] : []
  })
  const list = all(tree.items)
  return list.length ? joined(tree.match, list) : {}
}

/** Where each row and group stands in the condition: "all[1].not". What is the whole of it: "". */
export function placesOf(tree: Tree, fields: Field[]): Map<number, string> {
  const made = new Map<Condition, number[]>()
  const places = new Map<number, string>()
  const walk = (c: unknown, at: string): void => {
    if (!isObject(c)) return
    for (const id of made.get(c) ?? []) places.set(id, at)
    for (const k of ['all', 'any']) if (Array.isArray(c[k])) (c[k] as unknown[]).forEach((x, n) => walk(x, `${at}${at && '.'}${k}[${n}]`))
    walk(c.not, `${at}${at && '.'}not`)
  }
  walk(toCondition(tree, fields, made), '')
  return places
}

/** Whether something is begun and not filled in. */
export function isUnfinished(tree: Tree, fields: Field[]): boolean {
  const byKey = new Map(fields.map((f) => [f.key, f]))
  return rowsOf(tree.items).some((r) => !isWhole(r, byKey.get(r.field)))
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
    for (const subject of ['tag', 'identity', 'consent', 'segment'] as const) {
      const field = fields.find((f) => f.key === subject)
      if (!field || !leaves.every((l) => subject in l && Object.keys(l).every((k) => k === subject || k === 'is'))) continue
      const is: unknown = leaves[0]!.is ?? true
      if (!leaves.every((l) => (l.is ?? true) === is)) continue
      // "has not" of one is none of one; of several it is another thing, and "not has not" another still.
      if (is === false && (leaves.length > 1 || join === 'none')) continue
      const as = is === false ? 'none' : join
      const found = (x: SetOperator): boolean => x.is === (is === false ? true : is) && (x.join === as || (leaves.length === 1 && as !== 'none' && x.join !== 'none'))
      const o = sets(field)!.find((x) => found(x) && x.join === as) ?? sets(field)!.find(found)
      if (o) return { ...newRow(field), operator: o.key, values: { ...noValues(), list: leaves.map((l) => chosenBy(field, l[subject] as string | number)) } }
    }
  }
  return null
}

function readDone(c: Condition, fields: Field[]): Row | null {
  const read = fields.some((f) => f.kind === 'facts') && ('event' in c || 'sequence' in c || 'not' in c) ? readFacts(c) : null
  return read && { id: newId(), field: `event.${read.name}`, operator: read.operator, values: read.values, window: null, facts: read.facts }
}

function readLeaf(c: Condition, fields: Field[]): Row | null {
  const part = 'random' in c && fields.find((f) => f.kind === 'percent')
  if (part) {
    const how = readBy(part, c)
    return how && { ...newRow(part), ...how }
  }
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
  const how = readBy(field, leaf)
  return how && { ...row, ...how }
}

const readRow = (c: Condition, fields: Field[]): Row | null => readSet(c, fields) ?? readDone(c, fields) ?? readLeaf(c, fields)
const kept = (c: Condition): Row => ({ id: newId(), field: '', operator: '', values: noValues(), window: null, raw: c })

function parts(c: Condition): { match: Match; list: Condition[] } | null {
  if (Array.isArray(c.all)) return { match: 'all', list: c.all as Condition[] }
  if (Array.isArray(c.any)) return { match: 'any', list: c.any as Condition[] }
  if (isObject(c.not) && Array.isArray(c.not.any)) return { match: 'none', list: c.not.any as Condition[] }
  return isObject(c.not) ? { match: 'none', list: [c.not] } : null
}

export function toTree(condition: Condition | null | undefined, fields: Field[]): Tree {
  if (!isObject(condition) || !Object.keys(condition).length) return { match: 'all', items: [] }
  const item = (c: unknown, depth: number): Item => {
    if (!isObject(c)) return kept(c as Condition)
    const row = readRow(c, fields)
    const inner = row || !depth ? null : parts(c)
    return row ?? (inner ? { id: newId(), match: inner.match, items: inner.list.map((x) => item(x, depth - 1)) } : kept(c))
  }
  const root = readRow(condition, fields) ? null : parts(condition)
  return root ? { match: root.match, items: root.list.map((c) => item(c, depthOf(fields))) } : { match: 'all', items: [item(condition, 0)] }
}
