/* Facts of the log as sentences. What came from outside under a name of its own is shown by that name with what it said. */
import type { Fact } from '@api/client.mjs'
import { language, say, type Words } from '@/i18n'
import { formatMoney, formatNumber } from '@/i18n/format'
import { consentChannels, label, rfmClasses, tagSources, tiers } from '@/lib/labels'
import type { useCatalogue } from '@/lib/catalogue'

type Book = ReturnType<typeof useCatalogue>
type Props = Record<string, unknown>
interface FactRow {
  title: Words
  detail?: (props: Props, book: Book) => string
}
const w = (zh: string, en: string): Words => ({ zh, en })
const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')
const money = (value: unknown): string => (typeof value === 'number' ? formatMoney(value) : '')
const fieldNames: Record<string, Words> = {
  name: w('姓名', 'name'), gender: w('性别', 'gender'), birthday: w('生日', 'birthday'), city: w('城市', 'city'), address: w('地址', 'address'), remark: w('备注', 'remark'), channel: w('来源渠道', 'channel'),
  department_id: w('所属门店', 'store'), staff_id: w('专属员工', 'staff'), attrs: w('自定义字段', 'custom fields'), joined_at: w('首次接触', 'first contact'),
  department: w('所属门店', 'store'), staff: w('专属员工', 'staff'), identities: w('身份标识', 'identifiers'),
}
const names = (value: unknown): string => text(value).split(/[,\s]+/).filter(Boolean).map((f) => (fieldNames[f] ? say(fieldNames[f]) : f)).join(say(w('、', ', ')))
const tagName = (p: Props, book: Book): string => {
  const name = book.tag(p.tag_id as number)?.name ?? say(w('已删除的标签', 'a tag that was deleted'))
  return p.source && p.source !== 'manual' ? `${name} · ${label(tagSources, text(p.source))}` : name
}
const stage = (p: Props, book: Book): string => {
  const of = (id: unknown): string => book.stageName(id as number) || say(w('无', 'none'))
  return `${of(p.from_id)} → ${of(p.to_id)}`
}

const rows: Record<string, FactRow> = {
  'customer.created': { title: w('成为客户', 'Became a customer') },
  'customer.changed': { title: w('资料变更', 'Profile changed'), detail: (p) => names(p.fields) },
  'customer.merged': { title: w('合并了另一条记录', 'Another record was joined'), detail: (p, book) => (p.reason === 'manual' ? say(w('手动合并', 'By hand')) : kindName(text(p.kind), book)) },
  'customer.unmerged': { title: w('撤销了合并', 'A joining was undone') },
  'customer.erased': { title: w('个人信息已删除', 'The person was erased') },
  'order.paid': { title: w('下单', 'Order'), detail: (p) => [money(p.amount_fen), typeof p.lines === 'number' ? say(w(`${p.lines} 种商品`, `${p.lines} ${p.lines === 1 ? 'line' : 'lines'}`)) : ''].filter(Boolean).join(' · ') },
  'order.amended': { title: w('订单更正', 'Order amended'), detail: (p) => money(p.amount_fen) },
  'order.refunded': { title: w('退款', 'Refund'), detail: (p) => [money(p.amount_fen), p.order_number ? say(w(`订单 ${text(p.order_number)}`, `order ${text(p.order_number)}`)) : ''].filter(Boolean).join(' · ') },
  'tag.added': { title: w('打上标签', 'Tag given'), detail: tagName },
  'tag.removed': { title: w('去掉标签', 'Tag taken'), detail: tagName },
  'stage.changed': { title: w('生命周期变化', 'Life cycle'), detail: stage },
  'rfm.scored': { title: w('RFM 评分变化', 'RFM score changed'), detail: (p) => [label(tiers, text(p.tier)), label(rfmClasses, text(p.class))].filter(Boolean).join(' · ') },
  'task.created': { title: w('新增待办', 'Task made') },
  'task.due': { title: w('待办到期', 'Task due') },
  'task.done': { title: w('完成待办', 'Task done') },
  'task.dismissed': { title: w('取消待办', 'Task dismissed') },
  'task.reopened': { title: w('重启待办', 'Task opened again') },
  'task.handed_over': { title: w('转交待办', 'Task handed over') },
  'task.commented': { title: w('待办留言', 'Comment on a task') },
  'note.added': { title: w('添加备注', 'Note written') },
  'consent.changed': { title: w('触达意愿', 'Consent'), detail: (p) => `${label(consentChannels, text(p.channel))} · ${p.state === 'granted' ? say(w('同意', 'agreed')) : say(w('免打扰', 'do not disturb'))}` },
  identify: { title: w('识别身份', 'Identified') },
  alias: { title: w('关联标识', 'Identifiers linked') },
  'page.viewed': { title: w('浏览页面', 'Page viewed'), detail: (p) => text(p.title) || text(p.name) || text(p.path) || text(p.url) },
  'screen.viewed': { title: w('浏览界面', 'Screen viewed'), detail: (p) => text(p.name) || text(p.title) },
  'group.joined': { title: w('加入群组', 'Group joined'), detail: (p) => text(p.name) || text(p.group_id) },
}
export const kindName = (kind: string, book: Book): string => {
  const k = book.all.kinds.find((x) => x.kind === kind)
  return k ? (language.value === 'en' ? k.name_en : k.name) : kind
}

const SHOWN_MAX = 4
/** Values that speak for themselves go without their name; a number of a product says nothing beside its name. */
function said(props: Props): string {
  const named = text(props.name) || text(props.title) || text(props.product_name)
  const rest = Object.entries(props).filter(([k, v]) => ['string', 'number', 'boolean'].includes(typeof v) && !['name', 'title', 'product_name'].includes(k) && !(named && /^(sku|id|.*_id)$/.test(k)))
  const values = rest.slice(0, SHOWN_MAX).map(([k, v]) => (k.endsWith('_fen') ? money(v) : `${k}: ${typeof v === 'number' ? formatNumber(v, 2) : String(v)}`))
  return [named, ...values].filter(Boolean).join(' · ')
}
export function factInWords(fact: Fact, book: Book): { title: string; detail: string } {
  const props = (fact.props ?? {}) as Props
  const row = rows[fact.type]
  return row ? { title: say(row.title), detail: row.detail?.(props, book) ?? '' } : { title: fact.type, detail: said(props) }
}

export type FactKind = 'all' | 'order' | 'tag' | 'profile' | 'visit' | 'note'
/** Names, or beginnings that end in a dot. */
export const factTypes: Record<FactKind, string[]> = {
  all: [], order: ['order.'], tag: ['tag.', 'stage.'], profile: ['customer.', 'identify', 'alias'], visit: ['page.viewed', 'screen.viewed', 'group.joined'], note: ['note.', 'consent.'],
}
export const factKinds = Object.keys(factTypes) as FactKind[]
