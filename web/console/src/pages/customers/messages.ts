import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '客户', text: '来自各个渠道的客户，合并成一个人一条。', people: '{n} 位客户', matching: '{n} 位客户符合条件', counting: '正在计数…', create: '新建客户', export: '导出', filter: '筛选', apply: '应用', unfinished: '没有填完的条件不会生效。',
    searchHint: '姓名、手机号、会员号', dropFilter: '去掉条件：{words}', everybody: '全部客户', views: '视图', sharedBy: '{name} 共享', viewMore: '更多视图操作', viewEdit: '修改视图', viewSave: '保存为视图', viewUpdate: '更新视图', viewName: '视图名称',
    viewShared: '共享给同事', viewSharedHint: '同事只会看到自己数据范围内的客户。', viewUpdated: '已更新视图“{name}”', viewDeleted: '已删除视图“{name}”', viewDelete: '删除视图“{name}”？', viewDeleteShared: '同事也不再能看到它。',
    column: { name: '姓名', mobile: '手机号', stage: '生命周期', tags: '标签', orders: '订单数', amount: '消费金额', last_order: '最近下单', tier: '会员等级', city: '城市', gender: '性别', birthday: '生日', channel: '来源渠道', department: '所属门店', staff: '专属员工', joined: '首次接触', seen: '最近活跃', id: '编号' },
    onlyBuyers: '此排序只列出下过单的客户', onlyNamed: '此排序只列出有姓名的客户', nameless: '未命名', tag: '打标签', tagAll: '给全部 {n} 位打标签', tooMany: '一次最多勾选 {n} 位；更多请用条件筛选后给全部打标签', tagPeople: '给 {n} 位客户打标签', begin: '开始', give: '要打上的标签', take: '要去掉的标签', chooseTags: '请至少选择一个标签',
    tagging: '正在给 {n} 位客户打标签', undoing: '正在撤销', tagged: '{n} 位客户的标签已更新', none: '还没有客户', noneText: '可以新建一位客户，也可以导入表格，或把小程序、商城的数据接进来。', noneRead: '客户进来以后，会显示在这里。',
    name: '姓名', mobile: '手机号', memberNo: '会员号', email: '邮箱', gender: '性别', birthday: '生日', city: '城市', channel: '来源渠道', department: '所属门店', staff: '专属员工', remark: '备注', nameOrNumber: '请至少填写姓名、手机号、会员号或邮箱',
  },
  en: {
    title: 'Customers', text: 'Customers from every channel, one row a person.', people: '{n} customer | {n} customers', matching: '{n} customer matches | {n} customers match', counting: 'Counting…', create: 'New customer', export: 'Export', filter: 'Filter', apply: 'Apply', unfinished: 'Conditions that are not filled in have no effect.',
    searchHint: 'Name, mobile or member number', dropFilter: 'Remove: {words}', everybody: 'All customers', views: 'Views', sharedBy: 'Shared by {name}', viewMore: 'More about this view', viewEdit: 'Edit view', viewSave: 'Save as view', viewUpdate: 'Update view', viewName: 'Name of the view',
    viewShared: 'Share with colleagues', viewSharedHint: 'Colleagues see only the customers in their own scope.', viewUpdated: 'The view “{name}” was updated', viewDeleted: 'The view “{name}” was deleted', viewDelete: 'Delete the view “{name}”?', viewDeleteShared: 'Colleagues will not see it any more.',
    column: { name: 'Name', mobile: 'Mobile', stage: 'Life cycle', tags: 'Tags', orders: 'Orders', amount: 'Spent', last_order: 'Last order', tier: 'RFM tier', city: 'City', gender: 'Gender', birthday: 'Birthday', channel: 'Channel', department: 'Store', staff: 'Staff', joined: 'First contact', seen: 'Last seen', id: 'Number' },
    onlyBuyers: 'This order lists only who has bought', onlyNamed: 'This order lists only who has a name', nameless: 'No name', tag: 'Tag', tagAll: 'Tag all {n}', tooMany: 'At most {n} can be selected; for more, filter and tag all', tagPeople: 'Tag {n} customer | Tag {n} customers', begin: 'Start', give: 'Tags to give', take: 'Tags to take', chooseTags: 'Choose at least one tag',
    tagging: 'Tagging {n} customer | Tagging {n} customers', undoing: 'Undoing', tagged: 'The tags of {n} customer were updated | The tags of {n} customers were updated', none: 'There are no customers yet', noneText: 'Make one by hand, import a table, or connect your mini-program and shop.', noneRead: 'Customers appear here once they come in.',
    name: 'Name', mobile: 'Mobile', memberNo: 'Member number', email: 'E-mail', gender: 'Gender', birthday: 'Birthday', city: 'City', channel: 'Channel', department: 'Store', staff: 'Staff', remark: 'Remark', nameOrNumber: 'Enter a name, a mobile number, a member number or an e-mail address',
  },
})
