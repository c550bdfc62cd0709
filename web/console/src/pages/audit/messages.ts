import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '审计日志', text: '谁在什么时候、从哪里做了什么，改动前后是什么。记录环环相扣，改不了也删不掉。',
    at: '时间', who: '操作人', what: '操作', object: '对象', ip: '来源 IP', request: '请求编号', number: '记录号', anybody: '所有人', anything: '所有操作', anyObject: '所有对象', days: '日期', from: '开始日期', to: '结束日期',
    actors: { nobody: '未登录', staff: '员工', token: '访问令牌', source: '数据源', system: '系统' }, none: '还没有记录', noneText: '登录、修改、导出和查看隐私信息等操作，都会记在这里。',
    follow: '只看它的记录', changes: '改动', content: '内容', wasBefore: '删除前', field: '字段', before: '之前', after: '之后', unchanged: '包括没有变的', nothingChanged: '没有字段发生变化。', noDetail: '这项操作没有更多内容。', blanked: '相关个人的信息已按要求删除，前后内容不再保留。',
    verify: '校验完整性', verifyText: '逐条核对记录的指纹，看有没有被改过或删过。', verifying: '正在校验', wholeLog: '{n} 条记录完好，没有被改动。', badRow: '第 {n} 条起不可信：{what}',
  },
  en: {
    title: 'Audit log', text: 'Who did what, when and from where, and what was before and after. The rows are chained: none is changed or removed unseen.',
    at: 'When', who: 'Who', what: 'What', object: 'Object', ip: 'From', request: 'Request', number: 'Row', anybody: 'Anybody', anything: 'Any action', anyObject: 'Any object', days: 'Days', from: 'From', to: 'To',
    actors: { nobody: 'Not signed in', staff: 'Staff', token: 'Access token', source: 'Source', system: 'System' }, none: 'Nothing recorded yet', noneText: 'Sign-ins, changes, exports and looks at private data are recorded here.',
    follow: 'Only this one', changes: 'Changes', content: 'Content', wasBefore: 'Before it was removed', field: 'Field', before: 'Before', after: 'After', unchanged: 'Unchanged ones, too', nothingChanged: 'No field was changed.', noDetail: 'There is no more about it.', blanked: 'The person it concerned was erased; what was before and after is not kept.',
    verify: 'Verify', verifyText: 'Checks the fingerprint of every row, to see whether one was changed or removed.', verifying: 'Verifying', wholeLog: '{n} rows are as they were written.', badRow: 'Not to be trusted from row {n} on: {what}',
  },
})
