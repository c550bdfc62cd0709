import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '访问令牌', text: '让自己的程序调用荷塘的接口；令牌能做的，不会超过您本人的权限。', add: '新建令牌', make: '生成令牌', name: '用途', nameHint: '写清给哪个程序用，例如：每日导出到数据仓库。',
    begins: '开头', may: '权限', mayHint: '只选程序需要的。您的权限收回时，令牌的也一起收回。', mayMissing: '请至少选一项权限', count: '{n} 项权限', seen: '最近使用', never: '从未', expires: '有效期至', endless: '永不过期', over: '已过期', days: '{n} 天', made: '创建时间', actions: '操作',
    none: '还没有访问令牌', noneText: '新建一个令牌，就可以用程序读写客户、标签和订单。', isMade: '令牌已生成', isMadeText: '把它放进程序的配置里，不要发在聊天或邮件里。', token: '令牌', try: '可以这样试一试：',
    revoke: '吊销', revokeTitle: '吊销令牌“{name}”？', revokeText: '使用它的程序会立即无法访问，不能恢复。', revoked: '已吊销“{name}”',
  },
  en: {
    title: 'Access tokens', text: 'For programs of your own that call the API; a token never does more than you may do yourself.', add: 'New token', make: 'Make token', name: 'Purpose', nameHint: 'Which program it is for, such as: nightly export to the warehouse.',
    begins: 'Begins with', may: 'Permissions', mayHint: 'Only what the program needs. What is taken from you is taken from the token, too.', mayMissing: 'Choose at least one', count: '{n} permissions', seen: 'Last used', never: 'Never', expires: 'Valid until', endless: 'No end', over: 'Expired', days: '{n} days', made: 'Made', actions: 'Actions',
    none: 'No access tokens yet', noneText: 'With a token your programs can read and write customers, tags and orders.', isMade: 'The token is ready', isMadeText: 'Put it into the configuration of your program, not into a chat or an e-mail.', token: 'Token', try: 'To try it:',
    revoke: 'Revoke', revokeTitle: 'Revoke the token “{name}”?', revokeText: 'Programs that use it lose access at once. This cannot be undone.', revoked: '“{name}” was revoked',
  },
})
