import { Finished } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'tasks', path: '/tasks', permission: 'task.write',
  component: () => import('./Tasks.vue'),
  nav: { group: 'overview', order: 20, icon: Finished },
  title: { zh: '待办', en: 'Tasks' },
  keywords: ['task', 'todo', 'follow up', '跟进', '提醒', '回访', 'db', 'gj'],
})
