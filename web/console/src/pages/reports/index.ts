import { Collection } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'reports', path: '/reports', permission: 'insight.read',
  component: () => import('./Reports.vue'),
  nav: { group: 'insight', order: 80, icon: Collection },
  title: { zh: '报表', en: 'Reports' },
  keywords: ['report', 'saved', '已保存', '共享', 'bb', 'baobiao'],
  search: () => import('./search'),
})
