import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    event: '事件', pickEvent: '选择事件', own: '荷塘的事件', outside: '接入的事件', facts: '{n} 次', noKind: '没有这种事件，换个词试试',
    prop: '属性', comparison: '比较方式', value: '取值', low: '下限', high: '上限', where: '添加条件', and: '并且', removeWhere: '移除这个条件', typedValue: '选择或输入', times: '{n} 次', apiCondition: '由接口设置的条件',
    by: '拆分', breakdown: '拆分', noBreakdown: '不拆分', byProp: '按事件属性', byAttr: '按客户资料', bySet: '按标签与标识',
    range: '时间', custom: '自定义日期', from: '开始日期', to: '结束日期',
    people: '人群', everybody: '所有客户', filter: '筛选人群', unfinished: '没有填完的条件不会生效。', apply: '应用', clearPeople: '不再筛选人群',
    length: '时长', unit: '单位',
    csv: '表格（CSV）', png: '图（PNG）', take: '导出', upto: '数据截至 {time} · {took}', ms: '{n} 毫秒', asked: '这份报表在问', wrong: '这个问题问得不对：{text}',
    unfinishedTitle: '先把问题填完整：选好事件，填完条件。', noFacts: '还没有可以分析的事件', noFactsText: '客户下单、打标签、浏览页面等都会成为事件。先导入数据，或接入网站与小程序。', sources: '接入事件',
    table: '明细', more: '显示全部 {n} 行', nothing: '这段时间里没有符合条件的事件', nothingText: '换一段更长的时间，或放宽条件。', people_behind: '查看这些客户',
    behindCount: '{n} 人', behindMore: '再显示 {n} 人', behindNone: '没有人', behindSave: '存为分群', behindName: '分群名称', behindKind: '怎么存', behindLive: '动态', behindList: '名单', behindListHint: '现在的 {n} 人，以后不变', behindSaved: '已存为分群“{name}”', behindMany: '超过 {max} 人，不能存为分群；请缩小范围。',
    tileGone: '这份报表不在了', tileGoneText: '它已被删除，或不再共享。可以把它从看板移除。', tileOpen: '这种报表没有小图，点名称打开。', tileUpto: '数据截至 {time}', pinOwn: '放到我的看板', pinShared: '放到大家的看板', pinned: '“{name}”已在看板上', pinnedShared: '“{name}”已在大家的看板上', pinShareFirst: '请先共享这份报表',
    report: '报表', sharedBy: '{kind} · {name} 共享', ownedBy: '{kind} · {name} 保存', saveReport: '保存报表', saveAs: '另存为', rename: '改名与共享', reportName: '报表名称', share: '共享给所有人', shareHint: '其他人看到的是同样的问题；数字只含他们有权看到的客户。', reportSaved: '已保存“{name}”', reportRemove: '删除报表“{name}”？', reportRemoveShared: '其他人也将看不到它。', reportRemoved: '已删除报表“{name}”',
  },
  en: {
    event: 'Event', pickEvent: 'Choose an event', own: 'Hetang’s own', outside: 'From outside', facts: '{n} times', noKind: 'No such event; try another word',
    prop: 'Property', comparison: 'Comparison', value: 'Value', low: 'From', high: 'To', where: 'Add a condition', and: 'and', removeWhere: 'Remove this condition', typedValue: 'Choose or type', times: '{n} times', apiCondition: 'A condition set by the API',
    by: 'By', breakdown: 'Broken down', noBreakdown: 'Not broken down', byProp: 'By property of the event', byAttr: 'By what is known of the customer', bySet: 'By tag or identifier',
    range: 'Time', custom: 'Days of your choice', from: 'First day', to: 'Last day',
    people: 'People', everybody: 'All customers', filter: 'Filter people', unfinished: 'Conditions that are not filled in do not count.', apply: 'Apply', clearPeople: 'Do not filter people',
    length: 'Length', unit: 'Unit',
    csv: 'Table (CSV)', png: 'Picture (PNG)', take: 'Export', upto: 'Data until {time} · {took}', ms: '{n} ms', asked: 'What this report asks', wrong: 'This cannot be asked: {text}',
    unfinishedTitle: 'Fill in the question first: choose the events, finish the conditions.', noFacts: 'There are no events to analyse yet', noFactsText: 'Orders, tags, page views and the like become events. Import data first, or connect a website or a mini program.', sources: 'Connect events',
    table: 'Figures', more: 'Show all {n} rows', nothing: 'Nothing of the kind happened in this time', nothingText: 'Choose a longer time, or ease the conditions.', people_behind: 'See these customers',
    behindCount: '{n} person | {n} people', behindMore: 'Show {n} more', behindNone: 'Nobody', behindSave: 'Save as segment', behindName: 'Name of the segment', behindKind: 'Kept how', behindLive: 'Live', behindList: 'List', behindListHint: 'The {n} person of now, who stays in it | The {n} people of now, who stay in it', behindSaved: 'Saved as the segment “{name}”', behindMany: 'More than {max} people cannot be saved as a segment; narrow it down.',
    tileGone: 'This report is gone', tileGoneText: 'It was deleted or is no longer shared. You can take it from the dashboard.', tileOpen: 'A report of this kind has no small picture; open it by its name.', tileUpto: 'Data until {time}', pinOwn: 'Put on my dashboard', pinShared: 'Put on everybody’s dashboard', pinned: '“{name}” is on the dashboard', pinnedShared: '“{name}” is on everybody’s dashboard', pinShareFirst: 'Share this report first',
    report: 'Report', sharedBy: '{kind} · shared by {name}', ownedBy: '{kind} · saved by {name}', saveReport: 'Save report', saveAs: 'Save as', rename: 'Rename and share', reportName: 'Name of the report', share: 'Share with everybody', shareHint: 'Others see the same question; its numbers hold only the customers they may see.', reportSaved: '“{name}” is saved', reportRemove: 'Delete the report “{name}”?', reportRemoveShared: 'Others will no longer see it either.', reportRemoved: 'The report “{name}” is deleted',
  },
})
