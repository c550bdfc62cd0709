import { Warning } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'churn', path: '/churn', permission: 'customer.read',
  component: () => import('./Churn.vue'),
  nav: { group: 'insight', order: 60, icon: Warning },
  title: { zh: '流失预警', en: 'About to leave' },
  keywords: ['churn', 'win back', '挽回', '沉睡', '唤醒', 'lsyj', 'liushi'],
})
