/* What can be asked about a customer, as a person reads it. The rows follow the languages of the server: of lists and rules
 * (src/domain/condition), and of segments (src/engine/query.h, src/domain/insight/insight.h), which speaks of what people did as
 * well. What has no row here is kept as it is and shown as one line that cannot be changed. */
import type { Catalogue } from '@/lib/catalogue'
import { language, say, type Words } from '@/i18n'
import { currencyName } from '@/i18n/format'
import { channels, consentChannels, genders, options, rfmClasses, tiers } from '@/lib/labels'

/** What a field is compared by: a row of `operators` (operators.ts). */
export type Kind = 'text' | 'choice' | 'department' | 'number' | 'figure' | 'time' | 'always' | 'birthday' | 'date' | 'yes' | 'choices' | 'tags' | 'consent' | 'segments' | 'moment' | 'percent' | 'facts'
export type Subject = 'attr' | 'order' | 'rfm' | 'tag' | 'identity' | 'consent' | 'segment' | 'random' | 'event'
export type Group = 'behaviour' | 'segments' | 'tags' | 'person' | 'orders' | 'relation' | 'rfm' | 'custom' | 'contact'
/** A kind of fact with its properties, as lib/factKinds.ts knows them. */
export interface EventChoice {
  /** Hetang's own, not from outside */
  own: boolean
  name: string
  label: string
  /** How many the index holds */
  facts: number
  props: Array<{ name: string; label: string; kinds: PropKind[] }>
}
export type PropKind = 'text' | 'number' | 'bool'
export interface Option {
  value: string | number
  label: string
  /** Another name of the same in conditions: a tag by its key */
  alias?: string
}
export interface OptionGroup {
  /** Not chosen; the list of choices wants one of its own for each line */
  value: string
  label: string
  options: Option[]
}
export interface Field {
  key: string
  subject: Subject
  /** Of the subject, in a condition; of tags, identities and consents there is none: the value is the name */
  name: string
  group: Group
  label: string
  kind: Kind
  choices?: Array<Option | OptionGroup>
  /** Amounts of money: whole units here, hundredths in a condition */
  money?: boolean
  /** Counted in a window of the last days, or ever */
  window?: boolean
  unit?: string
  /** Of segments: days are compared by `since` and `until` */
  since?: boolean
  /** Of what people did: what they can have done */
  events?: EventChoice[]
}

export const groupLabels: Record<Group, Words> = {
  behaviour: { zh: '行为', en: 'What they did' }, segments: { zh: '分群与抽样', en: 'Segments and samples' }, tags: { zh: '标签', en: 'Tags' }, person: { zh: '基本资料', en: 'Profile' }, orders: { zh: '订单', en: 'Orders' }, relation: { zh: '归属', en: 'Belongs to' },
  rfm: { zh: '会员等级', en: 'RFM' }, custom: { zh: '自定义字段', en: 'Custom fields' }, contact: { zh: '联系方式与意愿', en: 'Contact and consent' },
}

type Row = [Subject, string, Group, string, string, Kind, Partial<Field>?]
const rows: Row[] = [
  ['tag', '', 'tags', '标签', 'Tags', 'tags'],
  ['attr', 'name', 'person', '姓名', 'Name', 'text'],
  ['attr', 'gender', 'person', '性别', 'Gender', 'choice'],
  ['attr', 'age', 'person', '年龄', 'Age', 'number'],
  ['attr', 'birthday', 'person', '生日', 'Birthday', 'birthday'],
  ['attr', 'city', 'person', '城市', 'City', 'text'],
  ['attr', 'stage', 'person', '生命周期', 'Life cycle', 'choice'],
  ['attr', 'stage_since', 'person', '进入当前阶段的时间', 'In this stage since', 'time'],
  ['attr', 'joined_at', 'person', '首次接触时间', 'First contact', 'always'],
  ['attr', 'seen_at', 'person', '最近活跃时间', 'Last activity', 'time'],
  ['attr', 'channel', 'relation', '来源渠道', 'Channel', 'choice'],
  ['attr', 'department', 'relation', '所属门店', 'Store', 'department'],
  ['attr', 'staff', 'relation', '专属员工', 'Staff', 'choice'],
  ['order', 'count', 'orders', '订单数', 'Orders', 'figure', { window: true }],
  ['order', 'amount', 'orders', '消费金额', 'Spent', 'figure', { window: true, money: true }],
  ['order', 'average', 'orders', '客单价', 'Average order', 'figure', { window: true, money: true }],
  ['order', 'last', 'orders', '最近下单时间', 'Last order', 'time'],
  ['order', 'first', 'orders', '首单时间', 'First order', 'time'],
  ['order', 'refund_count', 'orders', '退款次数', 'Refunds', 'figure', { window: true }],
  ['order', 'refund_amount', 'orders', '退款金额', 'Refunded', 'figure', { window: true, money: true }],
  ['rfm', 'tier', 'rfm', '会员等级', 'RFM tier', 'choice'],
  ['rfm', 'class', 'rfm', 'RFM 类别', 'RFM class', 'choice'],
  ['rfm', 'total', 'rfm', 'RFM 总分', 'RFM total', 'figure'],
  ['rfm', 'r', 'rfm', 'R 分（最近消费）', 'R score', 'figure'],
  ['rfm', 'f', 'rfm', 'F 分（消费频次）', 'F score', 'figure'],
  ['rfm', 'm', 'rfm', 'M 分（消费金额）', 'M score', 'figure'],
  ['segment', '', 'segments', '分群', 'Segments', 'segments'],
  ['identity', '', 'contact', '身份标识', 'Identifiers', 'tags'],
  ['consent', '', 'contact', '触达意愿', 'Consent', 'consent'],
]

