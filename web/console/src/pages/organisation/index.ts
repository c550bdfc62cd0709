import { OfficeBuilding } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'organisation', path: '/organisation', permission: 'org.read',
  component: () => import('./Organisation.vue'),
  nav: { group: 'admin', order: 10, icon: OfficeBuilding },
  title: { zh: '组织与员工', en: 'Organisation' },
  keywords: ['staff', 'department', 'employee', '部门', '门店', '员工', '账号', 'zz', 'zzyyg', 'yg', 'bm'],
})
