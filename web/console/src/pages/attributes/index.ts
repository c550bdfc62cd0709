import { Tickets } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'attributes', path: '/attributes', permission: 'customer.read',
  component: () => import('./Attributes.vue'),
  nav: { group: 'customers', order: 50, icon: Tickets },
  title: { zh: '自定义字段', en: 'Custom fields' },
  keywords: ['attribute', 'field', '属性', '资料', 'zdyzd', 'zd'],
})