/** In the language of segments only. */
const segmentRows: Row[] = [
  ['event', 'done', 'behaviour', '做过', 'Did', 'facts'],
  ['event', 'never', 'behaviour', '没做过', 'Did not', 'facts'],
  ['event', 'sequence', 'behaviour', '依次做过', 'Did in order', 'facts'],
  ['event', 'unfollowed', 'behaviour', '做过，之后没做', 'Did, then not', 'facts'],
  ['random', '', 'segments', '随机抽样', 'Random part', 'percent'],
]
/** Names are not in the index of what people did. */
const notOfSegments = ['attr.name']

/** Choices out of the catalogue, by the field's name. */
const choicesOf: Record<string, (all: Catalogue) => Array<Option | OptionGroup>> = {
  tag: (all) => all.groups.map((g) => ({ value: `group-${g.id}`, label: g.name, options: all.tags.filter((x) => x.group_id === g.id).map((x) => ({ value: x.id, label: x.name, alias: x.key ?? undefined })) })).filter((g) => g.options.length),
  gender: () => options(genders),
  stage: (all) => all.stages.map((s) => ({ value: s.key, label: (language.value === 'en' && s.name_en) || s.name })),
  channel: () => options(channels),
  department: (all) => all.departments.map((d) => ({ value: d.id, label: d.name })),
  staff: (all) => all.staff.map((s) => ({ value: s.id, label: s.name })),
  tier: () => options(tiers),
  class: () => options(rfmClasses),
  identity: (all) => all.kinds.map((k) => ({ value: k.kind, label: language.value === 'en' ? k.name_en : k.name })),
  consent: () => options(consentChannels),
  segment: (all) => all.segments.map((s) => ({ value: s.id, label: s.name })),
}
const kindOfType = { text: 'text', number: 'number', money: 'number', date: 'date', choice: 'choice', choices: 'choices', bool: 'yes' } as const

/** Fields for these catalogue entries; a field whose choices nobody here may see (departments, staff) is left out. With kinds of facts:
 *  those of the language of segments. */
export function fieldsOf(all: Catalogue, events?: EventChoice[]): Field[] {
  const currency = currencyName()
  const fixed = [...(events ? segmentRows : []), ...rows].map(([subject, name, group, zh, en, kind, more]): Field => ({
    key: name ? `${subject}.${name}` : subject, subject, name, group, label: say({ zh, en }), kind, choices: choicesOf[name || subject]?.(all), ...more, unit: more?.money ? currency : undefined,
  }))
  for (const f of fixed) if (f.kind === 'facts') f.events = events
  const custom = all.attributes.filter((a) => !a.archived).map((a): Field => ({
    key: `attr.${a.key}`, subject: 'attr', name: a.key, group: 'custom', label: (language.value === 'en' && a.name_en) || a.name, kind: kindOfType[a.type], money: a.type === 'money',
    unit: a.type === 'money' ? currency : undefined, choices: Array.isArray(a.choices) && a.choices.length ? (a.choices as string[]).map((c) => ({ value: c, label: c })) : undefined,
  }))
  const found = [...fixed.filter((f) => !['attr.department', 'attr.staff', 'tag', 'segment'].includes(f.key) || f.choices?.length), ...custom]
  // Figures of a time are asked of the facts there.
  return events ? found.filter((f) => !notOfSegments.includes(f.key)).map((f) => ({ ...f, window: undefined, since: true })) : found
}

export const flat = (choices: Array<Option | OptionGroup> = []): Option[] => choices.flatMap((c) => ('options' in c ? c.options : [c]))
