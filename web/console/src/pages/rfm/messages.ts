import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: 'RFM 分层', text: '按最近一次下单（R）、下单次数（F）、消费金额（M）给每位客户打 1 到 5 分，看清谁最值得照顾', asOf: '截至 {time}，{n} 位客户，共消费 {sum}',
    run: '立即计算', running: '正在计算 RFM', ended: '已重新计算', notEnded: 'RFM 没有算完', history: '历史', settings: '设置',
    noneTitle: '还没有计算过 RFM', noneText: '导入订单后算一次，就能看到客户分布在哪里；之后每晚自动更新。', noneRead: '等管理员计算之后，这里会显示客户的分布。',
    nobodyTitle: '还没有客户下过单', nobodyText: 'RFM 按订单打分。导入订单或接入店铺后再计算，就能看到客户分布在哪里。', import: '导入订单',
    matrix: 'R × F 矩阵', byMoney: '按金额', recency: 'R 最近下单', frequency: 'F 下单次数',
    tiers: '会员等级', tierRange: '总分 {from}–{to}', classes: '八类客户', classHint: 'R、F、M 各自高于平均分为“高”，低于平均分为“低”', ofMoney: '占金额 {n}', link: '查看“{name}”的客户',
    cuts: '分数怎么来',
    rows: { r: 'R 距上次下单', f: 'F 下单次数', m: 'M 消费金额' }, methods: { quantiles: '切分点取全体客户的 20%、40%、60%、80% 分位', fixed: '切分点由您指定' }, refunds: '消费金额已扣除退款',
    runs: '计算历史', runsText: '选择一次，看当时的分布', runAt: '截至', runPeople: '人数', runBy: '来源', nightly: '每晚自动', current: '当前', past: '正在看 {time} 的结果，只能看，不能点进名单', backToNow: '回到当前', gone: '已超出保留期', runsNone: '还没有计算过',
    settingsTitle: 'RFM 设置', method: '切分方式', byQuantiles: '按分位数', byFixed: '固定切分点', methodHint: '分位数：每次都让五个分数的人数大致相当；固定：分数的含义不随时间变化', cutsR: 'R 切分点（天）', cutsF: 'F 切分点（单）', cutsM: 'M 切分点（元）', cutsHint: '四个数，从小到大', cutN: '第 {n} 个',
    subtract: '消费金额扣除退款', tierNames: '会员等级', tierName: '名称', tierNameEn: '英文名称', tierFrom: '起始总分', tiersHint: '三项分数之和，3 到 15 分', nightlyAt: '每晚自动计算', hour: '{n} 点', off: '不自动计算', keep: '历史保留（天）', keepHint: '更早的分布不再能看', fromNext: '从下一次计算起生效', cutsWrong: '请填四个数，后面的不能小于前面的', tiersWrong: '名称不能为空，起始总分必须逐级降低', keepWrong: '请填天数', saved: '已保存，下一次计算起生效',
  },
  en: {
    title: 'RFM', text: 'Each customer scored from 1 to 5 by last order (R), number of orders (F) and money spent (M): who deserves most care', asOf: 'As of {time}: {n} customers who spent {sum}',
    run: 'Compute now', running: 'Computing RFM', ended: 'Computed anew', notEnded: 'RFM was not computed to the end', history: 'History', settings: 'Settings',
    noneTitle: 'RFM has not been computed yet', noneText: 'Import orders, compute once, and see where your customers stand; after that it runs every night.', noneRead: 'Once an administrator has computed it, the customers are shown here.',
    nobodyTitle: 'No customer has ordered yet', nobodyText: 'RFM scores orders. Import them or connect the shop, compute again, and see where your customers stand.', import: 'Import orders',
    matrix: 'R × F matrix', byMoney: 'By money', recency: 'R last order', frequency: 'F orders',
    tiers: 'Tiers', tierRange: 'Total {from}–{to}', classes: 'Eight classes', classHint: '“High” is a score above the mean, for each of R, F and M', ofMoney: '{n} of money', link: 'Customers in “{name}”',
    cuts: 'How scores are made',
    rows: { r: 'R since last order', f: 'F orders', m: 'M spent' }, methods: { quantiles: 'Cut points are the 20, 40, 60 and 80 % quantiles of all customers', fixed: 'Cut points are set by you' }, refunds: 'Refunds are subtracted from the money spent',
    runs: 'History of runs', runsText: 'Choose one to see how customers stood then', runAt: 'As of', runPeople: 'People', runBy: 'By', nightly: 'every night', current: 'Current', past: 'This is the result of {time}: to look at; it leads to no lists', backToNow: 'Back to now', gone: 'No longer kept', runsNone: 'Nothing has been computed yet',
    settingsTitle: 'RFM settings', method: 'Cut points', byQuantiles: 'Quantiles', byFixed: 'Fixed', methodHint: 'Quantiles: about as many people at each score, every time. Fixed: a score means the same for ever', cutsR: 'R cut points (days)', cutsF: 'F cut points (orders)', cutsM: 'M cut points (money)', cutsHint: 'Four numbers, rising', cutN: 'Number {n}',
    subtract: 'Subtract refunds from the money spent', tierNames: 'Tiers', tierName: 'Name', tierNameEn: 'Name in English', tierFrom: 'From total', tiersHint: 'Sum of the three scores, 3 to 15', nightlyAt: 'Compute every night', hour: '{n}:00', off: 'Not by itself', keep: 'History is kept (days)', keepHint: 'How customers stood earlier cannot be seen any more', fromNext: 'Holds from the next run on', cutsWrong: 'Four numbers, none smaller than the one before', tiersWrong: 'Names must not be empty, and totals must fall from tier to tier', keepWrong: 'Enter a number of days', saved: 'Saved; it holds from the next run on',
  },
})
