import { Odometer } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'event-rfm', path: '/event-rfm', permission: 'insight.read',
  component: () => import('./EventRfm.vue'),
  nav: { group: 'insight', order: 40, icon: Odometer },
  title: { zh: '事件 RFM', en: 'RFM of events' },
  keywords: ['rfm', 'recency', 'frequency', 'monetary', '最近', '频次', '分层', '活跃分层', 'sj', 'shijian'],
})
