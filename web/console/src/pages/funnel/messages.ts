import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '漏斗', text: '一步一步走下去，每一步还剩多少、停在哪里、用了多久。',
    steps: '步骤', step: '第 {n} 步', addStep: '添加步骤', removeStep: '删除第 {n} 步', up: '上移第 {n} 步', how: '方式', within: '从第一步起', withinEnd: '内完成', order: '先后',
    orders: { in_order: '按顺序', strict: '严格按顺序', any: '不分先后' }, entry: '进入方式', count: '计数', counts: { person: '按人', entry: '按每次进入', held: '按同一{name}' },
    exclude: '排除', addExclude: '添加排除事件', after: '在第几步之后', afterStep: '第 {n} 步之后', excludeSays: '做了它就不再继续：', removeExclude: '删除这个排除事件',
    rate: '整体转化率', entered: '进入', done: '走完', median: '全程用时中位数', fromBefore: '较上一步', fromFirst: '较第一步', medianStep: '用时中位数', quartiles: '用时（25% – 75%）', lost: '流失',
    reachedTitle: '{step}：走到这一步的人', stoppedTitle: '{step}：在这一步之前停下的人',
    shown: '画出', asUnits: '数量', asRate: '转化率', group: '分组', says: '漏斗图，{n} 步，{first} 进入，{last} 走完，转化率 {rate}', onlyFirst: '图中为最大的 {n} 组，其余见表格。',
    why: '为什么停在这里', whyWhich: '看哪一步', whyStep: '{n}. {name}：{share} 继续', whyWorst: '{n}. {name}：{share} 继续，流失最多', whyAsk: '看看为什么停下', whyNobody: '没有人中途停下。',
    whyOf: '走到“{step}”前一步的人里，{stopped} 人停下，{on} 人继续。', whyFirst: '停下的人最突出的一点：{reason}。', whyNothing: '停下的人和继续的人，没有明显的不同。', whyFew: '人数太少，还看不出停下的人和继续的人有什么不同。',
    whyCare: '这里说的是谁更容易停下，不一定就是原因；可以据此做一次改动，再看漏斗的变化。', didTitle: '这中间做了什么', areTitle: '是什么样的人（以现在的资料为准）',
    didStopped: '停下的人更多做过', didWentOn: '继续的人更多做过', areStopped: '停下的人里更多', areWentOn: '继续的人里更多',
  },
  en: {
    title: 'Funnel', text: 'Step by step: how many are left, where they stop, how long it takes.',
    steps: 'Steps', step: 'Step {n}', addStep: 'Add a step', removeStep: 'Remove step {n}', up: 'Move step {n} up', how: 'How', within: 'done within', withinEnd: 'of the first step', order: 'Order',
    orders: { in_order: 'in order', strict: 'strictly in order', any: 'in any order' }, entry: 'How one enters', count: 'Counting', counts: { person: 'by person', entry: 'by entry', held: 'by the same {name}' },
    exclude: 'Without', addExclude: 'Add an event that ends it', after: 'After which step', afterStep: 'after step {n}', excludeSays: 'who does this goes no further:', removeExclude: 'Remove this event',
    rate: 'Conversion', entered: 'Entered', done: 'Went through', median: 'Median time of the whole', fromBefore: 'From the step before', fromFirst: 'From the first', medianStep: 'Median time', quartiles: 'Time (25% – 75%)', lost: 'Lost',
    reachedTitle: '{step}: who got this far', stoppedTitle: '{step}: who stopped before it',
    shown: 'Drawn', asUnits: 'Numbers', asRate: 'Rates', group: 'Group', says: 'A funnel of {n} steps: {first} entered, {last} went through, {rate}', onlyFirst: 'The picture has the {n} largest groups; the table has all.',
    why: 'Why people stop here', whyWhich: 'Which step', whyStep: '{n}. {name}: {share} go on', whyWorst: '{n}. {name}: {share} go on, the most lost', whyAsk: 'Find out why they stop', whyNobody: 'Nobody stopped on the way.',
    whyOf: 'Of those who got to the step before “{step}” {stopped} stopped and {on} went on.', whyFirst: 'What most sets apart who stopped: {reason}.', whyNothing: 'Those who stopped and those who went on do not clearly differ.', whyFew: 'There are too few people to tell those who stopped from those who went on.',
    whyCare: 'This says who is likelier to stop, which need not be the cause: change something and see how the funnel moves.', didTitle: 'What they did in between', areTitle: 'What they are like (as of now)',
    didStopped: 'Done more by those who stopped', didWentOn: 'Done more by those who went on', areStopped: 'More among those who stopped', areWentOn: 'More among those who went on',
  },
})
