import { Connection } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'sources', path: '/sources', permission: 'token.write',
  component: () => import('./Sources.vue'),
  nav: { group: 'connections', order: 10, icon: Connection },
  title: { zh: '数据源', en: 'Sources' },
  keywords: ['source', 'segment', 'sdk', 'write key', '写入密钥', '埋点', 'sjy'],
})
