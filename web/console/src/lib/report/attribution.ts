/* Attribution: its question, the answer, the models, and how they are said (src/engine/query.h, "Attribution"; attribution.h). */
import { say, type Words } from '@/i18n'
import type { useCatalogue } from '@/lib/catalogue'
import { peopleInWords, sentence } from './funnel'
import { propName } from './kinds'
import { daysOf, rangeInWords, readRange } from './range'
import { emptyMatch, matchAsked, readChoice, readMatch, readPeople, readText, without, type Common, type GroupKey, type Match, type Question } from './types'
import { groupName, readSpan, spanInWords } from './values'
import { matchInWords, matchIsWhole } from './where'

export const models = ['first', 'last', 'last_non_direct', 'linear', 'position', 'time_decay', 'participation', 'markov', 'shapley'] as const
export type Model = (typeof models)[number]
export const shows = ['share', 'conversions', 'value'] as const
export type Show = (typeof shows)[number]
export const TOP = 30
export const LISTED = 20

export interface Attribution extends Common {
  touch: Match
  /** Property of a touch that names its channel */
  channel: string
  conversion: Match
  /** Property that is its worth; '': only how many */
  value: string
  window: string
  /** What takes conversions back, and the property by which it finds them; null: nothing does */
  refund: Match | null
  held: string
  /** The channel that is none: people came by themselves. null: touches that name no channel */
  direct: string | null
  half_life: string
  /** Of the page: the two models beside each other, and what is written of each */
  model: Model
  against: Model
  show: Show
}
export interface Credit {
  conversions: number
  value?: number
  share: number
}
export interface Channel {
  key?: GroupKey
  other?: boolean
  touches: number
  credits: Record<Model, Credit>
}
export interface AttributionAnswer {
  conversions: number
  value?: number
  lost: number
  untouched: number
  untouched_value?: number
  refunded?: number
  refunded_value?: number
  probability?: number
  channels: Channel[]
  paths: Array<{ channels: number[]; conversions: number; value?: number; lost: number }>
}

const matchOf = (raw: unknown, otherwise: string): Match => (typeof raw === 'string' ? emptyMatch(raw) : raw ? readMatch(raw) : emptyMatch(otherwise))
export function readAttribution(raw: Record<string, unknown>): Attribution {
  // Of a question that a machine saved, what is absent is off.
  const begun = raw.touch !== undefined
  const refund = raw.refund === null || (begun && raw.refund === undefined) ? null : matchOf(raw.refund, 'order.refunded')
  return {
    touch: matchOf(raw.touch, 'page.viewed'), channel: readText(raw.channel, 'campaign.source'),
    conversion: matchOf(raw.conversion, 'order.paid'), value: readText(raw.value, begun ? '' : 'amount_fen'), window: readSpan(raw.window, '30d'),
    refund, held: refund ? readText(raw.held, 'order_id') : '',
    direct: typeof raw.direct === 'string' ? raw.direct : begun && raw.direct === undefined ? 'direct' : null, half_life: readSpan(raw.half_life, '7d'),
    model: readChoice(raw.model, models, 'last'), against: readChoice(raw.against, models, 'markov'), show: readChoice(raw.show, shows, 'share'),
    people: readPeople(raw.people), range: readRange(raw.range, '90d'),
  }
}
export const attributionIsWhole = (a: Attribution): boolean => matchIsWhole(a.touch) && a.channel !== '' && matchIsWhole(a.conversion) && (!a.refund || (matchIsWhole(a.refund) && a.held !== ''))

export function attributionQuestion(a: Attribution): Question {
  return {
    kind: 'attribution', ...daysOf(a.range), touch: matchAsked(a.touch), channel: a.channel, conversion: matchAsked(a.conversion), window: a.window, direct: a.direct, half_life: a.half_life, top: TOP, listed: LISTED,
    ...without({ people: a.people, value: a.value || null, refund: a.refund ? matchAsked(a.refund) : null, held: a.refund ? a.held : null }),
  }
}

