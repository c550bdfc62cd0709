import { Key } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'tokens', path: '/tokens', permission: 'token.write',
  component: () => import('./Tokens.vue'),
  nav: { group: 'connections', order: 20, icon: Key },
  title: { zh: '访问令牌', en: 'Access tokens' },
  keywords: ['token', 'api', 'key', '接口', '密钥', 'fwlp', 'lp'],
})
