import { Notebook } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'audit', path: '/audit', permission: 'audit.read',
  component: () => import('./Audit.vue'),
  nav: { group: 'admin', order: 30, icon: Notebook },
  title: { zh: '审计日志', en: 'Audit log' },
  keywords: ['audit', 'log', 'history', '操作记录', '日志', 'sjrz', 'rz'],
})
