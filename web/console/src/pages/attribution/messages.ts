import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '归因', text: '客户下单之前经过了哪些渠道，每个渠道该记多少功劳。',
    touch: '触点', channel: '渠道是', pickProp: '选择属性', conversion: '转化', value: '价值', noValue: '只数次数', asValue: '价值为{name}', window: '回看', within: '转化前', withinEnd: '内的触点算数',
    refund: '退款', takeBack: '退款扣回', held: '从哪一次扣', heldSame: '{name}相同的最近一次',
    direct: '直接访问', directIs: '哪些触点算直接访问', directNone: '没有渠道的', directAs: '渠道为“{name}”的', half: '半衰期', halfEnd: '用于时间衰减',
    converted: '有触点的转化', worth: '它们的价值', untouched: '没有触点的转化', refunded: '被退款扣回', rate: '路径转化率',
    compare: '比较', model: '模型', and: '与', against: '比较的模型', shown: '显示', difference: '{against} − {model}', channelHead: '渠道', touches: '触点次数', total: '合计', points: '{n} 百分点',
    barSays: '{model}与{against}两个模型下各渠道的功劳，{n} 个渠道，最多的是“{name}”', onlyFirst: '图中为触点最多的 {n} 个渠道，其余见表格。',
    modelsTitle: '这些模型怎么算', pathsTitle: '最常见的路径', path: '路径', conversions: '转化', lost: '没转化', rateOf: '转化率', times: '{name} ×{n}',
    noTouch: '没有“{name}”这种事件', noTouchText: '触点来自它：先接入带渠道参数的访问事件，或换一个事件作触点。', noConversion: '没有“{name}”这种事件，无法归因', noConversionText: '换一个事件作转化，或先接入它。',
    noConversions: '这段时间里没有人做过“{name}”，之前也没有触点', noConversionsText: '换一段更长的时间，或放宽条件。', untouchedAll: '这些转化之前 {window}内都没有“{name}”', untouchedAllText: '把回看的时间放长，或换一个事件作触点。共 {n} 次转化没有触点。',
    noChannel: '“{name}”从来没有“{prop}”，分不出渠道：换一个属性，或让访问带上它。', behindTitle: '{name}：转化的人', behindLost: '{name}：没转化的人', anyChannel: '任意渠道', converters: '转化的人', losers: '没转化的人', see: '查看', seeUntouched: '查看这些客户', hint: '点一根条，看看经过这个渠道而转化的客户。',
  },
  en: {
    title: 'Attribution', text: 'Which channels people come by before they buy, and what is owed to each.',
    touch: 'Touch', channel: 'Its channel is', pickProp: 'Choose a property', conversion: 'Goal', value: 'Worth', noValue: 'only counted', asValue: 'worth its {name}', window: 'Look-back', within: 'touches within', withinEnd: 'before a conversion count',
    refund: 'Refunds', takeBack: 'Refunds take back', held: 'From which', heldSame: 'the last with the same {name}',
    direct: 'Direct', directIs: 'Which touches are direct', directNone: 'those without a channel', directAs: 'those of “{name}”', half: 'Half-life', halfEnd: 'of time decay',
    converted: 'Conversions with touches', worth: 'Worth', untouched: 'Conversions without', refunded: 'Taken back by refunds', rate: 'Paths that convert',
    compare: 'Compare', model: 'Model', and: 'with', against: 'Model it is compared with', shown: 'Shown', difference: '{against} − {model}', channelHead: 'Channel', touches: 'Touches', total: 'In all', points: '{n} points',
    barSays: 'What is owed to {n} channels by the models {model} and {against}; most to “{name}”', onlyFirst: 'The picture has the {n} channels of most touches; the table has all.',
    modelsTitle: 'How these models reckon', pathsTitle: 'The most frequent paths', path: 'Path', conversions: 'Conversions', lost: 'Not converted', rateOf: 'Rate', times: '{name} ×{n}',
    noTouch: 'There is no event “{name}”', noTouchText: 'Touches come from it: connect visits with the parameters of their campaign, or choose another event.', noConversion: 'There is no event “{name}” to owe to anybody', noConversionText: 'Choose another event as the conversion, or connect it first.',
    noConversions: 'Nobody did “{name}” in this time, nor was there a touch', noConversionsText: 'Choose a longer time, or ease the conditions.', untouchedAll: 'Within {window} before these conversions there is no “{name}”', untouchedAllText: 'Look back further, or choose another event as the touch. {n} conversions have no touch.',
    noChannel: '“{name}” never has “{prop}”, so channels cannot be told apart: choose another property, or let visits bring it.', behindTitle: '{name}: who converted', behindLost: '{name}: who did not convert', anyChannel: 'Any channel', converters: 'Who converted', losers: 'Who did not', see: 'See', seeUntouched: 'See these customers', hint: 'Press a bar to see who converted by way of the channel.',
  },
})
