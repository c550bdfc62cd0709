import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '事件 RFM', text: '任何一种事件，按最近一次（R）、次数（F）、数值（M）给做过的人打 1 到 5 分，看清谁还在、谁常来、谁贡献多。',
    of: '事件', value: '数值', noValue: '只看次数', asValue: 'M 为{name}之和', refund: '扣除', takeBack: '从数值里扣除另一种事件',
    scored: '打了分的人', facts: '次数', each: '人均次数', sum: '{name}之和', grid: 'R × F 矩阵', byWorth: '按数值', byMoney: '按金额', recency: 'R 最近一次', frequency: 'F 次数',
    classes: '八类客户', classesFour: '四类客户', classHint: 'R、F、M 各自高于平均分为“高”，低于平均分为“低”', classHintFour: 'R、F 各自高于平均分为“高”，低于平均分为“低”', ofWorth: '占数值 {n}', ofMoney: '占金额 {n}', see: '查看“{name}”的客户',
    cuts: '分数怎么来', rows: { r: 'R 距最近一次', f: 'F 次数', m: 'M {name}之和' }, byQuantiles: '切分点取这些人的 20%、40%、60%、80% 分位，时间或人群一变就跟着变', byFixed: '切分点是固定的：换一段时间再看，同样的分数仍是同样的意思', keepCuts: '固定这些切分点', freeCuts: '改回按分位数', asOf: '截至 {time}',
    class: '类别', count: '人数', share: '占人数', worth: '{name}之和', cell: 'R {r} 分、F {f} 分', cellM: 'R {r} 分、F {f} 分、M {m} 分',
  },
  en: {
    title: 'RFM of events', text: 'Any kind of event: who did it is scored from 1 to 5 by how lately (R), how often (F) and for how much (M).',
    of: 'Event', value: 'Value', noValue: 'only counted', asValue: 'M is the sum of {name}', refund: 'Subtract', takeBack: 'Another event takes of the value',
    scored: 'People scored', facts: 'Times', each: 'Times a person', sum: 'Sum of {name}', grid: 'R × F matrix', byWorth: 'By value', byMoney: 'By money', recency: 'R last time', frequency: 'F times',
    classes: 'Eight classes', classesFour: 'Four classes', classHint: '“High” is a score above the mean, for each of R, F and M', classHintFour: '“High” is a score above the mean, for R and for F', ofWorth: '{n} of value', ofMoney: '{n} of money', see: 'Customers in “{name}”',
    cuts: 'How scores are made', rows: { r: 'R since the last', f: 'F times', m: 'M sum of {name}' }, byQuantiles: 'Cut points are the 20, 40, 60 and 80 % quantiles of these people: they change with the time and the people', byFixed: 'Cut points are fixed: in another time a score means the same', keepCuts: 'Keep these cut points', freeCuts: 'Back to quantiles', asOf: 'As of {time}',
    class: 'Class', count: 'People', share: 'Of people', worth: 'Sum of {name}', cell: 'R {r}, F {f}', cellM: 'R {r}, F {f}, M {m}',
  },
})
