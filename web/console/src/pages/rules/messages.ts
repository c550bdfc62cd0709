import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '自动标签规则', text: '符合条件时自动打上标签，不再符合时自动去掉；手动去掉的标签不会再被规则打上。', create: '新建规则', edit: '“{name}”的规则', search: '搜索标签或条件', tag: '标签', tagHint: '每个标签一条规则', chooseTag: '请选择标签', noTag: '没有可选的标签；请先在“标签与规则”里新建',
    condition: '谁会有这个标签', conditionHint: '条件满足时打上，不满足时去掉。', noCondition: '请至少添加一个条件', unfinished: '有条件没有填完', active: '启用', activeOf: '启用“{name}”的规则', on: '启用', off: '停用', added: '累计打上', removed: '累计去掉', applied: '最近全量检查',
    stopped: '已停用“{name}”的规则', works: '已启用“{name}”的规则', saved: '已保存，正在检查所有客户：“{name}”', none: '还没有规则', noneText: '规则会让标签跟着客户的变化走，例如“90 天没下单”。也可以在“标签与规则”里安装模板。', noneRead: '管理员添加规则后，会显示在这里。',
    rule: '规则', hits: '执行记录', part: '规则或记录', preview: '预览', previewLater: '填好条件后，这里会显示影响多少客户。', counting: '正在计算…', matching: '{n} 位客户符合', wouldGet: '{n} 位会打上', wouldLose: '{n} 位会去掉', sample: '例如',
    noHits: '还没有记录', noHitsText: '规则打上或去掉标签后，会在这里说明原因。', given: '打上', taken: '去掉', found: '当时：{value}', holds: '满足', holdsNot: '不满足', moreHits: '更多记录',
    remove: '删除规则', removeTitle: '删除“{name}”的规则', removeText: '规则立即停用并删除，执行记录一并删除，不能撤销。只想暂停请改为停用。', removeGiven: '现有 {n} 位客户的这个标签是规则打上的。', fate: '这些标签', keep: '保留', keepHint: '留在客户身上，算作手动打上', take: '去掉', takeHint: '在后台逐个去掉；手动打上的不受影响', chooseFate: '请选择这些标签怎么办',
    removedNone: '已删除“{name}”的规则', removedKeep: '已删除“{name}”的规则，正在保留 {n} 位客户的标签', removedTake: '已删除“{name}”的规则，正在去掉 {n} 位客户的标签',
  },
  en: {
    title: 'Tag rules', text: 'A rule gives its tag when the condition holds and takes it when it does not; a tag taken by hand is not given again.', create: 'New rule', edit: 'Rule of “{name}”', search: 'Search tags and conditions', tag: 'Tag', tagHint: 'One rule a tag', chooseTag: 'Choose a tag', noTag: 'No tag is left; make one on the page of tags first',
    condition: 'Who has this tag', conditionHint: 'Given when it holds, taken when it does not.', noCondition: 'Add at least one condition', unfinished: 'A condition is not filled in', active: 'Works', activeOf: 'The rule of “{name}” works', on: 'On', off: 'Off', added: 'Given', removed: 'Taken', applied: 'All looked at',
    stopped: 'The rule of “{name}” was stopped', works: 'The rule of “{name}” works', saved: 'Saved; everybody is being looked at: “{name}”', none: 'There are no rules yet', noneText: 'Rules let tags follow what customers do, “no order for 90 days” for instance. Presets with rules are on the page of tags.', noneRead: 'Once the administrator has made rules, they appear here.',
    rule: 'Rule', hits: 'Log', part: 'Rule or log', preview: 'Preview', previewLater: 'Once there is a condition, it says here how many it touches.', counting: 'Counting…', matching: '{n} customer matches | {n} customers match', wouldGet: '{n} would get it', wouldLose: '{n} would lose it', sample: 'For instance',
    noHits: 'Nothing yet', noHitsText: 'When the rule gives or takes its tag, it says here why.', given: 'Given', taken: 'Taken', found: 'found: {value}', holds: 'Holds:', holdsNot: 'Does not hold:', moreHits: 'More',
    remove: 'Delete rule', removeTitle: 'Delete the rule of “{name}”', removeText: 'The rule stops at once and is deleted with its log; this cannot be undone. To pause it, switch it off instead.', removeGiven: '{n} customers have this tag by the rule now.', fate: 'These tags', keep: 'Keep', keepHint: 'They stay, as if given by hand', take: 'Take away', takeHint: 'Taken away one by one in the background; those given by hand stay', chooseFate: 'Choose what becomes of these tags',
    removedNone: 'The rule of “{name}” was deleted', removedKeep: 'The rule of “{name}” was deleted; the tags of {n} customers are being kept', removedTake: 'The rule of “{name}” was deleted; the tags of {n} customers are being taken away',
  },
})
