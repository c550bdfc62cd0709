/* Names of the properties that facts come with, as a person reads them; of what an own source sends, the name it sends. */
import { language, type Words } from '@/i18n'

const w = (zh: string, en: string): Words => ({ zh, en })
const names: Record<string, Words> = {
  amount_fen: w('金额', 'amount'), channel: w('渠道', 'channel'), lines: w('商品行数', 'lines'), order_id: w('订单编号', 'order number'), order_number: w('原订单号', 'number of the order taken back'), refund_id: w('退款编号', 'refund number'), price_fen: w('价格', 'price'), name: w('名称', 'name'),
  sku: w('商品编码', 'product code'), url: w('网址', 'address'), title: w('标题', 'title'), source: w('来源', 'source'), tag_id: w('标签编号', 'tag number'), from_id: w('原阶段编号', 'stage before, number'), to_id: w('新阶段编号', 'stage after, number'),
  origin: w('建档来源', 'origin'), class: w('RFM 类别', 'RFM class'), class_before: w('原 RFM 类别', 'RFM class before'), tier: w('会员等级', 'RFM tier'), tier_before: w('原会员等级', 'RFM tier before'), r: w('R 分', 'R score'), f: w('F 分', 'F score'),
  m: w('M 分', 'M score'), total: w('RFM 总分', 'RFM total'), run_id: w('计算批次', 'run'), due_at: w('到期时间', 'due at'), kind: w('类型', 'kind'), staff_id: w('员工编号', 'staff number'), task_id: w('待办编号', 'task number'), fields: w('变更字段', 'fields'),
  merge_id: w('合并编号', 'merge number'), merged_id: w('被合并客户编号', 'joined customer, number'), reason: w('原因', 'reason'), note_id: w('备注编号', 'note number'), segment_id: w('分群编号', 'segment number'),
  'campaign.source': w('活动来源', 'campaign source'), 'campaign.medium': w('活动媒介', 'campaign medium'), 'campaign.name': w('活动名称', 'campaign'), 'page.path': w('页面路径', 'page path'), 'page.url': w('页面网址', 'page address'), 'page.title': w('页面标题', 'page title'),
  'device.type': w('设备', 'device'), 'os.name': w('操作系统', 'system'), 'app.name': w('应用', 'app'), locale: w('语言', 'language'),
}
export const propLabel = (name: string): string => names[name]?.[language.value] ?? name
