import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '自定义字段', text: '除了姓名、生日这些资料，品牌还想记录的内容。可以用在客户资料、筛选、规则和导入里。', create: '新建字段', edit: '编辑“{name}”', name: '名称', nameEn: '英文名称', key: '标识', keyHint: '小写英文，例如 skin_type；导入和接口用它指代这个字段，以后不能修改', type: '类型', typeHint: '以后不能修改', choices: '选项', choicesHint: '输入后按回车，一个接一个', choicesMissing: '请至少填写一个选项', actions: '操作',
    types: { text: '文本', number: '数字', money: '金额', date: '日期', choice: '单选', choices: '多选', bool: '是或否' }, up: '“{name}”前移', down: '“{name}”后移', earlier: '前移', later: '后移', moved: '已调整顺序', putAway: '停用', takeBack: '恢复', away: '已停用“{name}”，已有的值会保留', back: '已恢复“{name}”', archived: '已停用', showAway: '显示已停用的',
    none: '还没有自定义字段', noneText: '例如肤质、常买尺码、家里的宝宝生日。', noneRead: '管理员添加字段后，会显示在这里。',
  },
  en: {
    title: 'Custom fields', text: 'What the brand keeps about customers beside name and birthday; for profiles, filters, rules and imports.', create: 'New field', edit: 'Edit “{name}”', name: 'Name', nameEn: 'Name in English', key: 'Key', keyHint: 'Small letters, skin_type for instance; imports and the API name the field by it, and it never changes', type: 'Kind', typeHint: 'Never changes', choices: 'Choices', choicesHint: 'Type one and press Enter, then the next', choicesMissing: 'Enter at least one choice', actions: 'Actions',
    types: { text: 'Text', number: 'Number', money: 'Money', date: 'Date', choice: 'One of several', choices: 'Several', bool: 'Yes or no' }, up: 'Move “{name}” earlier', down: 'Move “{name}” later', earlier: 'Earlier', later: 'Later', moved: 'The order was changed', putAway: 'Put away', takeBack: 'Take back', away: '“{name}” was put away; its values stay', back: '“{name}” is back', archived: 'put away', showAway: 'Show those put away',
    none: 'There are no custom fields yet', noneText: 'Skin type, usual size, the baby’s birthday, for instance.', noneRead: 'Once the administrator has made fields, they appear here.',
  },
})
