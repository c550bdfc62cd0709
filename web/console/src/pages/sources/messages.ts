import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '数据源', text: '网站、小程序、收银系统把顾客的行为发到荷塘；兼容 Segment 的 SDK。', add: '新建数据源', edit: '编辑“{name}”', name: '名称', nameHint: '从哪里来，例如：官网、小程序、收银系统。', isMade: '已新建“{name}”',
    state: '状态', seen: '最近收到', never: '还没有', on: '接收中', off: '已停用', identities: '身份标识', verified: '可信', verifiedHint: '自己的服务器发来的手机号等算作已验证，可以合并客户', unverified: '未验证', unverifiedHint: '浏览器和手机里发来的，不会因此合并客户',
    scope: '用户编号范围', scopeHint: '同一范围的数据源，userId 指同一个人；一般不用填。', department: '归属部门', departmentHint: '由它带来的新客户归到这个部门。', made: '创建时间',
    none: '还没有数据源', noneText: '新建一个数据源，拿到写入密钥，贴进 SDK，几分钟后就能看到第一条行为。',
    key: '写入密钥', keyHint: '只能写入，不能读取任何数据；在网页里公开也可以。', keyHintTrusted: '请当作密码保管：拿到它的人可以冒充您的服务器，让客户资料合错。', showKey: '显示', hideKey: '隐藏', yourKey: '写入密钥', howTo: '怎么用',
    rekey: '更换密钥', rekeyTitle: '更换“{name}”的密钥？', rekeyText: '旧密钥立即失效，用它的程序要换上新密钥才能继续发送。', rekeyed: '密钥已更换，旧的已失效', turnOn: '启用', turnOff: '停用', offTitle: '停用“{name}”？', offText: '发来的数据会被拒绝，SDK 通常会重试一段时间后放弃。', isOff: '已停用“{name}”', isOn: '已启用“{name}”',
  },
  en: {
    title: 'Sources', text: 'Web sites, mini programs and tills send what customers do. SDKs of Segment work as they are.', add: 'New source', edit: 'Edit “{name}”', name: 'Name', nameHint: 'Where it comes from: web site, mini program, till.', isMade: '“{name}” was added',
    state: 'State', seen: 'Last event', never: 'None yet', on: 'Receiving', off: 'Off', identities: 'Identifiers', verified: 'Trusted', verifiedHint: 'a server of your own: mobile numbers it sends count as verified and may join customers', unverified: 'Not verified', unverifiedHint: 'from browsers and telephones: never joins customers',
    scope: 'Scope of user ids', scopeHint: 'In sources of one scope a userId means the same person; usually left empty.', department: 'Department', departmentHint: 'New customers that it brings belong there.', made: 'Made',
    none: 'No sources yet', noneText: 'Make a source, put its write key into an SDK, and see the first event in a few minutes.',
    key: 'Write key', keyHint: 'It can only write and reads nothing; it may stand openly in a web page.', keyHintTrusted: 'Keep it like a password: whoever has it can speak as your server and join customers wrongly.', showKey: 'Show', hideKey: 'Hide', yourKey: 'WRITE_KEY', howTo: 'How to use it',
    rekey: 'Replace key', rekeyTitle: 'Replace the key of “{name}”?', rekeyText: 'The old key ends at once; programs that use it need the new one to go on.', rekeyed: 'The key was replaced; the old one has ended', turnOn: 'Turn on', turnOff: 'Turn off', offTitle: 'Turn “{name}” off?', offText: 'What it sends is refused; SDKs usually try again for a while and then give up.', isOff: '“{name}” is off', isOn: '“{name}” is on',
  },
})
