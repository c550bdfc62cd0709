import { Monitor } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'system', path: '/system', permission: 'system.write',
  component: () => import('./System.vue'),
  nav: { group: 'admin', order: 50, icon: Monitor },
  title: { zh: '系统', en: 'System' },
  keywords: ['system', 'version', 'settings', 'health', '版本', '配置', '运行状态', 'xt'],
})
