import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '关怀规则', text: '到了该问候、回访的时候，自动给负责的人一条待办', fresh: '新建规则', none: '还没有关怀规则', noneText: '从常用规则开始，一键启用。', noneRead: '管理员启用规则后，这里会显示。', presets: '常用规则', presetsText: '一键启用，随时可改', install: '启用', installed: '已启用“{name}”', have: '已启用',
    turn: '“{name}”启用或停用', made: '已产生 {n} 条', open: '未完成 {n} 条', edit: '编辑“{name}”', remove: '删除“{name}”', removeTitle: '删除规则“{name}”？', removeText: '它产生的 {n} 条未完成待办会一并取消。', yes: '删除',
    kinds: { birthday: '生日前', after_order: '下单后', rhythm: '定期联系', dormant: '久未下单' }, says: { birthday: '生日前 {n} 天', after_order: '下单后 {n} 天', first: '首单后 {n} 天', rhythm: '每 {n} 天联系一次', dormant: '{n} 天没有下单' }, at: '{n} 点', everybody: '所有客户', chosen: '部分客户',
    gives: { owner: '给专属员工', turn: '门店员工轮流', store: '门店任意成员' }, editTitle: '编辑规则', name: '名称', nameMissing: '请填写名称', kind: '什么时候', daysMissing: '请填写天数', daysOf: { birthday: '提前几天', after_order: '几天之后', rhythm: '每隔几天', dormant: '多少天没有下单' }, orders: '哪些订单', first: '只首单', each: '每一单', hour: '几点',
    what: '待办内容', whatHint: '会换成实际内容：{marks}', marks: { name: '客户姓名', store: '门店', staff: '专属员工', days: '天数', date: '日期' }, whatMissing: '请写下要做什么', who: '给谁', overdue: '启用时已经到期的客户也产生待办', whom: '适用客户', whomHint: '不加条件就是所有客户', unfinished: '有条件还没填完',
    try: '试算', outlook: '现在启用：立即产生 {now} 条，7 天内共 {week} 条，30 天内共 {month} 条', tryHint: '先看会产生多少待办',
  },
  en: {
    title: 'Care rules', text: 'When it is time to greet or ask somebody, whoever looks after them gets a task', fresh: 'New rule', none: 'No care rules yet', noneText: 'Begin with the usual ones, one click each.', noneRead: 'Rules that an administrator sets up are shown here.', presets: 'Usual rules', presetsText: 'One click each; change them at any time', install: 'Use', installed: '“{name}” is on', have: 'In use',
    turn: '“{name}” on or off', made: '{n} made', open: '{n} open', edit: 'Edit “{name}”', remove: 'Delete “{name}”', removeTitle: 'Delete the rule “{name}”?', removeText: 'Its {n} open tasks are dismissed with it.', yes: 'Delete',
    kinds: { birthday: 'Before a birthday', after_order: 'After an order', rhythm: 'Every so often', dormant: 'No order for long' }, says: { birthday: '{n} day before the birthday | {n} days before the birthday', after_order: '{n} day after an order | {n} days after an order', first: '{n} day after the first order | {n} days after the first order', rhythm: 'Every day | Every {n} days', dormant: '{n} day without an order | {n} days without an order' }, at: '{n}:00', everybody: 'Everybody', chosen: 'Some customers',
    gives: { owner: 'To who looks after them', turn: 'To the store, by turn', store: 'To anyone in the store' }, editTitle: 'Edit rule', name: 'Name', nameMissing: 'Enter a name', kind: 'When', daysMissing: 'Enter the days', daysOf: { birthday: 'Days before', after_order: 'Days after', rhythm: 'Every so many days', dormant: 'Days without an order' }, orders: 'Which orders', first: 'The first', each: 'Each', hour: 'Hour',
    what: 'What the task says', whatHint: 'Filled in: {marks}', marks: { name: 'customer', store: 'store', staff: 'staff', days: 'days', date: 'date' }, whatMissing: 'Say what is to be done', who: 'To whom', overdue: 'Also for those whose time has passed already', whom: 'For whom', whomHint: 'Everybody without a condition', unfinished: 'A condition is not filled in yet',
    try: 'Try', outlook: 'If it were on: {now} tasks at once, {week} within 7 days, {month} within 30 days', tryHint: 'How many tasks it would make',
  },
})
