/* The kinds of facts that can be asked about, with their properties, and what each is called. Fetched once a minute at most. */
import type { InsightType } from '@api/client.mjs'
import { computed, reactive } from 'vue'
import { api } from '@/api'
import { explain, type Trouble } from '@/api/problem'
import { session } from '@/app/session'
import { language, say, type Words } from '@/i18n'

const FRESH_MS = 60_000
export type Kind = InsightType
export type Prop = Kind['props'][number]

/** Properties of Hetang's own facts; those from outside are called as they came. Money is in hundredths: its name ends in _fen. */
const propNames: Record<string, Words> = {
  amount_fen: { zh: '金额', en: 'Amount' }, price_fen: { zh: '价格', en: 'Price' }, channel: { zh: '渠道', en: 'Channel' }, lines: { zh: '商品行数', en: 'Lines' },
  order_id: { zh: '订单编号', en: 'Order number' }, refund_id: { zh: '退款编号', en: 'Refund number' }, sku: { zh: '商品编码', en: 'SKU' }, name: { zh: '名称', en: 'Name' },
  url: { zh: '网址', en: 'URL' }, title: { zh: '标题', en: 'Title' }, path: { zh: '路径', en: 'Path' }, referrer: { zh: '来源网址', en: 'Referrer' }, tag_id: { zh: '标签', en: 'Tag' },
  source: { zh: '来源', en: 'Source' }, origin: { zh: '来源', en: 'Origin' }, from_id: { zh: '原阶段', en: 'From stage' }, to_id: { zh: '新阶段', en: 'To stage' }, tier: { zh: '会员等级', en: 'Tier' },
  tier_before: { zh: '原会员等级', en: 'Tier before' }, class: { zh: 'RFM 类别', en: 'RFM class' }, class_before: { zh: '原 RFM 类别', en: 'RFM class before' }, r: { zh: 'R 分', en: 'R score' },
  f: { zh: 'F 分', en: 'F score' }, m: { zh: 'M 分', en: 'M score' }, total: { zh: '总分', en: 'Total' }, run_id: { zh: '计算批次', en: 'Run' }, kind: { zh: '类型', en: 'Kind' },
  staff_id: { zh: '员工', en: 'Staff' }, task_id: { zh: '待办编号', en: 'Task number' }, due_at: { zh: '到期时间', en: 'Due' }, note_id: { zh: '备注编号', en: 'Note number' }, fields: { zh: '改动的字段', en: 'Fields' },
  merge_id: { zh: '合并编号', en: 'Merge number' }, merged_id: { zh: '被合并客户', en: 'Joined customer' }, reason: { zh: '原因', en: 'Reason' }, state: { zh: '状态', en: 'State' },
}
export const isMoney = (prop: string): boolean => prop.endsWith('_fen')
export const propName = (prop: string): string => (propNames[prop] ? say(propNames[prop]) : prop)
/** Numbers that name something are no figures: nobody adds them up. */
export const isFigure = (prop: Prop): boolean => prop.kinds.includes('number') && !prop.name.endsWith('_id')

const kept = reactive({ items: [] as Kind[], state: 'loading' as 'loading' | 'ready' | 'failed', trouble: null as Trouble | null })
let at = 0
let whose: number | null = null
let under: Promise<void> | null = null

export function loadKinds(force = false): Promise<void> {
  const me = session.me?.staff_id ?? null
  if (me !== whose) {
    Object.assign(kept, { items: [], state: 'loading', trouble: null })
    at = 0
    whose = me
    under = null
  }
  if (under) return under
  if (!force && Date.now() - at < FRESH_MS) return Promise.resolve()
  under = (async () => {
    try {
      const { items } = await api.insight.events()
      if (me !== whose) return
      Object.assign(kept, { items, state: 'ready', trouble: null })
      // While the index is being built there are few or none yet: they are asked for again when the next page opens.
      at = items.length ? Date.now() : 0
    } catch (e) {
      if (me !== whose) return
      kept.trouble = explain(e)
      if (kept.state !== 'ready') kept.state = 'failed'
    } finally {
      under = null
    }
  })()
  return under
}

const byName = computed(() => new Map(kept.items.map((k) => [k.name, k])))
const book = reactive({
  items: computed(() => kept.items),
  state: computed(() => kept.state),
  trouble: computed(() => kept.trouble),
  of: (name: string): Kind | undefined => byName.value.get(name),
  nameOf: (name: string): string => {
    const k = byName.value.get(name)
    return (k && (language.value === 'en' ? k.en : k.zh)) || name
  },
  reload: () => loadKinds(true),
})
export function useKinds(): typeof book {
  void loadKinds()
  return book
}
/** For texts made outside of components. */
export const kindName = (name: string): string => book.nameOf(name)
