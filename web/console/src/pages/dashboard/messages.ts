import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '经营概览', textDay: '截至 {time}，与昨日和上周同日的同一时段相比', textPast: '{span}，与前一日和上周同日相比', textWeek: '{span}，与上一周的同一时段相比', textMonth: '{span}，与上个月的同一时段相比',
    period: '时段', periods: { day: '日', week: '周', month: '月' }, before: '往前', after: '往后', now: '回到今天', pick: '选择日期',
    vs: { day: '较昨日', past: '较前日', week: '较上周', month: '较上月', weekAgo: '较上周同日' },
    up: '上升 {n}', down: '下降 {n}', same: '持平', noBase: '无可比', points: '{n} 个百分点', people: '查看“{name}”的客户', trendOf: '看“{name}”的走势',
    trend: '走势', figure: '指标', by: '粒度', byHour: '小时', byDay: '天', byWeek: '周', byMonth: '月', this: '本期', stretch: { lastDay: '前一日', lastWeekDay: '上周同日', lastStretch: '上一段同期' }, running: '进行中',
    trendSays: '{name}按{by}的走势，从{from}到{to}，最近为 {last}',
    buyers: '新客与老客', buyersNone: '这段时间还没有已知客户下单', newBuyers: '新客', oldBuyers: '老客', buyersSay: '{total} 位购买人中，新客 {fresh} 位，老客 {old} 位', buyersUnit: '购买人',
    departments: '门店', orders: '订单', newOnes: '新客', noDepartment: '未归属', departmentsNone: '这段时间没有门店销售', departmentPeople: '查看“{name}”的新增客户',
    products: '热销商品', productsNone: '这段时间还没有卖出商品', quantity: '{n} 件', showAll: '展开全部 {n} 个', showLess: '收起',
    pinnedTitle: '报表', pinnedNone: '把常看的报表放到这里：打开一份保存的报表，在“报表”菜单里选“放到我的看板”。', pinnedChoose: '选一份报表', pinnedShared: '大家的', pinnedMenu: '“{name}”的位置与大小', pinnedArrange: '位置与大小', pinnedEarlier: '往前移', pinnedLater: '往后移', pinnedWidth: { 1: '三分之一宽', 2: '三分之二宽', 3: '整行' }, pinnedRemove: '从看板移除', unpinned: '已从看板移除“{name}”',
    others: '更多指标', welcome: '从导入客户和订单开始', welcomeText: '荷塘还没有客户和订单。导入一份表格，或让商城、收银、小程序把数据送进来，这里就会有数字。', import: '导入数据',
  },
  en: {
    title: 'Dashboard', textDay: 'Until {time}, against the same hours of yesterday and of this weekday last week', textPast: '{span}, against the day before and the same weekday a week earlier', textWeek: '{span}, against the same stretch of the week before', textMonth: '{span}, against the same stretch of the month before',
    period: 'Period', periods: { day: 'Day', week: 'Week', month: 'Month' }, before: 'Earlier', after: 'Later', now: 'Back to today', pick: 'Choose a day',
    vs: { day: 'vs yesterday', past: 'vs day before', week: 'vs last week', month: 'vs last month', weekAgo: 'vs a week ago' },
    up: 'up {n}', down: 'down {n}', same: 'unchanged', noBase: 'no basis', points: '{n} points', people: 'Customers behind “{name}”', trendOf: 'Trend of “{name}”',
    trend: 'Trend', figure: 'Figure', by: 'By', byHour: 'Hour', byDay: 'Day', byWeek: 'Week', byMonth: 'Month', this: 'This period', stretch: { lastDay: 'Day before', lastWeekDay: 'A week ago', lastStretch: 'The stretch before' }, running: 'Under way',
    trendSays: '{name} by {by}, from {from} to {to}; {last} at the end',
    buyers: 'New and returning buyers', buyersNone: 'No known customer has ordered in this time', newBuyers: 'New', oldBuyers: 'Returning', buyersSay: 'Of {total} buyers, {fresh} are new and {old} are returning', buyersUnit: 'Buyers',
    departments: 'Stores', orders: 'Orders', newOnes: 'New', noDepartment: 'No store', departmentsNone: 'No store has sold in this time', departmentPeople: 'New customers of “{name}”',
    products: 'Top products', productsNone: 'Nothing has been sold in this time', quantity: '{n} pcs', showAll: 'Show all {n}', showLess: 'Show less',
    pinnedTitle: 'Reports', pinnedNone: 'Put the reports you look at often here: open a saved report and choose “Put on my dashboard” from its menu.', pinnedChoose: 'Choose a report', pinnedShared: 'everybody’s', pinnedMenu: 'Place and size of “{name}”', pinnedArrange: 'Place and size', pinnedEarlier: 'Move forward', pinnedLater: 'Move back', pinnedWidth: { 1: 'A third wide', 2: 'Two thirds wide', 3: 'The whole row' }, pinnedRemove: 'Take from the dashboard', unpinned: '“{name}” is taken from the dashboard',
    others: 'More figures', welcome: 'Begin by importing customers and orders', welcomeText: 'Hetang has no customers or orders yet. Import a sheet, or let the shop, the tills and the mini program send their data, and there will be figures here.', import: 'Import data',
  },
})
