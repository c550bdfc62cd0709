/* Words of the whole console, Chinese. en.ts has the same keys. */
export default {
  app: { name: '荷塘', skip: '跳到正文', title: '{page} · 荷塘' },
  common: {
    save: '保存', cancel: '取消', close: '关闭', delete: '删除', edit: '编辑', add: '新建', undo: '撤销', undone: '已撤销', retry: '重试', refresh: '刷新',
    search: '搜索', clear: '清除', copy: '复制', copied: '已复制', more: '更多', all: '全部', none: '无', yes: '是', no: '否', optional: '选填', back: '返回',
    loading: '正在加载…', required: '请填写{name}', tooLong: '最多 {max} 个字', saved: '已保存', done: '知道了',
  },
  nav: {
    label: '主导航', overview: '概览', customers: '客户', insight: '分析', data: '数据', connections: '连接', admin: '管理',
    fold: '收起导航', unfold: '展开导航', open: '打开导航', shut: '关闭导航',
  },
  header: { language: 'English', languageHint: 'Switch to English', theme: '外观', light: '浅色', dark: '深色', toLight: '切换到浅色', toDark: '切换到深色', system: '跟随系统', shortcuts: '键盘快捷键', account: '账号与密码', password: '修改密码', signOut: '退出登录', user: '{name}，账号菜单', path: '当前位置' },
  palette: {
    open: '搜索或跳转', placeholder: '搜索页面、操作…', pages: '页面', actions: '操作', nothing: '没有找到“{text}”', hint: '换个词试试，也可以输入拼音首字母',
    move: '选择', run: '打开', searching: '正在搜索…', failed: '搜索“{source}”没有成功', language: '切换到 English', results: '{n} 个结果',
  },
  shortcuts: { title: '键盘快捷键', everywhere: '处处可用', here: '本页', palette: '搜索或跳转', help: '显示本窗口', undo: '撤销刚才的操作', fold: '收起或展开导航', escape: '关闭窗口、菜单', submit: '提交表单', search: '到搜索框' },
  trouble: {
    request: '请求编号', copyRequest: '复制请求编号',
    network: '连不上荷塘', networkAdvice: '请检查网络，稍后重试。填写的内容还在。',
    server: '荷塘没有正常回应', serverAdvice: '请稍后重试；如果一直这样，请把情况告诉管理员。',
    script: '页面出了问题', scriptAdvice: '请刷新页面；如果一直这样，请把情况告诉管理员。',
    offline: '网络已断开，恢复之前无法刷新和保存。',
    adviceReload: '请刷新后重试。', adviceRetry: '请稍后重试。', adviceWait: '请稍等片刻再试。', adviceAsk: '需要的话，请联系管理员开通。', adviceGone: '可能已被删除，或不在您的数据范围内。',
    adviceReport: '请把请求编号告诉管理员。', adviceForm: '请改正后再提交。', adviceUse: '请先移除使用它的地方。', adviceCheck: '请核对内容后重试。',
  },
  form: {
    discardTitle: '放弃未保存的修改？', discardText: '关闭后，刚才填写的内容不会保留。', discard: '放弃修改', stay: '继续编辑', submitHint: '提交',
    confirmWord: '输入“{word}”以确认',
  },
  list: {
    empty: '这里还没有内容', nothing: '没有符合条件的结果', nothingHint: '换个条件，或清除筛选后再看。', clearFilters: '清除筛选',
    shown: '已显示 {n} 条', all: '共 {n} 条', selected: '已选 {n} 条', selectRow: '选择此行', selectAll: '选择已加载的全部', unselect: '取消选择', columns: '显示的列',
    columnsReset: '恢复默认', sortBy: '按{name}排序', loadingMore: '正在加载更多…',
  },
  condition: {
    part: '第 {n} 个条件 {of}', field: '条件项', operator: '比较方式', value: '取值', upTo: '上限', choose: '请选择', typed: '输入后回车，可多个', from: '开始日期', to: '结束日期', days: '天',
    period: '统计时段', ever: '累计', lastDays: '最近', fixed: '指定时段', remove: '删除第 {n} 个条件', who: '客户', join: '条件关系', these: '以下条件', everybody: '还没有条件：所有客户都在其中。', add: '添加条件', addGroup: '添加条件组', group: '条件组', noTags: '没有可选的标签',
    unit: '单位', event: '行为', noEvents: '还没有行为数据：接入数据源或录入订单后，这里会列出可选的行为', addProp: '加属性条件', prop: '属性', propPart: '属性 {n} {of}', stepPart: '第 {n} 步 {of}', anchorPart: '起点 {of}', and: '且', firstStep: '先', then: '再', addStep: '添加一步',
    each: '限制相邻两步的间隔', gap: '间隔', afterwards: '之后', notDone: '内没做', measure: '统计方式', which: '哪一次', firstTime: '首次', lastTime: '最近一次', when: { ever: '任何时候', last: '最近', dates: '日期之间', after: '某行为之后' },
    removed: '已删除条件“{what}”', alone: '单看这一条，符合的客户数', rows: '条件', view: '查看方式', move: '切换条件', people: '{n} 位客户', share: '占全部客户的 {share}', counting: '正在计算…', holds: '符合', holdsNot: '不符合', was: '实际：{value}',
    json: '条件的 JSON', jsonHint: '可以复制，也可以粘贴修改。粘贴的内容如果有误，会标出位置，且不会生效。', notJson: '从这里开始无法读取，请检查引号、逗号和括号', noObject: '条件应写在一对花括号里', inLine: '第 {n} 行：{text}', showPlace: '定位',
  },
  job: { waiting: '排队中', running: '进行中', paused: '已暂停', done: '已完成', failed: '未完成', of: '{done} / {total}', stale: '进度暂时取不到，正在重试' },
  chart: { loading: '正在画图…', nothing: '这段时间没有数据' },
  live: { connecting: '正在连接', open: '实时', lost: '连接中断，正在重连', paused: '已暂停' },
  session: {
    again: '请重新登录', againText: '登录已过期。登录后，页面上的内容原样保留，刚才的操作会继续。', elsewhere: '已在另一个标签页退出登录。', leave: '不再继续，回到登录页',
  },
  allowed: { title: '您没有权限查看此页', text: '“{page}”需要您的账号还没有的权限。请联系管理员为您的角色开通。', home: '回到首页', noneTitle: '还没有可以使用的页面', noneText: '您的角色目前没有任何权限。请联系管理员为您分配角色。' },
  missing: { title: '没有这个页面', text: '地址可能有误，或页面已经移走。用 Ctrl K 可以按名字找到任何页面。' },
  password: { show: '显示密码', hide: '隐藏密码', capsLock: '大写锁定已打开' },
  once: { text: '只显示这一次，关闭后无法再次查看，请先复制保存。', kept: '已保存好，关闭' },
  when: { zone: '{time}（{zone}）' },
}
