import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '标签', text: '用一个词说清一位顾客。标签归入分组，分组可限定每人只有其中一个。',
    groups: '标签分组', newGroup: '新建分组', editGroup: '编辑分组', groupName: '分组名称', groupNameHint: '例如：渠道、年龄段、需求', color: '颜色', otherColor: '其他颜色', colorNumber: '颜色 {n}',
    kind: '每位顾客', multiple: '可有多个', multipleHint: '例如：需求、关注的产品', single: '最多一个', singleHint: '例如：年龄段、消费档位；打上新的，旧的自动去掉', singleBadge: '单选', nameMissing: '请填写名称', nameLong: '最多 30 个字',
    noGroups: '还没有标签分组', noGroupsText: '从模板开始最快：渠道、年龄段、消费档位等分组已经备好，一键安装；也可以自己新建。', noGroupsRead: '管理员建好标签分组后，会显示在这里。',
    noTags: '这个分组还没有标签', noTagsText: '在上方输入名称后回车；从表格里复制一列粘贴，可一次添加多个。', noTagsRead: '管理员添加标签后，会显示在这里。',
    add: '添加标签', addHint: '输入名称后回车；可粘贴多行', adding: '正在添加 {done} / {total}', added: '已添加 {n} 个标签', addedSome: '添加了 {done} 个，{failed} 个没有添加', addedNames: '已存在或无效：{names}',
    search: '搜索标签和分组', found: '找到 {n} 个标签', nothing: '没有名称含“{text}”的标签', chips: '标签', table: '表格', view: '显示方式', tableOnly: '标签较多，用表格显示',
    name: '名称', key: '标识', count: '{n} 个标签', chosen: '已选 {n} 个', rename: '改名', forward: '前移', back: '后移', tagName: '标签名称', help: '点选标签后可改名、移动、删除；也可直接拖动排序。',
    renamed: '已改名为“{name}”', changed: '分组已修改', moved: '已调整顺序', groupMoved: '已调整分组顺序', move: '按住拖动，或用 Alt + ↑ ↓ 调整顺序',
    deleteTag: '删除标签“{name}”？', deleteTags: '删除这 {n} 个标签？', deletedTag: '已删除标签“{name}”', deletedTags: '已删除 {n} 个标签',
    deleteGroup: '删除分组“{name}”？', deleteGroupText: '分组里的 {n} 个标签会一起删除，它们共打在客户身上 {people} 次。删除后有几秒钟可以撤销。', deletedGroup: '已删除分组“{name}”', allGroups: '所有分组', keyRename: '改名', keyDelete: '删除所选', keyGroup: '新建分组',
    presets: '从模板添加', presetsText: '私域常用的标签分组，一键安装；装好后可以随意修改。', install: '安装', installed: '已安装“{name}”，共 {n} 个标签', there: '已安装', byRule: '由规则自动打上和去掉', people: '客户数', ruled: '自动', ruledHint: '由规则自动打上和去掉', peopleCount: '{n} 位客户',
    losing: '将有 {n} 位客户失去此标签，删除后有几秒钟可以撤销。', losingMany: '这些标签共打在客户身上 {n} 次，都会去掉。删除后有几秒钟可以撤销。',
  },
  en: {
    title: 'Tags', text: 'What you say about a customer in one word. Tags stand in groups; a group may allow one of its tags per customer.',
    groups: 'Tag groups', newGroup: 'New group', editGroup: 'Edit group', groupName: 'Name of the group', groupNameHint: 'Channel, age band, need …', color: 'Colour', otherColor: 'Another colour', colorNumber: 'Colour {n}',
    kind: 'Each customer has', multiple: 'Any number', multipleHint: 'For needs, favourite products …', single: 'At most one', singleHint: 'For age bands, spend bands …; a new one takes the place of the old', singleBadge: 'one each', nameMissing: 'Enter a name', nameLong: 'At most 30 characters',
    noGroups: 'There are no tag groups yet', noGroupsText: 'Presets are the quickest way: channel, age band, spend band and more, installed in one click. Or make a group of your own.', noGroupsRead: 'Once the administrator has made tag groups, they appear here.',
    noTags: 'This group has no tags yet', noTagsText: 'Type a name above and press Enter; paste a column of a spreadsheet to add many at once.', noTagsRead: 'Once the administrator has added tags, they appear here.',
    add: 'Add tags', addHint: 'Type a name and press Enter; several lines can be pasted', adding: 'Adding {done} of {total}', added: '{n} tags added', addedSome: '{done} added, {failed} not', addedNames: 'Exist already, or not valid: {names}',
    search: 'Search tags and groups', found: '{n} tag found | {n} tags found', nothing: 'No tag has “{text}” in its name', chips: 'Tags', table: 'Table', view: 'View', tableOnly: 'Many tags: shown as a table',
    name: 'Name', key: 'Key', count: '{n} tag | {n} tags', chosen: '{n} selected', rename: 'Rename', forward: 'Move up', back: 'Move down', tagName: 'Name of the tag', help: 'Select tags to rename, move or delete them; drag to reorder.',
    renamed: 'Renamed to “{name}”', changed: 'The group was changed', moved: 'The order was changed', groupMoved: 'The order of the groups was changed', move: 'Drag, or use Alt + ↑ ↓, to reorder',
    deleteTag: 'Delete the tag “{name}”?', deleteTags: 'Delete these {n} tags?', deletedTag: 'The tag “{name}” was deleted', deletedTags: '{n} tags were deleted',
    deleteGroup: 'Delete the group “{name}”?', deleteGroupText: 'Its {n} tags are deleted with it; together they are on customers {people} times. You can undo this for a few seconds.', deletedGroup: 'The group “{name}” was deleted', allGroups: 'All groups', keyRename: 'Rename', keyDelete: 'Delete the selected', keyGroup: 'New group',
    presets: 'Add from presets', presetsText: 'Tag groups that the trade works with, installed in one click; change them afterwards as you like.', install: 'Install', installed: '"{name}" was installed, with {n} tags', there: 'Installed', byRule: 'Given and taken by rules', people: 'Customers', ruled: 'By rule', ruledHint: 'A rule gives and takes it', peopleCount: '{n} customer | {n} customers',
    losing: '{n} customers will lose this tag. You can undo this for a few seconds.', losingMany: 'Together they are on customers {n} times; all of that is removed. You can undo this for a few seconds.',
  },
})
