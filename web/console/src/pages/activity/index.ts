import { Histogram } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'activity', path: '/activity', permission: 'insight.read',
  component: () => import('./Activity.vue'),
  nav: { group: 'insight', order: 34, icon: Histogram },
  title: { zh: '活跃与生命周期', en: 'Activity and life cycle' },
  keywords: ['activity', 'life cycle', 'stickiness', 'DAU', 'WAU', 'MAU', '活跃', '粘性', '生命周期', '沉默', '回流', 'hy', 'huoyue', 'smzq', 'nx'],
})
