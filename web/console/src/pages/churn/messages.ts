import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '流失预警', text: '按“可能失去的年消费”从高到低：先挽回最值得挽回的人',
    least: '流失可能', leastN: '{n} 以上', between: '{from} 至 {to}', any: '不限', worth: '年消费', worthN: '{n} 以上', within: '最近下单', months: '{n} 个月内', anyTime: '不限时间',
    name: '客户', nameless: '未命名', risk: '可能失去', riskHint: '年消费 × 流失可能', year: '年消费', churn: '流失可能', alive: '还在买的可能', last: '最近下单', days: '下单天数', spent: '累计消费', soon: '未来 90 天预计', department: '所属门店',
    noneTitle: '没有需要预警的客户', noneText: '至少在两个不同的日子买过、按节奏该来却没来的客户，会出现在这里。', toValue: '看客户价值',
    plan: '安排跟进', planTitle: '给 {n} 位客户安排跟进', what: '做什么', whatText: '老客户很久没来了，联系问候并邀请回店', due: '截止日期', planHint: '每位客户一条待办，交给他的专属员工；没有时交给门店', planned: '已安排 {n} 条待办', plannedSome: '安排了 {n} 条，{m} 条没有成功', whatMissing: '请写下要做什么', dueMissing: '请选择日期', tooMany: '一次最多 {n} 位',
    export: '导出 CSV', exported: '已导出 {n} 位客户', exportedFirst: '已导出前 {n} 位客户',
  },
  en: {
    title: 'About to leave', text: 'By the yearly spending that may be lost: win back first who is worth most',
    least: 'Likely left', leastN: '{n} or more', between: '{from} to {to}', any: 'Any', worth: 'Yearly spending', worthN: '{n} or more', within: 'Last order', months: 'Within {n} months', anyTime: 'At any time',
    name: 'Customer', nameless: 'No name', risk: 'May be lost', riskHint: 'Yearly spending × likely left', year: 'Yearly spending', churn: 'Likely left', alive: 'Likely still here', last: 'Last order', days: 'Order days', spent: 'Spent', soon: 'Expected in 90 days', department: 'Store',
    noneTitle: 'Nobody is about to leave', noneText: 'Customers who bought on two days or more, and by their rhythm should have come again, appear here.', toValue: 'Customer value',
    plan: 'Plan follow-ups', planTitle: 'Follow-ups for {n} customers', what: 'What to do', whatText: 'Has not come for long: say hello and invite them back', due: 'By', planHint: 'A task for each customer, given to their owner, else to their store', planned: '{n} tasks were planned', plannedSome: '{n} were planned, {m} were not', whatMissing: 'Write down what to do', dueMissing: 'Choose a day', tooMany: 'At most {n} at once',
    export: 'Export CSV', exported: '{n} customers were exported', exportedFirst: 'The first {n} customers were exported',
  },
})
