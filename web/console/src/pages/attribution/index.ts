import { Medal } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'attribution', path: '/attribution', permission: 'insight.read',
  component: () => import('./Attribution.vue'),
  nav: { group: 'insight', order: 38, icon: Medal },
  title: { zh: '归因', en: 'Attribution' },
  keywords: ['attribution', 'channel', 'markov', 'shapley', '渠道归因', '渠道', '功劳', 'gy', 'guiyin'],
})
