import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '生命周期', text: '客户从粉丝走到 KOC，或者流失。同时符合几个阶段时，算作排在最后的那个；条件不再符合时会退回。', create: '新建阶段', edit: '编辑“{name}”', delete: '删除“{name}”？', deleteText: '只有从来没有客户进入过的阶段才能删除。', people: '{n} 位客户', byHand: '没有规则，不会自动进入', all: '所有客户',
    up: '“{name}”前移', down: '“{name}”后移', earlier: '前移', later: '后移', moved: '已调整顺序，正在检查所有客户', saved: '已保存，正在检查所有客户', none: '还没有阶段', noneText: '新建第一个阶段，例如“粉丝”。',
    name: '名称', nameEn: '英文名称', key: '标识', keyHint: '小写英文，例如 member；导入和接口用它指代这个阶段，以后不能修改', color: '颜色', ruled: '按条件自动进入', ruledHint: '关闭后，不会再有客户自动进入这个阶段。', condition: '谁在这个阶段', unfinished: '有条件没有填完',
  },
  en: {
    title: 'Life cycle', text: 'From fan to KOC, or lost. Of several stages whose conditions hold, the last is the customer’s; when one no longer holds, they go back.', create: 'New stage', edit: 'Edit “{name}”', delete: 'Delete “{name}”?', deleteText: 'Only a stage that nobody has ever been in can be deleted.', people: '{n} customer | {n} customers', byHand: 'No condition: nobody gets here by rule', all: 'Everybody',
    up: 'Move “{name}” earlier', down: 'Move “{name}” later', earlier: 'Earlier', later: 'Later', moved: 'The order was changed; everybody is being looked at', saved: 'Saved; everybody is being looked at', none: 'There are no stages yet', noneText: 'Make the first one: “fan”, for instance.',
    name: 'Name', nameEn: 'Name in English', key: 'Key', keyHint: 'Small letters, member for instance; imports and the API name the stage by it, and it never changes', color: 'Colour', ruled: 'Entered by a condition', ruledHint: 'Without, nobody gets into this stage by rule.', condition: 'Who is in this stage', unfinished: 'A condition is not filled in',
  },
})
