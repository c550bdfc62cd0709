/* A condition in words, as the editor would say it. */
import { language, say } from '@/i18n'
import { formatDay, formatInstant, formatMoney, formatNumber, formatShare } from '@/i18n/format'
import { measureField, measureOf, operatorFor, propField, propsOf, type Facts, type Span, type Step } from './facts'
import { flat, type EventChoice, type Field } from './fields'
import type { Operator, Values } from './operators'
import { isGroup, matchLabels, operatorsOf, toTree, type Condition, type Item, type Row } from './tree'

const comma = (): string => (language.value === 'en' ? ', ' : '、')
const NAMES_MAX = 3
const moment = (value: unknown): string => (typeof value !== 'string' ? '…' : value.length > 10 ? formatInstant(value) : formatDay(value))
const figure = (value: number | null, f: Field): string => (value === null ? '' : f.money ? formatMoney(value * 100) : formatNumber(value, 3))
const dayOr = (day: string, otherwise: string): string => (day ? formatDay(day) : otherwise)

function valueInWords(v: Values, shape: Operator['shape'], field: Field): string {
  const names = flat(field.choices)
  const list = v.list.map((x) => names.find((n) => n.value === x)?.label ?? String(x))
  const texts = {
    list: list.slice(0, NAMES_MAX).join(comma()) + (list.length > NAMES_MAX ? say({ zh: ` 等 ${list.length} 个`, en: ` and ${list.length - NAMES_MAX} more` }) : ''),
    text: v.text, low: figure(v.low, field), high: figure(v.high, field), range: `${figure(v.low, field)} – ${figure(v.high, field)}`, days: formatNumber(v.days ?? 0),
    dates: `${dayOr(v.from, '…')} – ${dayOr(v.to, '…')}`, nothing: '',
  }
  return texts[shape]
}
const said = (o: Operator, v: Values, field: Field): string => say(o.said).replace('{v}', valueInWords(v, o.shape, field))

// ---- what they did

const semicolon = (): string => say({ zh: '；', en: '; ' })
const bracketed = (parts: string[]): string => (parts.length ? say({ zh: `（${parts.join('，')}）`, en: ` (${parts.join(', ')})` }) : '')
const eventName = (events: EventChoice[], name: string): string => events.find((e) => e.name === name)?.label ?? name
const propName = (events: EventChoice[], step: Step, prop: string): string => propsOf(events, step.events).find((p) => p.name === prop)?.label ?? prop
const UNITS = { s: ['秒', 'second'], min: ['分钟', 'minute'], h: ['小时', 'hour'], d: ['天', 'day'] } as const
export const spanInWords = ({ count, unit }: Span): string => say({ zh: `${count ?? 0} ${UNITS[unit][0]}`, en: `${count ?? 0} ${UNITS[unit][1]}${count === 1 ? '' : 's'}` })

const namesInWords = (step: Step, events: EventChoice[]): string => step.events.map((e) => eventName(events, e)).join(say({ zh: ' 或 ', en: ' or ' }))
const whereInWords = (step: Step, events: EventChoice[]): string[] => step.where.map((p) => {
  const field = propField(p)
  return `${propName(events, step, p.prop)} ${said(operatorFor(field, p.operator), p.values, field)}`
})
export const stepInWords = (step: Step, events: EventChoice[]): string => namesInWords(step, events) + bracketed(whereInWords(step, events))

function periodInWords(f: Facts, events: EventChoice[]): string[] {
  const which = { first: { zh: '首次', en: 'the first' }, last: { zh: '最近一次', en: 'the latest' } }[f.which]
  const last = spanInWords(f.last)
  const anchor = stepInWords(f.anchor, events)
  return {
    ever: [], last: [say({ zh: `近 ${last}`, en: `last ${last}` })], dates: [`${dayOr(f.from, '…')} – ${dayOr(f.to, '…')}`],
    after: [say({ zh: `${which.zh}${anchor}之后`, en: `after ${which.en} ${anchor}` })],
  }[f.period]
}

