import { Calendar } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'care', path: '/care-rules', permission: 'task.write',
  component: () => import('./Care.vue'),
  nav: { group: 'customers', order: 60, icon: Calendar },
  title: { zh: '关怀规则', en: 'Care rules' },
  keywords: ['care', 'reminder', 'birthday', '生日', '回访', '提醒', 'ghgz', 'sr'],
})
