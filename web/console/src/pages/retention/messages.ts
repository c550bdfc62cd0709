import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '留存', text: '同一时间开始的人，之后每一期还剩多少回来。', start: '开始', back: '回来', how: '方式',
    by: '按', unit: '周期', lookAt: '看', periods: '期数', periodsEnd: '期', who: '谁算一批', ways: { first: '只算第一次', every: '每期都算' }, counted: '怎么算', exact: '当期回来', after: '当期及之后回来',
    value: '看什么', asPeople: '回来的人', asValue: '人均{name}', cohort: '批次', size: '人数', overall: '整体', group: '分组', groups: '比较各组', shown: '画出',
    second: '第 1 期留存', last: '第 {n} 期留存', inCohorts: '参与人数', secondValue: '第 1 期人均', lastValue: '第 {n} 期人均', pending: '还没过完', pendingTitle: '这一期还没过完，目前 {n}', cellTitle: '{n} / {base} 人', valueTitle: '共 {n}，{base} 人',
    says: '留存图，{n} 批，整体从 {first} 到 {last}', recent: '图中为最近 {n} 批，其余见表格。', note: '浅色、带省略号的格子还没过完，不计入整体。', rate: '留存率', allOf: '全部',
  },
  en: {
    title: 'Retention', text: 'Of those who began at the same time: how many come back in each period after.', start: 'Began by', back: 'Back by', how: 'How',
    by: 'by', unit: 'Period', lookAt: 'for', periods: 'Number of periods', periodsEnd: 'periods', who: 'Who is a group', ways: { first: 'first time only', every: 'every period' }, counted: 'How it is counted', exact: 'back in that period', after: 'back then or later',
    value: 'What is shown', asPeople: 'people who came back', asValue: '{name} a person', cohort: 'Group', size: 'People', overall: 'Overall', group: 'Group', groups: 'Compare groups', shown: 'Drawn',
    second: 'Back in period 1', last: 'Back in period {n}', inCohorts: 'People', secondValue: 'A person in period 1', lastValue: 'A person in period {n}', pending: 'Not over yet', pendingTitle: 'This period is not over yet; {n} so far', cellTitle: '{n} of {base} people', valueTitle: '{n} in all, {base} people',
    says: 'Retention of {n} groups; overall from {first} to {last}', recent: 'The picture has the latest {n} groups; the table has all.', note: 'Pale cells with an ellipsis are not over yet and do not count to the whole.', rate: 'Retention', allOf: 'all of them',
  },
})
