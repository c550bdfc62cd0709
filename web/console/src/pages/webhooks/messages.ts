import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: 'Webhook', text: '事情一发生就推送到您的系统：带签名，失败自动重试 24 小时，同一位顾客的按先后顺序。', add: '新建 Webhook', editIt: '编辑 Webhook', menu: '{name}的操作',
    name: '名称', nameHint: '推送给谁，例如：ERP、数据仓库。', url: '接收地址', urlHint: '请用 https；内网地址默认不允许。', urlWrong: '请填写以 https:// 开头的地址', types: '推送的事件', typesHint: '也可以选整类事件，以后新增的同类事件会一并推送。', typesChoose: '选择事件', typesMissing: '请至少选一种事件',
    wide: '整类', single: '单个事件', everything: '所有事件', allOf: '所有{kind}事件', kinds: { customers: '客户', tags: '标签', orders: '订单', staff: '员工', webhooks: 'Webhook' },
    state: '状态', states: { active: '推送中', off: '已停用', paused: '已暂停' }, waiting: '待投递', dead: '未送达', made: '创建于',
    none: '还没有 Webhook', noneText: '填一个接收地址，选好事件，新客户、下单、打标签等就会实时推送过去。',
    isMade: '已新建“{name}”', secret: '签名密钥', secretText: '接收方用它核对每次推送的签名，确认来自荷塘。', rotate: '更换签名密钥', rotateTitle: '更换签名密钥？', rotateText: '之后的推送立即用新密钥签名，接收方要同时换上。', rotated: '签名密钥已更换',
    test: '发送测试', turnOn: '启用', turnOff: '停用', resume: '恢复推送', isOn: '已启用“{name}”', offTitle: '停用“{name}”？', offText: '停用期间发生的事情不会补推。', failing: '连续失败 {n} 次：{why}',
    pausedTitle: '推送已自动暂停。', pausedText: '连续一天没有成功（{why}）。有 {n} 条在等待，修好接收方后点“恢复推送”，会按顺序补推。',
    deleteTitle: '删除“{name}”？', deleteText: '投递记录会一起删除，未送达的不再推送。', deleted: '已删除“{name}”', replayDead: '重推未送达的 {n} 条', replaying: '正在重推 {n} 条',
    deliveries: '投递记录', at: '时间', type: '事件', answer: '结果', attempts: '次数', took: '用时', ms: '{n} 毫秒', next: '下次尝试', noDeliveries: '还没有投递记录', noDeliveriesText: '点“发送测试”，看看接收方能不能收到。',
    deliveryStates: { queued: '排队中', waiting: '等待重试', sending: '投递中', done: '已送达', dead: '未送达' },
    errors: { refused: '对方拒绝', status: '对方返回 {status}', name: '域名解析失败', connect: '连不上对方', private: '内网地址，不允许', tls: '证书有问题', timeout: '对方没有及时回应', broken: '连接中断', expired: '超过保留期限', erased: '顾客信息已删除' },
    sent: '发送的内容', received: '对方的回应', replay: '重新投递', replayed: '正在重新投递', blanked: '相关顾客的个人信息已删除，内容不再保留。',
  },
  en: {
    title: 'Webhooks', text: 'What happens is sent to your systems at once: signed, tried again for 24 hours, in order for each customer.', add: 'New webhook', editIt: 'Edit webhook', menu: 'Actions for {name}',
    name: 'Name', nameHint: 'Who receives it: the ERP, the warehouse.', url: 'Address', urlHint: 'Use https; private addresses are not allowed unless configured.', urlWrong: 'Enter an address that begins with https://', types: 'Events', typesHint: 'Of a whole kind, events added later are sent, too.', typesChoose: 'Choose events', typesMissing: 'Choose at least one',
    wide: 'Whole kinds', single: 'Single events', everything: 'Everything', allOf: 'All events of {kind}', kinds: { customers: 'customers', tags: 'tags', orders: 'orders', staff: 'staff', webhooks: 'webhooks' },
    state: 'State', states: { active: 'Sending', off: 'Off', paused: 'Paused' }, waiting: 'Waiting', dead: 'Not delivered', made: 'Made',
    none: 'No webhooks yet', noneText: 'Enter an address and choose events: new customers, orders, tags are then sent as they happen.',
    isMade: '“{name}” was added', secret: 'Signing secret', secretText: 'The receiver checks signatures with it, to know that a message comes from Hetang.', rotate: 'Replace secret', rotateTitle: 'Replace the signing secret?', rotateText: 'What is sent from now on is signed with the new one; the receiver must have it, too.', rotated: 'The secret was replaced',
    test: 'Send a test', turnOn: 'Turn on', turnOff: 'Turn off', resume: 'Resume', isOn: '“{name}” is on', offTitle: 'Turn “{name}” off?', offText: 'What happens meanwhile is not sent later.', failing: 'failed {n} times in a row: {why}',
    pausedTitle: 'Sending was paused.', pausedText: 'Nothing got through for a day ({why}). {n} are waiting; mend the receiver and resume: they are sent in order.',
    deleteTitle: 'Delete “{name}”?', deleteText: 'Its deliveries are deleted with it; what was not delivered is not sent any more.', deleted: '“{name}” was deleted', replayDead: 'Send the {n} undelivered again', replaying: 'Sending {n} again',
    deliveries: 'Deliveries', at: 'When', type: 'Event', answer: 'Result', attempts: 'Attempts', took: 'Took', ms: '{n} ms', next: 'Next attempt', noDeliveries: 'No deliveries yet', noDeliveriesText: 'Send a test, to see whether the receiver gets it.',
    deliveryStates: { queued: 'Queued', waiting: 'Will retry', sending: 'Sending', done: 'Delivered', dead: 'Not delivered' },
    errors: { refused: 'It was refused', status: 'The receiver answered {status}', name: 'The host name is not known', connect: 'No connection', private: 'A private address; not allowed', tls: 'The certificate is not right', timeout: 'No answer in time', broken: 'The connection broke', expired: 'Kept too long', erased: 'The customer was erased' },
    sent: 'Sent', received: 'Answered', replay: 'Send again', replayed: 'Sending again', blanked: 'The customer was erased; the content is not kept.',
  },
})
