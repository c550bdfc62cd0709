/* What people did, as a row of the editor says it and as a question of the engine has it (src/engine/query.h): something done, how
 * often, when; several things one after the other; something done and then not another. What a row cannot say is read as null. */
import type { Words } from '@/i18n'
import type { EventChoice, Field, PropKind } from './fields'
import { noValues, operators, shifted, type Condition, type Operator, type Values } from './operators'

export type Measure = 'any' | 'count' | 'sum' | 'average' | 'min' | 'max' | 'distinct' | 'first' | 'last' | 'first_time' | 'last_time'
/** A property and what it is compared by. */
export interface PropRow {
  id: number
  prop: string
  kind: PropKind
  operator: string
  values: Values
}
/** Facts of any of these kinds for which all of these hold. */
export interface Step {
  id: number
  events: string[]
  where: PropRow[]
}
export type Unit = 's' | 'min' | 'h' | 'd'
export interface Span {
  count: number | null
  unit: Unit
}
export type Period = 'ever' | 'last' | 'dates' | 'after'
export interface Facts {
  /** One; of what follows each other two and more */
  steps: Step[]
  measure: Measure
  /** Of the measure */
  prop: string
  propKind: PropKind
  /** Between steps; none: whenever */
  gap: Span
  period: Period
  last: Span
  from: string
  to: string
  /** Only what is later than the first or last of another kind */
  anchor: Step
  which: 'first' | 'last'
}

const w = (zh: string, en: string): Words => ({ zh, en })
export const measures: Array<{ key: Measure; label: Words; prop: boolean }> = [
  { key: 'any', label: w('至少一次', 'at least once'), prop: false }, { key: 'count', label: w('次数', 'how often'), prop: false },
  { key: 'sum', label: w('合计', 'sum of'), prop: true }, { key: 'average', label: w('平均', 'average of'), prop: true }, { key: 'min', label: w('最小', 'smallest'), prop: true },
  { key: 'max', label: w('最大', 'largest'), prop: true }, { key: 'distinct', label: w('不同值的个数', 'different values of'), prop: true }, { key: 'first', label: w('首次的', 'first'), prop: true },
  { key: 'last', label: w('最近一次的', 'latest'), prop: true }, { key: 'first_time', label: w('首次时间', 'first time'), prop: false }, { key: 'last_time', label: w('最近一次时间', 'latest time'), prop: false },
]
export const measureOf = (key: Measure): (typeof measures)[number] => measures.find((m) => m.key === key)!
export const units: Array<{ key: Unit; label: Words }> = [
  { key: 'd', label: w('天', 'days') }, { key: 'h', label: w('小时', 'hours') }, { key: 'min', label: w('分钟', 'minutes') }, { key: 's', label: w('秒', 'seconds') },
]

let numbered = 0
export const newStep = (): Step => ({ id: ++numbered, events: [], where: [] })
export const newProp = (): PropRow => ({ id: ++numbered, prop: '', kind: 'text', operator: 'in', values: noValues() })
const STEPS: Record<string, number> = { done: 1, never: 1, sequence: 2, unfollowed: 2 }
export function newFacts(name: string): Facts {
  return {
    steps: Array.from({ length: STEPS[name] ?? 1 }, newStep), measure: 'any', prop: '', propKind: 'number', gap: { count: name === 'unfollowed' ? 7 : null, unit: 'd' }, period: 'ever', last: { count: 30, unit: 'd' }, from: '', to: '',
    anchor: newStep(), which: 'first',
  }
}

/** The properties of these kinds of facts, each once. */
export function propsOf(events: EventChoice[], names: string[]): EventChoice['props'] {
  const all = new Map<string, EventChoice['props'][number]>()
  for (const e of events) if (names.includes(e.name)) for (const p of e.props) if (!all.has(p.name)) all.set(p.name, p)
  return [...all.values()]
}
export const isMoney = (prop: string): boolean => /(^|[._])fen$/.test(prop)

/* What operators are asked with: a field made of the property. */
const pretend = (prop: string, kind: Field['kind'], group: Field['group'], money: boolean): Field => ({ key: prop, subject: 'event', name: prop, group, label: prop, kind, money, since: true })
const kinds = { text: 'text', number: 'number', bool: 'yes' } as const
export const propField = (p: PropRow): Field => pretend(p.prop, kinds[p.kind], 'custom', p.kind === 'number' && isMoney(p.prop))
const COUNTS: Measure[] = ['count', 'distinct']
export function measureField(f: Facts): Field {
  if (f.measure === 'first_time' || f.measure === 'last_time') return pretend('', 'moment', 'behaviour', false)
  if (f.measure === 'first' || f.measure === 'last') return pretend(f.prop, kinds[f.propKind], 'custom', f.propKind === 'number' && isMoney(f.prop))
  return pretend(f.prop, 'figure', COUNTS.includes(f.measure) ? 'behaviour' : 'custom', !COUNTS.includes(f.measure) && isMoney(f.prop))
}
export const operatorsFor = (field: Field): Operator[] => operators[field.kind as keyof typeof operators]
/** One of them; the first, when it has no such operator. */
export const operatorFor = (field: Field, key: string): Operator => operatorsFor(field).find((o) => o.key === key) ?? operatorsFor(field)[0]!

