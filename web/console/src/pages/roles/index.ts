import { Stamp } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'roles', path: '/roles', permission: 'org.read',
  component: () => import('./Roles.vue'),
  nav: { group: 'admin', order: 20, icon: Stamp },
  title: { zh: '角色与权限', en: 'Roles and permissions' },
  keywords: ['role', 'permission', 'access', '权限矩阵', '数据范围', 'js', 'jsyqx', 'qx'],
})
