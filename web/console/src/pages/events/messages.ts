import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '事件目录', text: '有哪些事件可以分析，各有多少，带着哪些属性。', search: '搜索事件', name: '事件', code: '标识', from: '来自', own: '荷塘', outside: '接入', facts: '次数', props: '属性', noneFound: '没有找到这样的事件',
    lately: '近 30 天', inTrend: '在趋势中分析', inFunnel: '作为漏斗第一步', prop: '属性', kinds: '类型', kind: { text: '文本', number: '数字', money: '金额', bool: '是否' }, noProps: '这种事件没有可以分析的属性。', top: '“{name}”最多的取值（近 90 天）', noValues: '近 90 天没有取值。', seeValues: '看“{name}”的取值', says: '“{name}”近 30 天每天的次数',
    empty: '还没有事件', emptyText: '客户下单、打标签、浏览页面等都会成为事件。先导入数据，或接入网站与小程序。', sources: '接入事件',
  },
  en: {
    title: 'Event catalogue', text: 'Which events can be analysed, how many there are, and what they bring with them.', search: 'Search events', name: 'Event', code: 'In the log', from: 'From', own: 'Hetang', outside: 'Outside', facts: 'Times', props: 'Properties', noneFound: 'No such event was found',
    lately: 'Last 30 days', inTrend: 'Analyse in a trend', inFunnel: 'Begin a funnel with it', prop: 'Property', kinds: 'Kind', kind: { text: 'text', number: 'number', money: 'money', bool: 'yes or no' }, noProps: 'Events of this kind have no properties that can be analysed.', top: 'Most frequent values of “{name}” (last 90 days)', noValues: 'No values in the last 90 days.', seeValues: 'Values of “{name}”', says: '“{name}” by the day over the last 30 days',
    empty: 'There are no events yet', emptyText: 'Orders, tags, page views and the like become events. Import data first, or connect a website or a mini program.', sources: 'Connect events',
  },
})
