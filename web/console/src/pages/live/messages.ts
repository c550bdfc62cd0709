import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '实时事件', text: '正在发生的事，写入的同时出现在这里', pause: '暂停', resume: '继续', pausedNote: '已暂停；继续后会补上这期间的事件', types: '全部事件', person: '只看 {name}', number: '客户 {n}', everybody: '取消只看此人', only: '只看此人',
    none: '还没有事件', noneText: '客户、订单、标签有变化时，或商城、小程序送来行为时，会立即出现在这里。', noneFound: '还没有符合条件的事件', gap: '略去 {n} 条：事件太多，来不及逐条显示',
    nobody: '不涉及客户', details: '事件详情', at: '发生时间', received: '收到时间', who: '客户', by: '由谁', source: '来源', inside: '荷塘', outside: 'SDK 来源 {n}', props: '属性', noProps: '没有属性', key: '暂停或继续', shown: '最近 {n} 条',
  },
  en: {
    title: 'Live events', text: 'What is happening, here while it is written', pause: 'Pause', resume: 'Go on', pausedNote: 'Paused; what happens meanwhile comes when you go on', types: 'All events', person: 'Only {name}', number: 'Customer {n}', everybody: 'Everybody again', only: 'Only this person',
    none: 'No events yet', noneText: 'They appear here as customers, orders and tags change, and as shops and mini programs tell what people do.', noneFound: 'No events like that yet', gap: '{n} left out: more than can be shown one by one',
    nobody: 'About nobody', details: 'Event', at: 'Happened', received: 'Received', who: 'Customer', by: 'By', source: 'From', inside: 'Hetang', outside: 'SDK source {n}', props: 'Properties', noProps: 'No properties', key: 'Pause or go on', shown: 'The last {n}',
  },
})
