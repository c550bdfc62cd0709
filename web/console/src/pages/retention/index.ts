import { Calendar } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'retention', path: '/retention', permission: 'insight.read',
  component: () => import('./Retention.vue'),
  nav: { group: 'insight', order: 30, icon: Calendar },
  title: { zh: '留存', en: 'Retention' },
  keywords: ['retention', 'cohort', '复购', '留存分析', '同期群', 'lc', 'liucun', 'fg'],
})
