import { Lightning } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'live', path: '/events', permission: 'event.read',
  component: () => import('./LivePage.vue'),
  nav: { group: 'connections', order: 10, icon: Lightning },
  title: { zh: '实时事件', en: 'Live events' },
  keywords: ['events', 'stream', 'sdk', 'track', '事件', '埋点', 'sssj', 'sj'],
})