const w = (zh: string, en: string): Words => ({ zh, en })
/** What a model is called, and in a sentence what it does. */
export const modelNames: Record<Model, Words> = {
  first: w('首次触点', 'First touch'), last: w('末次触点', 'Last touch'), last_non_direct: w('末次非直接', 'Last non-direct'), linear: w('平均', 'Linear'), position: w('首末优先', 'Position'),
  time_decay: w('时间衰减', 'Time decay'), participation: w('参与', 'Participation'), markov: w('马尔可夫', 'Markov'), shapley: w('沙普利', 'Shapley'),
}
export const modelSays: Record<Model, Words> = {
  first: w('功劳全归第一次带来客户的渠道。', 'All of it goes to the channel that came first.'),
  last: w('功劳全归转化前最后一个渠道。', 'All of it goes to the last channel before the conversion.'),
  last_non_direct: w('功劳全归最后一个渠道，但不算直接访问；全是直接访问时才归它。', 'All of it goes to the last channel that is not direct; to direct only where there was nothing else.'),
  linear: w('一路上的每次触点平分。', 'Every touch on the way gets the same.'),
  position: w('第一次和最后一次各得四成，中间的平分两成；只有两次时各半。', 'The first and the last get 40% each, those between share 20%; of two each gets half.'),
  time_decay: w('离转化越近得的越多，每隔一个半衰期减半。', 'The nearer to the conversion the more; with each half-life it halves.'),
  participation: w('一路上出现过的渠道各记一整次，所以合起来比转化数多；占比以各渠道所记之和为准。', 'Each channel that took part gets a whole conversion, so together they have more than there are; shares are of that sum.'),
  markov: w('看少了这个渠道会少多少转化：少得越多，功劳越大。', 'How many conversions would be lost without the channel: the more, the greater its part.'),
  shapley: w('把各渠道看作合作，按每个渠道加入时平均多带来的转化分。', 'Channels are taken as partners: each gets what it adds on average when it joins the others.'),
}
export const showNames: Record<Show, Words> = { share: w('占比', 'Share'), conversions: w('转化数', 'Conversions'), value: w('价值', 'Value') }
export const directWords: Words = { zh: '直接访问', en: 'Direct' }
const otherWords: Words = { zh: '其他', en: 'Others' }

type Book = ReturnType<typeof useCatalogue>
export function channelName(a: Attribution, c: Pick<Channel, 'key' | 'other'>, book: Book): string {
  if (c.other) return say(otherWords)
  const key = c.key ?? null
  if (key === a.direct) return say(directWords)
  return groupName({ prop: a.channel }, key, book)
}

/** A channel's part under a model, of what is shown; participation's value adds up to more than there is, as its conversions do. */
export const partOf = (c: Channel, model: Model, show: Show): number => (show === 'share' ? c.credits[model].share : show === 'value' ? (c.credits[model].value ?? 0) : c.credits[model].conversions)
export const sumOf = (channels: Channel[], model: Model, show: Show): number => channels.reduce((sum, c) => sum + partOf(c, model, show), 0)

export function attributionInWords(a: Attribution, book: Book): string {
  const touch = matchInWords(a.touch, book)
  const conversion = matchInWords(a.conversion, book)
  const who = peopleInWords(a.people, book)
  return sentence([
    say(w(`${who}在${rangeInWords(a.range)}的每次“${conversion}”，往前 ${spanInWords(a.window)}内的每次“${touch}”各有多少功劳，按${propName(a.channel)}分渠道`,
      `Of each “${conversion}” of ${who} in ${rangeInWords(a.range)}: what is owed to each “${touch}” within ${spanInWords(a.window)} before it, by ${propName(a.channel)}`)),
    a.value ? say(w(`价值是${propName(a.value)}`, `its value is ${propName(a.value)}`)) : '',
    a.refund ? say(w(`“${matchInWords(a.refund, book)}”从之前${propName(a.held)}相同的最近一次扣回`, `“${matchInWords(a.refund, book)}” takes back from the last one before it with the same ${propName(a.held)}`)) : say(w('不扣回退款', 'nothing is taken back')),
    a.direct === null ? say(w(`没有${propName(a.channel)}的算直接访问`, `without ${propName(a.channel)} it counts as direct`)) : say(w(`${propName(a.channel)}为“${a.direct}”的算直接访问`, `${propName(a.channel)} “${a.direct}” counts as direct`)),
    say(w(`半衰期 ${spanInWords(a.half_life)}`, `the half-life is ${spanInWords(a.half_life)}`)),
  ])
}
