import { TrendCharts } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'trend', path: '/trend', permission: 'insight.read',
  component: () => import('./Trend.vue'),
  nav: { group: 'insight', order: 10, icon: TrendCharts },
  title: { zh: '趋势', en: 'Trend' },
  keywords: ['trend', 'event analysis', '事件分析', '走势', '分布', 'qs', 'qushi'],
})
