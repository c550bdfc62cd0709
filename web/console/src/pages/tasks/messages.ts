import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '待办', text: '今天该联系谁、做什么', fresh: '新建待办', export: '导出', whose: '谁的待办', scopes: { mine: '我的', people: '我的部门', all: '全部' }, state: '状态', states: { open: '未完成', done: '已完成', dismissed: '已取消' },
    groups: { overdue: '已逾期', today: '今天', coming: '以后' }, none: '没有待办', noneMine: '都处理完了', noneText: '需要跟进客户时，新建一条；关怀规则也会按时送来待办。', noneDone: '这里还没有内容', more: '再显示一些',
    complete: '完成“{what}”', completed: '已完成“{what}”', dismissed: '已取消“{what}”', reopened: '已重新打开“{what}”', postpone: '推迟', postponed: '已推迟到 {time}', choices: { tomorrow: '明天此时', three: '三天后', monday: '下周一 10 点' }, open: '查看“{what}”',
    due: '截止', anyone: '门店任意成员', who: '负责人', customer: '客户', number: '客户 {n}', made: '由 {name} 创建', rule: '关怀规则', finished: '{name} 于 {time} 结束', note: '结果', noteHint: '记下结果，会留在待办和客户时间线上', done: '完成', dismiss: '取消待办', reopen: '重新打开',
    comments: '留言', noComments: '还没有留言', comment: '留言', say: '写一条留言…', send: '发送', what: '做什么', whatMissing: '请写下要做什么', dueDay: '哪天之前', dueHour: '几点', dueMissing: '请选择日期', customerHint: '姓名开头、手机号或会员号', staffHint: '不选则给客户的专属员工，没有时给自己', handOver: '转交', handedOver: '已转交给 {name}', hour: '{n} 点', created: '已新建',
  },
  en: {
    title: 'Tasks', text: 'Whom to get in touch with today, and why', fresh: 'New task', export: 'Export', whose: 'Whose', scopes: { mine: 'Mine', people: 'My department', all: 'All' }, state: 'State', states: { open: 'Open', done: 'Done', dismissed: 'Dismissed' },
    groups: { overdue: 'Overdue', today: 'Today', coming: 'Later' }, none: 'No tasks', noneMine: 'Everything is done', noneText: 'Plan a follow-up when a customer needs one; care rules bring tasks in time, too.', noneDone: 'Nothing here yet', more: 'Show more',
    complete: 'Complete “{what}”', completed: 'Done: “{what}”', dismissed: 'Dismissed: “{what}”', reopened: 'Open again: “{what}”', postpone: 'Postpone', postponed: 'Postponed to {time}', choices: { tomorrow: 'Tomorrow, same time', three: 'In three days', monday: 'Next Monday, 10:00' }, open: 'Look at “{what}”',
    due: 'Due', anyone: 'Anyone in the store', who: 'Held by', customer: 'Customer', number: 'Customer {n}', made: 'Made by {name}', rule: 'Care rule', finished: 'Ended by {name}, {time}', note: 'What came of it', noteHint: 'Stays with the task and on the timeline', done: 'Complete', dismiss: 'Dismiss', reopen: 'Open again',
    comments: 'Comments', noComments: 'No comments yet', comment: 'Comment', say: 'Say something…', send: 'Send', what: 'What to do', whatMissing: 'Say what is to be done', dueDay: 'By which day', dueHour: 'Hour', dueMissing: 'Choose a day', customerHint: 'Beginning of the name, mobile or member number', staffHint: 'Else the one who looks after the customer, or yourself', handOver: 'Hand over', handedOver: 'Handed over to {name}', hour: '{n}:00', created: 'Made',
  },
})
