import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '客户价值', text: '从每个人下单的节奏和金额，推算他们以后还会买多少、谁可能已经流失', asOf: '截至 {time}，按 {n} 位下过单的客户推算；每天凌晨自动更新',
    run: '立即计算', running: '正在计算客户价值', ended: '已重新计算', notEnded: '没有算完', churn: '流失预警名单',
    noneTitle: '还没有计算过客户价值', noneText: '导入订单后算一次，就能看到客户以后大约会带来多少；之后每天凌晨自动更新。', noneRead: '等管理员计算之后，这里会显示结果。',
    lackTitle: '现在还不能推算', lack: { few_repeaters: '有 {n} 位客户在不同的日子买过至少两次；到 {min} 位时，推算才靠得住。商品搭配不受影响，已经算好。', no_buying_model: '这些订单的时间没有可循的规律，推算不出以后会买多少。', no_spending_model: '这些订单的金额没有可循的规律（例如每个人都一样），推算不出以后会花多少。' },
    next: '接下来 {n} 天', expected: '预计带来', ordersN: '约 {n} 次下单', atRisk: '有流失风险的年消费', atRiskHint: '每个人一年的消费 × 流失可能，加总',
    aliveTitle: '还在买的可能', aliveText: '{n} 位买过至少两天的客户，按还会再来的可能分布', once: '另有 {n} 位只买过一次：还看不出节奏，不在图中', peopleAxis: '人数', aliveSays: '{n} 位客户中，{low} 位还在买的可能低于一半', bandPeople: '{n} 人', pickHint: '点一根柱子，看这些人里谁最该挽回',
    decileTitle: '价值集中在谁身上', decileTable: '看每一组的数字', decileText: '按未来一年预计消费，从高到低每 10% 一组', decile: '第 {n} 组', decileSays: '最高的一组预计带来 {sum}，占 {share}', decileHead: { group: '组', people: '人数', soon: '未来 90 天', year: '未来一年', share: '占比', risk: '有流失风险' },
    wordsTitle: '您的客户是怎样买的', everyDays: '还在买的客户，平均每 {n} 天来一次', leaves: '每买一次之后，约 {n} 的人不再来', spends: '平均一天的订单金额约 {n}', came: '{n} 位下过单，其中 {m} 位来过不止一天', bound: '数据还少，其中有参数没有定准；预计的总数仍可参考，个人的数字请留有余地。',
    info: '模型与参数', infoText: '“一次”指一个有订单的日子；金额扣除退款。时间按 BG/NBD 模型（Fader、Hardie 与 Lee，2005，Marketing Science 24(2)），金额按 Gamma-Gamma 模型（Fader 与 Hardie，2013），参数由最大似然估计得出，时间单位为周。', param: '参数', paramValue: '数值', paramMeaning: '含义',
    params: { r: '购买频率的形状', alpha: '购买频率的尺度（周）', a: '流失可能的形状 a', b: '流失可能的形状 b', log_likelihood: '购买模型的对数似然', p: '单次金额的形状', q: '个人均值的形状', gamma_fen: '个人均值的尺度（分）', spend_log_likelihood: '金额模型的对数似然', spend_people: '金额模型用到的人数' },
    testTitle: '推算得准不准', testText: '只用较早的订单推算，再与之后真正发生的对比', test: '做一次对比', testing: '正在对比', tested: '对比完成', days: '最近 {n} 天', span: '对比多长时间', testNone: '还没有对比过', testNoneText: '选一段时间做一次，看预计与实际差多少。',
    testSays: '{from} 之前的 {n} 位客户，到 {to} 预计来 {expected} 次，实际 {actual} 次，{off}', exact: '正好一致', over: '预计多了 {n}', under: '预计少了 {n}', testLack: '到那一天，来过不止一天的客户还不够多，无法对比。',
    expectedLine: '预计', actualLine: '实际', testDeciles: '看十组的数字（按预计从高到低）', testHead: { group: '组', people: '人数', expected: '预计次数', actual: '实际次数' },
  },
  en: {
    title: 'Customer value', text: 'From when and for how much everybody buys: what they will still buy, and who may have left', asOf: 'As of {time}, from {n} customers with an order; computed anew every night',
    run: 'Compute now', running: 'Computing customer value', ended: 'Computed anew', notEnded: 'It was not computed to the end', churn: 'Customers about to leave',
    noneTitle: 'Customer value has not been computed yet', noneText: 'Import orders, compute once, and see what customers will bring; after that it runs every night.', noneRead: 'Once an administrator has computed it, the result is shown here.',
    lackTitle: 'Nothing can be foretold yet', lack: { few_repeaters: '{n} customers have bought on more than one day; with {min} of them a forecast can be trusted. What goes together was computed all the same.', no_buying_model: 'The times of these orders follow no pattern from which to foretell more.', no_spending_model: 'The amounts of these orders follow no pattern (everybody spends the same, say) from which to foretell more.' },
    next: 'Next {n} days', expected: 'Expected', ordersN: 'about {n} visits', atRisk: 'Yearly spending at risk', atRiskHint: 'What a year of each was worth × how likely they have left, in sum',
    aliveTitle: 'Still a customer?', aliveText: '{n} customers who bought on two days or more, by how likely they will come again', once: 'Besides, {n} bought once only: that shows no rhythm, and they are not in the chart', peopleAxis: 'People', aliveSays: 'Of {n} customers, {low} have probably left', bandPeople: '{n} people', pickHint: 'Press a bar to see whom of them to win back first',
    decileTitle: 'Where the value is', decileTable: 'Figures of each group', decileText: 'By the money expected in a year, a tenth of all customers each', decile: 'Group {n}', decileSays: 'The best tenth is expected to bring {sum}, {share} of all', decileHead: { group: 'Group', people: 'People', soon: 'Next 90 days', year: 'Next year', share: 'Share', risk: 'At risk' },
    wordsTitle: 'How your customers buy', everyDays: 'Who still buys comes every {n} days on average', leaves: 'After each purchase, about {n} never come back', spends: 'A day with an order is worth {n} on average', came: '{n} have bought, {m} of them on more than one day', bound: 'There are few data, and a parameter could not be settled; totals hold, figures of one person are rough.',
    info: 'Model and parameters', infoText: 'A visit is a day with an order; amounts are less refunds. When: BG/NBD (Fader, Hardie & Lee 2005, Marketing Science 24(2)). How much: gamma-gamma (Fader & Hardie 2013). Parameters by maximum likelihood, time in weeks.', param: 'Parameter', paramValue: 'Value', paramMeaning: 'Meaning',
    params: { r: 'Shape of the rates of buying', alpha: 'Scale of the rates of buying (weeks)', a: 'Shape a of leaving', b: 'Shape b of leaving', log_likelihood: 'Log-likelihood of purchases', p: 'Shape of one person’s amounts', q: 'Shape of people’s means', gamma_fen: 'Scale of people’s means (hundredths)', spend_log_likelihood: 'Log-likelihood of amounts', spend_people: 'People the amounts are fitted to' },
    testTitle: 'How right is it?', testText: 'Foretold from earlier orders only, beside what came after', test: 'Compare', testing: 'Comparing', tested: 'Compared', days: 'Last {n} days', span: 'Over how long', testNone: 'Nothing was compared yet', testNoneText: 'Choose a span and see how far off the forecast is.',
    testSays: 'Of {n} customers known by {from}, {expected} visits were expected by {to} and {actual} came: {off}', exact: 'exactly as foretold', over: '{n} too many foretold', under: '{n} too few foretold', testLack: 'By that day too few customers had bought on more than one day.',
    expectedLine: 'Expected', actualLine: 'Actual', testDeciles: 'Figures of ten groups, most expected first', testHead: { group: 'Group', people: 'People', expected: 'Expected', actual: 'Actual' },
  },
})
