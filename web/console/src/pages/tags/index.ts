import { CollectionTag } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'tags', path: '/tags', permission: 'customer.read',
  component: () => import('./Tags.vue'),
  nav: { group: 'customers', order: 20, icon: CollectionTag },
  title: { zh: '标签', en: 'Tags' },
  keywords: ['tag', 'label', '分组', '标签组', 'bq', 'bqygz', 'biaoqian'],
  search: () => import('./search'),
})
