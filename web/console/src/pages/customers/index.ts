import { User } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'customers', path: '/customers', permission: 'customer.read',
  component: () => import('./Customers.vue'),
  nav: { group: 'customers', order: 10, icon: User },
  title: { zh: '客户', en: 'Customers' },
  keywords: ['customer', 'people', '会员', '顾客', '用户', '粉丝', 'kh', 'kehu'],
  details: [{ name: 'customer', path: '/customers/:id(\\d+)', component: () => import('./customer/Customer.vue'), title: { zh: '客户详情', en: 'Customer' } }],
  search: () => import('./search'),
})