/** Whether the values suffice for the operator. */
export function isFilled(shape: Operator['shape'], { list, text, low, high, days, from, to }: Values): boolean {
  const filled = {
    list: list.length > 0, text: text.trim() !== '', low: low !== null, high: high !== null, range: low !== null && high !== null && low <= high, days: days !== null && days > 0,
    dates: (from !== '' || to !== '') && (!from || !to || from <= to), nothing: true,
  }
  return filled[shape]
}

const spanWhole = (s: Span): boolean => s.count !== null && s.count > 0
const stepWhole = (s: Step): boolean => s.events.length > 0 && s.where.every((p) => p.prop !== '' && isFilled(operatorFor(propField(p), p.operator).shape, p.values))
export function factsWhole(name: string, f: Facts, operator: string, values: Values): boolean {
  if (!f.steps.every(stepWhole)) return false
  if (name === 'unfollowed' && !spanWhole(f.gap)) return false
  if (f.period === 'last' && !spanWhole(f.last)) return false
  if (f.period === 'dates' && !isFilled('dates', { ...noValues(), from: f.from, to: f.to })) return false
  if (f.period === 'after' && !stepWhole(f.anchor)) return false
  if (name !== 'done' || f.measure === 'any') return true
  return (!measureOf(f.measure).prop || f.prop !== '') && isFilled(operatorFor(measureField(f), operator).shape, values)
}

const spanText = (s: Span): string => `${s.count ?? 0}${s.unit}`
const writeStep = (s: Step): Condition => ({
  event: s.events.length === 1 ? s.events[0] : s.events,
  ...(s.where.length ? { where: s.where.map((p) => { const field = propField(p); return { prop: p.prop, ...operatorFor(field, p.operator).write(p.values, field) } }) } : {}),
})
function writePeriod(f: Facts): Condition {
  const periods: Record<Period, () => Condition> = {
    ever: () => ({}), last: () => ({ within: spanText(f.last) }),
    dates: () => ({ ...(f.from ? { since: f.from } : {}), ...(f.to ? { until: shifted(f.to, 1) } : {}) }),
    after: () => ({ since_event: { ...writeStep(f.anchor), which: f.which } }),
  }
  return periods[f.period]()
}
const member = (m: Measure): string => m.replace('_time', '')

export function writeFacts(name: string, f: Facts, operator: string, values: Values): Condition {
  if (name === 'sequence') return { sequence: f.steps.map(writeStep), ...(spanWhole(f.gap) ? { within_each: spanText(f.gap) } : {}), ...writePeriod(f) }
  const first = writeStep(f.steps[0]!)
  if (name === 'unfollowed') return { ...first, not_followed_by: writeStep(f.steps[1]!), after: spanText(f.gap), ...writePeriod(f) }
  if (name === 'never') return { not: { ...first, ...writePeriod(f) } }
  if (f.measure === 'any') return { ...first, ...writePeriod(f) }
  const field = measureField(f)
  return { ...first, [member(f.measure)]: { ...(measureOf(f.measure).prop ? { prop: f.prop } : {}), ...operatorFor(field, operator).write(values, field) }, ...writePeriod(f) }
}

// ---- reading

const isObject = (x: unknown): x is Condition => typeof x === 'object' && x !== null && !Array.isArray(x)
const isDay = (value: unknown): value is string => typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)
const longer: Record<string, number> = { w: 7, m: 30, y: 365 }

function readSpan(value: unknown): Span | null {
  const m = typeof value === 'string' ? /^(\d+)(s|min|h|d|w|m|y)$/.exec(value) : null
  if (!m || Number(m[1]) < 1) return null
  const days = longer[m[2]!]
  return days ? { count: Number(m[1]) * days, unit: 'd' } : { count: Number(m[1]), unit: m[2] as Unit }
}

/** By the kind of what it is compared with; `exists` says nothing of it. */
function kindOf(leaf: Condition): PropKind {
  const value = Object.values(leaf).flat()[0]
  return 'exists' in leaf || typeof value === 'string' ? 'text' : typeof value === 'boolean' ? 'bool' : 'number'
}
/** "equal" before "between", which could say it, too. */
export function readBy(field: Field, leaf: Condition): { operator: string; values: Values } | null {
  for (const o of [...operatorsFor(field)].sort((a, b) => Number(b.key === 'eq') - Number(a.key === 'eq'))) {
    const values = o.read(leaf, field)
    if (values) return { operator: o.key, values: { ...noValues(), ...values } }
  }
  return null
}