function factsInWords(field: Field, f: Facts, operator: string, values: Values): string {
  const events = field.events ?? []
  const [first, second] = f.steps as [Step, Step | undefined]
  const period = periodInWords(f, events)
  if (field.name === 'sequence') {
    const gap = f.gap.count ? [say({ zh: `每步间隔 ${spanInWords(f.gap)}内`, en: `each within ${spanInWords(f.gap)}` })] : []
    return `${field.label} ${f.steps.map((s) => stepInWords(s, events)).join(' → ')}${bracketed([...gap, ...period])}`
  }
  if (field.name === 'unfollowed') {
    const [a, b, gap] = [stepInWords(first, events), stepInWords(second!, events), spanInWords(f.gap)]
    return say({ zh: `做过 ${a}，之后 ${gap}内没做 ${b}`, en: `Did ${a}, and not ${b} within ${gap}` }) + bracketed(period)
  }
  const more = bracketed([...period, ...whereInWords(first, events)])
  const what = namesInWords(first, events)
  if (field.name === 'never' || f.measure === 'any') return `${field.label} ${what}${more}`
  const measured = measureField(f)
  const m = measureOf(f.measure)
  const prop = m.prop ? propName(events, first, f.prop) : ''
  // 金额合计, 首次的渠道; sum of the amount
  const of = say({ zh: f.measure === 'first' || f.measure === 'last' ? `${m.label.zh}${prop}` : `${prop}${m.label.zh}`, en: `${m.label.en} ${prop}`.trim() })
  return `${what}${say({ zh: ' ', en: ': ' })}${of} ${said(operatorFor(measured, operator), values, measured)}${more}`
}

// ---- rows and groups

/** "最近下单时间 在最近 30 天内" */
export function rowInWords(row: Row, fields: Field[]): string {
  if (row.raw) return say({ zh: '由接口设置的条件', en: 'A condition set by the API' })
  const field = fields.find((f) => f.key === row.field)
  if (!field) return ''
  if (row.facts) return factsInWords(field, row.facts, row.operator, row.values)
  if (field.kind === 'percent') return `${field.label} ${formatShare((row.values.low ?? 0) / 100, 0)}`
  const o = operatorsOf(field).find((x) => x.key === row.operator)!
  const how = 'said' in o ? said(o, row.values, field) : `${say(o.label)} ${valueInWords(row.values, 'list', field)}`
  const window = row.fixed ? say({ zh: `（${moment(row.fixed.since)} 至 ${moment(row.fixed.until)}）`, en: ` (${moment(row.fixed.since)} to ${moment(row.fixed.until)})` }) : field.window && row.window ? say({ zh: `（近 ${row.window} 天）`, en: ` (last ${row.window} days)` }) : ''
  return `${field.label} ${how}${window}`
}

/** What the engine says of one person at a place (out_result): whether it holds, and what was compared. */
export interface Found {
  holds: boolean
  value?: unknown
  sum?: number
  numbers?: number
}
/** The figure found, as the row is compared; empty where there is nothing to show. */
export function foundInWords(row: Row, fields: Field[], found: Found): string {
  const field = fields.find((f) => f.key === row.field)
  if (!field || row.raw) return ''
  const as = row.facts && row.facts.measure !== 'any' ? measureField(row.facts) : field
  const number = (n: number): string => (as.money ? formatMoney(n) : formatNumber(n, 3))
  if (typeof found.sum === 'number' && found.numbers) return number(found.sum / found.numbers)
  const { value } = found
  if (value === undefined) return ''
  if (value === null) return say({ zh: '没有', en: 'none' })
  const choice = flat(field.choices).find((c) => c.value === value)
  if (choice) return choice.label
  if (typeof value === 'boolean') return say(value ? { zh: '是', en: 'yes' } : { zh: '否', en: 'no' })
  if (typeof value === 'number') return number(value)
  if (Array.isArray(value)) return value.join(comma())
  if (/^\d{4}-\d\d-\d\d$/.test(String(value))) return formatDay(String(value))
  return /^\d{4}-\d\d-\d\dT/.test(String(value)) ? formatInstant(String(value)) : String(value)
}

/** A group within a group stands in brackets. */
export function itemInWords(item: Item, fields: Field[], within = false): string {
  if (!isGroup(item)) return rowInWords(item, fields)
  const text = `${say(matchLabels[item.match])}: ${item.items.map((i) => itemInWords(i, fields, true)).join(semicolon())}`
  return within ? say({ zh: `（${text}）`, en: `(${text})` }) : text
}

/** The whole in one line; nobody named: everybody. */
export function inWords(condition: Condition | null | undefined, fields: Field[]): string {
  const tree = toTree(condition, fields)
  const list = tree.items.map((i) => itemInWords(i, fields))
  return tree.match === 'all' || list.length < 2 ? (tree.match === 'none' ? say({ zh: '不满足：', en: 'Not: ' }) : '') + list.join(say({ zh: '，并且 ', en: ', and ' })) : `${say(matchLabels[tree.match])}: ${list.join(semicolon())}`
}
