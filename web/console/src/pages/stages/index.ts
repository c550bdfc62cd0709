import { Connection } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'stages', path: '/stages', permission: 'customer.read',
  component: () => import('./Stages.vue'),
  nav: { group: 'customers', order: 40, icon: Connection },
  title: { zh: '生命周期', en: 'Life cycle' },
  keywords: ['stage', 'lifecycle', '阶段', '粉丝', '会员', '流失', 'smzq', 'jd'],
})