function readProp(c: unknown): PropRow | null {
  if (!isObject(c) || typeof c.prop !== 'string') return null
  const { prop, ...leaf } = c
  const row = { ...newProp(), prop: prop as string, kind: kindOf(leaf) }
  const how = readBy(propField(row), leaf)
  return how && { ...row, ...how }
}
function readStep(c: unknown): Step | null {
  if (typeof c === 'string') return { ...newStep(), events: [c] }
  if (!isObject(c) || Object.keys(c).some((k) => k !== 'event' && k !== 'where')) return null
  const events = Array.isArray(c.event) ? (c.event as unknown[]) : [c.event]
  if (!events.length || !events.every((e): e is string => typeof e === 'string') || ('where' in c && !Array.isArray(c.where))) return null
  const where = ((c.where ?? []) as unknown[]).map(readProp)
  return where.includes(null) ? null : { ...newStep(), events, where: where as PropRow[] }
}

const PERIOD = ['within', 'since', 'until', 'since_event']
function readPeriod(c: Condition): Partial<Facts> | null {
  const keys = PERIOD.filter((k) => k in c)
  if (!keys.length) return { period: 'ever' }
  if (keys.join() === 'within') {
    const last = readSpan(c.within)
    return last && { period: 'last', last }
  }
  if (keys.join() === 'since_event') {
    if (!isObject(c.since_event)) return null
    const { which = 'last', ...step } = c.since_event
    const anchor = readStep(step)
    return anchor && (which === 'first' || which === 'last') ? { period: 'after', anchor, which } : null
  }
  if (keys.includes('within') || keys.includes('since_event') || !keys.every((k) => isDay(c[k]))) return null
  return { period: 'dates', from: (c.since as string | undefined) ?? '', to: c.until ? shifted(c.until as string, -1) : '' }
}

/** The object without what was read of it; null: something is left. */
const rest = (c: Condition, ...names: string[]): Condition => Object.fromEntries(Object.entries(c).filter(([k]) => !names.includes(k) && !PERIOD.includes(k)))
const nothingLeft = (c: Condition): boolean => !Object.keys(c).length

export interface ReadFacts {
  name: string
  facts: Facts
  operator: string
  values: Values
}
const plain = (name: string, facts: Facts): ReadFacts => ({ name, facts, operator: '', values: noValues() })

function readMeasure(c: Condition, facts: Facts): ReadFacts | null {
  const found = Object.keys(c)
  if (!found.length) return plain('done', facts)
  const said = c[found[0]!]
  if (found.length > 1 || !isObject(said)) return null
  const { prop, ...leaf } = said
  const measure = (prop === undefined && (found[0] === 'first' || found[0] === 'last') ? `${found[0]}_time` : found[0]) as Measure
  const row = measures.find((m) => m.key === measure && m.key !== 'any')
  if (!row || row.prop !== (typeof prop === 'string')) return null
  const whole = { ...facts, measure, prop: row.prop ? (prop as string) : '', propKind: kindOf(leaf) }
  const how = readBy(measureField(whole), leaf)
  return how && { name: 'done', facts: whole, ...how }
}

export function readFacts(c: Condition): ReadFacts | null {
  if ('not' in c) {
    const inner = Object.keys(c).length === 1 && isObject(c.not) && 'event' in c.not && !('not_followed_by' in c.not) ? readFacts(c.not) : null
    return inner && inner.facts.measure === 'any' ? { ...inner, name: 'never' } : null
  }
  const period = readPeriod(c)
  if (!period) return null
  if (Array.isArray(c.sequence)) {
    const steps = (c.sequence as unknown[]).map(readStep)
    const gap: Span | null = 'within_each' in c ? readSpan(c.within_each) : { count: null, unit: 'd' }
    return steps.length > 1 && !steps.includes(null) && gap && nothingLeft(rest(c, 'sequence', 'within_each')) ? plain('sequence', { ...newFacts('sequence'), ...period, steps: steps as Step[], gap }) : null
  }
  const first = readStep('where' in c ? { event: c.event, where: c.where } : { event: c.event })
  if (!first) return null
  if ('not_followed_by' in c) {
    const second = readStep(c.not_followed_by)
    const gap = readSpan(c.after)
    return second && gap && nothingLeft(rest(c, 'event', 'where', 'not_followed_by', 'after')) ? plain('unfollowed', { ...newFacts('unfollowed'), ...period, steps: [first, second], gap }) : null
  }
  return readMeasure(rest(c, 'event', 'where'), { ...newFacts('done'), ...period, steps: [first] })
}
