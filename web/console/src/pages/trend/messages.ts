import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '趋势', text: '一个数随时间怎样变化，拆开看谁多谁少，和以前比、和平常比。', measure: '看什么', figure: '统计量', prop: '属性', pickProp: '选择属性', over: '除以', addOver: '除以另一个数', removeOver: '不再相除', unit: '粒度',
    breakdown2: '再拆分', options: '选项', compare: '与上一段相比', marks: '标出异常的日子', shape: '画成', line: '折线', bar: '柱形',
    now: '本段', before: '上一段', running: '进行中', time: '时间', change: '变化', total: '合计', whole: '整段', previous: '上一段', unusual: '与平常相比', high: '高于平常（{low} – {high}）', low: '低于平常（{low} – {high}）', group: '分组', odd: '异常 {n} 天',
    says: '{name}的走势，从 {from} 到 {to}，最近为 {last}', onlyFirst: '图中为最大的 {n} 组，全部 {all} 组见表格。', noBand: '按天、不拆分时，会圈出与前 8 周同一星期几相比异常的日子。',
  },
  en: {
    title: 'Trend', text: 'How a number changes over time, what it is made of, beside earlier times and beside what is usual.', measure: 'What', figure: 'Figure', prop: 'Property', pickProp: 'Choose a property', over: 'Divided by', addOver: 'Divide by another number', removeOver: 'Do not divide', unit: 'By',
    breakdown2: 'and by', options: 'Options', compare: 'Beside the stretch before', marks: 'Mark unusual days', shape: 'Drawn as', line: 'Lines', bar: 'Bars',
    now: 'Now', before: 'Stretch before', running: 'Still running', time: 'Time', change: 'Change', total: 'Total', whole: 'The whole', previous: 'Stretch before', unusual: 'Beside what is usual', high: 'Above what is usual ({low} – {high})', low: 'Below what is usual ({low} – {high})', group: 'Group', odd: '{n} unusual',
    says: '{name} from {from} to {to}; {last} at the end', onlyFirst: 'The picture has the {n} largest groups; the table has all {all}.', noBand: 'By the day and not broken down, days are marked that are unusual beside the same weekday of the 8 weeks before.',
  },
})
