import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '报表', text: '您保存的，和大家共享的。', name: '名称', kind: '类型', owner: '保存人', sharedMark: '共享', updated: '上次修改', search: '搜索报表', empty: '还没有保存的报表', emptyText: '在漏斗、留存、趋势等页面问好一个问题，点“保存报表”，它就会出现在这里。', begin: '从漏斗开始',
    removeTitle: '删除报表“{name}”？', removeShared: '其他人也将看不到它。', removed: '已删除报表“{name}”', other: '其他', pin: '把“{name}”放到我的看板', pinShort: '放到我的看板', unpin: '把“{name}”从看板移除', unpinShort: '从看板移除', onEverybodys: '在大家的看板上', pinned: '“{name}”已在看板上', unpinned: '已从看板移除“{name}”',
  },
  en: {
    title: 'Reports', text: 'Those you saved, and those shared with everybody.', name: 'Name', kind: 'Kind', owner: 'Saved by', sharedMark: 'Shared', updated: 'Last change', search: 'Search reports', empty: 'No report is saved yet', emptyText: 'Ask a question on the pages for funnels, retention or trends and choose “Save report”: it will stand here.', begin: 'Begin with a funnel',
    removeTitle: 'Delete the report “{name}”?', removeShared: 'Others will no longer see it either.', removed: 'The report “{name}” is deleted', other: 'Other', pin: 'Put “{name}” on my dashboard', pinShort: 'Put on my dashboard', unpin: 'Take “{name}” from the dashboard', unpinShort: 'Take from the dashboard', onEverybodys: 'On everybody’s dashboard', pinned: '“{name}” is on the dashboard', unpinned: '“{name}” is taken from the dashboard',
  },
})
