import { Download } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'exports', path: '/exports', permission: 'export.run',
  component: () => import('./Exports.vue'),
  nav: { group: 'data', order: 20, icon: Download },
  title: { zh: '导出', en: 'Exports' },
  keywords: ['export', 'download', 'csv', 'excel', '下载', '表格', 'dc', 'xz'],
})
