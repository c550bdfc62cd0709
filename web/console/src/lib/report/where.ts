/* Conditions on properties of facts: which comparisons fit a property, what is filled in for each, and how they are said. */
import { language, say, type Words } from '@/i18n'
import { formatNumber } from '@/i18n/format'
import type { useCatalogue } from '@/lib/catalogue'
import type { PropKind } from '@/lib/condition/fields'
import { isMoney, kindName, propName, type Prop } from './kinds'
import type { Match, Scalar, Where } from './types'
import { amountText, propValue } from './values'

export type Shape = 'values' | 'text' | 'number' | 'range' | 'nothing'
export interface Comparison {
  key: string
  label: Words
  /** With {v}, what was filled in */
  said: Words
  shape: Shape
  /** The members it begins with, nothing filled in */
  fresh: Record<string, unknown>
  /** Of which kinds of value; absent: of any */
  kinds?: PropKind[]
  is(w: Where): boolean
}
const w = (zh: string, en: string): Words => ({ zh, en })
const has = (...members: string[]) => (x: Where): boolean => members.every((m) => m in x) && Object.keys(x).length === members.length + 1

export const comparisons: Comparison[] = [
  { key: 'in', label: w('是', 'is'), said: w('是 {v}', 'is {v}'), shape: 'values', fresh: { in: [] }, kinds: ['text', 'number'], is: (x) => has('in')(x) || (has('eq')(x) && typeof x.eq !== 'boolean') },
  { key: 'not_in', label: w('不是', 'is not'), said: w('不是 {v}', 'is not {v}'), shape: 'values', fresh: { not_in: [] }, kinds: ['text', 'number'], is: (x) => has('not_in')(x) || (has('ne')(x) && typeof x.ne !== 'boolean') },
  { key: 'contains', label: w('包含', 'contains'), said: w('包含“{v}”', 'contains “{v}”'), shape: 'text', fresh: { contains: '' }, kinds: ['text'], is: has('contains') },
  { key: 'starts', label: w('开头是', 'begins with'), said: w('开头是“{v}”', 'begins with “{v}”'), shape: 'text', fresh: { starts: '' }, kinds: ['text'], is: has('starts') },
  { key: 'gte', label: w('至少', 'at least'), said: w('≥ {v}', '≥ {v}'), shape: 'number', fresh: { gte: null }, kinds: ['number'], is: has('gte') },
  { key: 'gt', label: w('大于', 'more than'), said: w('> {v}', '> {v}'), shape: 'number', fresh: { gt: null }, kinds: ['number'], is: has('gt') },
  { key: 'lte', label: w('至多', 'at most'), said: w('≤ {v}', '≤ {v}'), shape: 'number', fresh: { lte: null }, kinds: ['number'], is: has('lte') },
  { key: 'lt', label: w('小于', 'less than'), said: w('< {v}', '< {v}'), shape: 'number', fresh: { lt: null }, kinds: ['number'], is: has('lt') },
  { key: 'between', label: w('介于', 'between'), said: w('在 {v} 之间', 'between {v}'), shape: 'range', fresh: { gte: null, lte: null }, kinds: ['number'], is: has('gte', 'lte') },
  { key: 'yes', label: w('是“是”', 'is yes'), said: w('为“是”', 'is yes'), shape: 'nothing', fresh: { eq: true }, kinds: ['bool'], is: (x) => has('eq')(x) && x.eq === true },
  { key: 'no', label: w('是“否”', 'is no'), said: w('为“否”', 'is no'), shape: 'nothing', fresh: { eq: false }, kinds: ['bool'], is: (x) => has('eq')(x) && x.eq === false },
  { key: 'there', label: w('有值', 'is there'), said: w('有值', 'is there'), shape: 'nothing', fresh: { exists: true }, is: (x) => has('exists')(x) && x.exists === true },
  { key: 'not_there', label: w('没有值', 'is not there'), said: w('没有值', 'is not there'), shape: 'nothing', fresh: { exists: false }, is: (x) => has('exists')(x) && x.exists === false },
]
/** What fits a property: money and other figures are compared by size first. */
export function comparisonsOf(prop: Prop | undefined): Comparison[] {
  const fits = comparisons.filter((c) => !c.kinds || !prop || c.kinds.some((k) => prop.kinds.includes(k)))
  const sized = prop && !prop.kinds.includes('text') && !prop.name.endsWith('_id')
  return sized ? [...fits].sort((a, b) => Number(['values', 'text'].includes(a.shape)) - Number(['values', 'text'].includes(b.shape))) : fits
}
/** null: set by the API in a way that has no row here; shown and kept. */
export const comparisonOf = (x: Where): Comparison | null => comparisons.find((c) => c.is(x)) ?? null

const numberOf = (v: unknown): v is number => typeof v === 'number' && Number.isFinite(v)
export const valuesOf = (x: Where): Scalar[] => {
  const v = x.in ?? x.not_in ?? x.eq ?? x.ne
  return (Array.isArray(v) ? v : v === undefined ? [] : [v]) as Scalar[]
}
/** Is everything filled in? */
export function isWhole(x: Where): boolean {
  const c = comparisonOf(x)
  if (!x.prop) return false
  if (!c) return true
  if (c.shape === 'values') return valuesOf(x).length > 0
  if (c.shape === 'text') return String(x[c.key] ?? '').trim() !== ''
  if (c.shape === 'number') return numberOf(x[c.key])
  return c.shape !== 'range' || (numberOf(x.gte) && numberOf(x.lte) && x.gte <= x.lte)
}
export const matchIsWhole = (m: Match): boolean => m.event !== '' && m.where.every(isWhole)

const NAMES_MAX = 3
type Book = ReturnType<typeof useCatalogue>
const comma = (): string => (language.value === 'en' ? ', ' : '、')
export function whereInWords(x: Where, book: Book): string {
  const c = comparisonOf(x)
  const name = propName(x.prop)
  if (!c) return `${name} ${say({ zh: '满足接口设置的条件', en: 'fits a condition set by the API' })}`
  const figure = (v: unknown): string => (numberOf(v) ? (isMoney(x.prop) ? amountText(x.prop, v) : formatNumber(v, 3)) : '…')
  const list = valuesOf(x)
  const value = {
    values: list.slice(0, NAMES_MAX).map((v) => propValue(x.prop, v, book)).join(comma()) + (list.length > NAMES_MAX ? say({ zh: ` 等 ${list.length} 个`, en: ` and ${list.length - NAMES_MAX} more` }) : ''),
    text: String(x[c.key] ?? ''), number: figure(x[c.key]), range: `${figure(x.gte)} – ${figure(x.lte)}`, nothing: '',
  }[c.shape]
  return `${name} ${say(c.said).replace('{v}', value)}`
}

/** "下单（渠道 是 小程序）" */
export function matchInWords(m: Match, book: Book): string {
  const name = m.event ? kindName(m.event) : '…'
  if (!m.where.length) return name
  const all = m.where.map((x) => whereInWords(x, book)).join(language.value === 'en' ? ' and ' : '，')
  return language.value === 'en' ? `${name} (${all})` : `${name}（${all}）`
}
