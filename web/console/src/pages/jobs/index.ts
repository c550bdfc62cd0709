import { Clock } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'jobs', path: '/jobs', permission: 'job.write',
  component: () => import('./Jobs.vue'),
  nav: { group: 'admin', order: 40, icon: Clock },
  title: { zh: '后台任务', en: 'Jobs' },
  keywords: ['job', 'queue', 'background', 'task', '队列', '定时', 'htrw', 'rw'],
})
