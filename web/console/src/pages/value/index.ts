import { Coin } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'value', path: '/value', permission: 'insight.read',
  component: () => import('./Value.vue'),
  nav: { group: 'insight', order: 50, icon: Coin },
  title: { zh: '客户价值', en: 'Customer value' },
  keywords: ['value', 'clv', 'ltv', 'lifetime', '生命周期价值', '预测', '复购预测', 'khjz', 'kehujiazhi'],
})
