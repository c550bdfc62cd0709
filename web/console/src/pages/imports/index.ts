import { Upload } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'imports', path: '/imports', permission: 'import.run',
  component: () => import('./Imports.vue'),
  nav: { group: 'data', order: 10, icon: Upload },
  title: { zh: '导入', en: 'Imports' },
  keywords: ['import', 'upload', 'csv', 'excel', '上传', '表格', 'dr', 'sc'],
  details: [{ name: 'import', path: '/imports/:id(\\d+)', component: () => import('./ImportPage.vue'), title: { zh: '导入', en: 'Import' } }],
})
