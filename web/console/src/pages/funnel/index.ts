import { Filter } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'funnel', path: '/funnel', permission: 'insight.read',
  component: () => import('./Funnel.vue'),
  nav: { group: 'insight', order: 20, icon: Filter },
  title: { zh: '漏斗', en: 'Funnel' },
  keywords: ['funnel', 'conversion', '转化', '漏斗分析', 'ld', 'loudou', 'zh'],
})
