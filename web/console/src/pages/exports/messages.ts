import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '导出', text: '把您看得到的客户、订单或待办做成表格。文件带有导出人和时间的水印，每次导出都会记录。', fresh: '新建导出', none: '还没有导出过', noneText: '新建一次导出，做好后在这里下载。',
    what: '内容', format: '格式', state: '状态', rows: '行数', size: '大小', at: '时间', expires: '保留至', kinds: { customers: '客户', orders: '订单与退款', tasks: '待办' },
    states: { running: '正在生成', done: '可下载', failed: '未完成', cancelled: '已取消', expired: '已过期' }, soFar: '已写 {n} 行', download: '下载', cancel: '停止', remove: '删除文件', removeTitle: '删除这个文件？', removeText: '删除后不能再下载，可以重新导出。', open: '含未脱敏内容',
    formats: { csv: 'CSV（任何软件都能打开）', xlsx: 'Excel（xlsx）' }, columns: '列', columnsHint: '按勾选的列导出，顺序同列表', columnsNone: '至少选一列', allColumns: '全选', search: '只导出这些客户', searchHint: '姓名、手机号或会员号；不填为全部', from: '下单时间从', to: '到（含当天）', order: '开始时间晚于结束时间', start: '开始导出', begun: '已开始生成，做好后可在列表下载', filtered: '只导出名单里的客户', dueFrom: '截止时间从', taskState: '待办状态', taskStates: { any: '全部', open: '未完成', done: '已完成', dismissed: '已取消' }, ofMine: '只导出指派给我的待办', ofDepartment: '只导出本部门及下级的待办',
  },
  en: {
    title: 'Exports', text: 'Sheets of the customers, orders or tasks you may see. Files bear who made them and when; each export is recorded.', fresh: 'New export', none: 'Nothing has been exported yet', noneText: 'Begin an export; its file can be downloaded here.',
    what: 'What', format: 'Format', state: 'State', rows: 'Rows', size: 'Size', at: 'When', expires: 'Kept until', kinds: { customers: 'Customers', orders: 'Orders and refunds', tasks: 'Tasks' },
    states: { running: 'Being made', done: 'Ready', failed: 'Failed', cancelled: 'Cancelled', expired: 'Expired' }, soFar: '{n} rows so far', download: 'Download', cancel: 'Stop', remove: 'Remove the file', removeTitle: 'Remove this file?', removeText: 'It cannot be downloaded any more; the export can be made again.', open: 'With private values',
    formats: { csv: 'CSV (for any program)', xlsx: 'Excel (xlsx)' }, columns: 'Columns', columnsHint: 'Only these, in this order', columnsNone: 'Choose one at least', allColumns: 'All', search: 'Only these customers', searchHint: 'Name, mobile or member number; all unless told', from: 'Ordered from', to: 'until (that day included)', order: 'The first day is after the last', start: 'Export', begun: 'It is being made; its file will be in the list', filtered: 'Only the customers of the list', dueFrom: 'Due from', taskState: 'State of the tasks', taskStates: { any: 'All', open: 'Open', done: 'Done', dismissed: 'Dismissed' }, ofMine: 'Only tasks given to me', ofDepartment: 'Only tasks of my department and those below it',
  },
})
