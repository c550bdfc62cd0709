import { Memo } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'events', path: '/event-types', permission: 'insight.read',
  component: () => import('./Events.vue'),
  nav: { group: 'insight', order: 90, icon: Memo },
  title: { zh: '事件目录', en: 'Event catalogue' },
  keywords: ['event', 'catalogue', 'property', '埋点', '事件', '属性', 'sjml', 'shijian'],
})
