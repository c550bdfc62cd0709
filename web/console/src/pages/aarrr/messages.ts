import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '增长五阶段', text: '从第一次来到带来别人：AARRR 的每个阶段有多少人，比上一段多还是少。每个阶段怎么算，由您定。', compare: '与上一段相比', who: '算谁', stageOf: '“{name}”阶段的事件',
    define: '还没有定义：选一个事件，代表“{meaning}”。', tryThese: '试试：', remove: '清除这个阶段的定义', stage: '阶段', meaning: '怎么算', count: '人数', previous: '上一段', change: '变化', share: '与上一阶段之比',
    liveMoves: '随时间更新：总是到此刻为止的 {days} 天，与报表的整天相比可能差几个人', liveDays: '按同样的条件和日期保持更新，比如补录的数据', notLive: '这段时间写不成自动更新的条件（自然日、周、月，或上一段），所以存为名单：现在这些人，以后不变。',
    personIs: '{stage}：{meaning}', personBefore: '{stage}（上一段）：{meaning}', says: '各阶段人数：{list}', note: '各阶段分开计算，同一个人可以在多个阶段；比例是人数之比，不是转化率，可能超过 100%。转化率请看漏斗。', none: '定义至少一个阶段：为它选一个事件。',
  },
  en: {
    title: 'Five stages', text: 'From coming for the first time to bringing others: how many people are in each stage of AARRR, against the stretch before. What a stage means is yours to say.', compare: 'Beside the stretch before', who: 'Who counts', stageOf: 'Event of the stage “{name}”',
    define: 'Not defined yet: choose an event that stands for “{meaning}”.', tryThese: 'Try:', remove: 'Clear the definition of this stage', stage: 'Stage', meaning: 'Who counts', count: 'People', previous: 'Stretch before', change: 'Change', share: 'Against the stage before',
    liveMoves: 'Follows the time: always the {days} days up to now, which may differ a little from whole days as in the report', liveDays: 'Stays up to date by the same conditions and days, for instance with what is imported later', notLive: 'No condition keeps up with this stretch (a calendar day, week or month, or the stretch before), so it is kept as a list: these people, for good.',
    personIs: '{stage}: {meaning}', personBefore: '{stage} (stretch before): {meaning}', says: 'People in each stage: {list}', note: 'Each stage is counted by itself, and a person may be in several; the share is one number of people over another and may exceed 100%. For a conversion, ask a funnel.', none: 'Define at least one stage: choose an event for it.',
  },
})
