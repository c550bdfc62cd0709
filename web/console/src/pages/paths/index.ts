import { Share } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'paths', path: '/paths', permission: 'insight.read',
  component: () => import('./Paths.vue'),
  nav: { group: 'insight', order: 36, icon: Share },
  title: { zh: '路径', en: 'Paths' },
  keywords: ['paths', 'sankey', 'flow', '桑基图', '用户路径', '行为路径', 'lj', 'lujing'],
})
