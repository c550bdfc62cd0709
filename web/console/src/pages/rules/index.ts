import { MagicStick } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'rules', path: '/rules', permission: 'customer.read',
  component: () => import('./Rules.vue'),
  nav: { group: 'customers', order: 25, icon: MagicStick },
  title: { zh: '自动标签规则', en: 'Tag rules' },
  keywords: ['rule', 'automatic', '自动打标签', '升级', '降级', 'gz', 'zdgz', 'guize'],
})
