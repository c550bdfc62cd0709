import { Grid } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'rfm', path: '/rfm', permission: 'customer.read',
  component: () => import('./Rfm.vue'),
  nav: { group: 'customers', order: 30, icon: Grid },
  title: { zh: 'RFM 分层', en: 'RFM' },
  keywords: ['rfm', 'recency', 'frequency', 'monetary', '会员等级', '价值', '分层', 'fc', 'hydj'],
})
