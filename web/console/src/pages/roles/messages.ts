import { defineMessages } from '@/i18n'

export const messages = defineMessages({
  zh: {
    title: '角色与权限', text: '能做什么、能看到谁的数据，由角色决定；点角色名称查看或修改。', matrix: '权限矩阵',
    add: '新建角色', edit: '编辑“{name}”', permission: '权限', permissions: '权限', builtIn: '内置', custom: '自定义', members: '{n} 人', scope: '数据范围',
    scopes: { self: '仅本人', department: '本部门', below: '本部门及下级', chosen: '指定部门', all: '全部' },
    scopeHints: { self: '自己名下的客户', department: '所在部门的客户', below: '所在部门和它下面各级的客户', chosen: '选定的部门和它们下面各级的客户', all: '品牌的所有客户' },
    places: '部门', placesHint: '包含这些部门的所有下级。', name: '角色名称', nameEn: '英文名称', made: '已新建角色“{name}”', concerns: '有 {n} 位员工使用这个角色，保存后立即生效。', ownerFixed: '所有者拥有全部权限，不能修改。',
    remove: '删除角色', hasMembers: '还有 {n} 位员工使用这个角色', hasMembersText: '请先在“组织与员工”里为他们换成其他角色，再删除。', deleteTitle: '删除角色“{name}”？', deleteText: '没有员工使用它；删除后不能恢复。', deleted: '已删除角色“{name}”',
  },
  en: {
    title: 'Roles and permissions', text: 'What somebody may do, and whose data they see. Click a role to see or change it.', matrix: 'Permission matrix',
    add: 'New role', edit: 'Edit “{name}”', permission: 'Permission', permissions: 'Permissions', builtIn: 'Built-in', custom: 'Custom', members: '{n} staff', scope: 'Data scope',
    scopes: { self: 'Own only', department: 'Own department', below: 'Own and below', chosen: 'Chosen', all: 'All' },
    scopeHints: { self: 'customers they look after', department: 'customers of their department', below: 'customers of their department and all below it', chosen: 'customers of these departments and all below them', all: 'every customer of the brand' },
    places: 'Departments', placesHint: 'With all below them.', name: 'Name', nameEn: 'Name in English', made: 'The role “{name}” was added', concerns: 'Staff with this role: {n}. What you save takes effect at once.', ownerFixed: 'The owner may do everything; this cannot be changed.',
    remove: 'Delete role', hasMembers: 'Staff who still have this role: {n}', hasMembersText: 'First give them another role on the Organisation page.', deleteTitle: 'Delete the role “{name}”?', deleteText: 'Nobody has it. This cannot be undone.', deleted: 'The role “{name}” was deleted',
  },
})
