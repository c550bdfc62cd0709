import { DataLine } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'dashboard', path: '/dashboard', permission: 'dashboard.read',
  component: () => import('./Dashboard.vue'),
  nav: { group: 'overview', order: 10, icon: DataLine },
  title: { zh: '经营概览', en: 'Dashboard' },
  keywords: ['dashboard', 'figures', 'sales', '首页', '看板', '销售额', 'jygl', 'sy', 'kb'],
})
