import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '导入', text: '把客户、订单与退款的表格送进来：先看列，再试跑，最后正式导入。同一份文件导入两次不会重复。',
    drop: '把文件拖到这里', orChoose: '或选择文件', formats: 'CSV 或 Excel（xlsx），可以是 .gz、.xz、.zip；大小不限', kind: '文件里是什么', kinds: { customers: '客户', orders: '订单与退款' }, dropNow: '松开即开始上传', one: '一次一个文件', empty: '这个文件是空的',
    list: '导入记录', none: '还没有导入过', noneText: '从上面选择一份文件开始。', file: '文件', what: '内容', state: '状态', rows: '行数', refused: '被拒绝', by: '导入人', at: '时间',
    states: { uploading: '上传中', ready: '待导入', running: '进行中', paused: '已暂停', done: '已完成', failed: '未完成', cancelled: '已取消' },
    uploading: '正在上传', uploadOf: '{done} / {size}', uploadStopped: '上传中断在 {done}', uploadAgain: '请再次选择“{name}”，从断开处继续', otherFile: '这不是同一份文件：大小应为 {size}', uploadOn: '继续上传',
    running: '正在导入', dryRunning: '正在试跑', pausedAt: '已暂停', rate: '{rows} 行 · 每秒 {rate} 行', pause: '暂停', resume: '继续', cancel: '取消导入', cancelTitle: '取消这次导入？', cancelText: '已导入的内容会保留，其余不再导入。', remove: '删除记录', removeTitle: '删除这次导入的记录？', removeText: '文件和报告会删除，已导入的内容保留。',
    columns: '对应关系', columnsText: '每一列对应哪个字段；已按表头猜好，可以改。', column: '文件中的列', sample: '前几行', field: '对应字段', skip: '不导入', unnamed: '第 {n} 列', missing: '还缺必需的字段：{names}', unreadable: '第 {line} 行读不出来：{why}',
    preset: '套用模板', savePreset: '存为模板', presetName: '模板名称', presetMissing: '请填写模板名称', presetSaved: '已存为模板“{name}”', removePreset: '删除模板“{name}”',
    more: '更多设置', source: '来源系统', sourceHint: '单据号和客户编号按来源区分，同一系统的文件填同一个名字', refundPrefix: '退款单号前缀', skipPrefix: '忽略的单号前缀', negative: '退款之外的负数量', negatives: { refuse: '拒绝该行', skip: '跳过该行', refund: '作为退款' }, unverified: '手机号等未经本人验证', charset: '文字编码', separator: '分隔符', auto: '自动', tab: '制表符', sheet: '工作表', headless: '没有表头', firstLine: '从第几行开始',
    dry: '试跑', dryHint: '只看会发生什么，不写入任何内容', run: '开始导入', dryDone: '试跑结果：如果现在导入', outcome: '导入结果',
    counts: { rows: '行', accepted: '接受', unchanged: '早已存在', skipped: '跳过', refused: '拒绝', people: '新客户', changed: '更新客户', orders: '新订单', refunds: '新退款', lines: '新明细', gifts: '赠品' },
    reasons: '没有导入的行', times: '{n} 行', line: '行', why: '原因', content: '原文', download: '下载被拒绝的行', downloadHint: '改正后可直接再次导入', showLines: '看前几行', again: '导入另一份文件', took: '用时 {n} 秒', allWell: '每一行都已处理，没有被拒绝的行。', back: '全部导入',
  },
  en: {
    title: 'Imports', text: 'Bring in sheets of customers, orders and refunds: look at the columns, try, then import. The same file twice changes nothing.',
    drop: 'Drop a file here', orChoose: 'or choose one', formats: 'CSV or Excel (xlsx), also .gz, .xz, .zip; of any size', kind: 'What is in the file', kinds: { customers: 'Customers', orders: 'Orders and refunds' }, dropNow: 'Let go to upload', one: 'One file at a time', empty: 'This file is empty',
    list: 'Imports so far', none: 'Nothing has been imported yet', noneText: 'Begin with a file above.', file: 'File', what: 'What', state: 'State', rows: 'Rows', refused: 'Refused', by: 'By', at: 'When',
    states: { uploading: 'Uploading', ready: 'To import', running: 'Running', paused: 'Paused', done: 'Done', failed: 'Failed', cancelled: 'Cancelled' },
    uploading: 'Uploading', uploadOf: '{done} of {size}', uploadStopped: 'The upload stopped at {done}', uploadAgain: 'Choose “{name}” once more; it goes on where it stopped', otherFile: 'This is another file: it should have {size}', uploadOn: 'Go on',
    running: 'Importing', dryRunning: 'Trying', pausedAt: 'Paused', rate: '{rows} rows · {rate} a second', pause: 'Pause', resume: 'Go on', cancel: 'Cancel', cancelTitle: 'Cancel this import?', cancelText: 'What has been imported stays; the rest is not imported.', remove: 'Remove', removeTitle: 'Remove this import?', removeText: 'File and report are removed; what was imported stays.',
    columns: 'Columns', columnsText: 'Which column is what. Guessed from the headers; change what is wrong.', column: 'Column of the file', sample: 'First rows', field: 'Is', skip: 'Left out', unnamed: 'Column {n}', missing: 'Still missing: {names}', unreadable: 'Line {line} cannot be read: {why}',
    preset: 'Use a preset', savePreset: 'Save as preset', presetName: 'Name of the preset', presetMissing: 'Enter a name', presetSaved: 'Saved as preset “{name}”', removePreset: 'Remove the preset “{name}”',
    more: 'More settings', source: 'System it is from', sourceHint: 'Document and customer numbers are told apart by it; files of one system have the same name', refundPrefix: 'Prefix of refunds', skipPrefix: 'Prefix to leave out', negative: 'Negative quantity outside of refunds', negatives: { refuse: 'Refuse the row', skip: 'Leave the row out', refund: 'Is a refund' }, unverified: 'Mobiles and the like are not proven', charset: 'Encoding', separator: 'Separator', auto: 'Found out', tab: 'Tab', sheet: 'Sheet', headless: 'No headers', firstLine: 'First line',
    dry: 'Try', dryHint: 'Shows what would happen and writes nothing', run: 'Import', dryDone: 'The trial: if it were imported now', outcome: 'What came of it',
    counts: { rows: 'rows', accepted: 'accepted', unchanged: 'there already', skipped: 'left out', refused: 'refused', people: 'new customers', changed: 'customers changed', orders: 'new orders', refunds: 'new refunds', lines: 'new lines', gifts: 'gifts' },
    reasons: 'Rows that were not imported', times: '{n} row | {n} rows', line: 'Line', why: 'Why', content: 'Content', download: 'Download refused rows', downloadHint: 'Correct them and import them again', showLines: 'Look at the first', again: 'Import another file', took: '{n} s', allWell: 'Every row is done; none was refused.', back: 'All imports',
  },
})
