import { Rank } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'aarrr', path: '/aarrr', permission: 'insight.read',
  component: () => import('./Aarrr.vue'),
  nav: { group: 'insight', order: 36, icon: Rank },
  title: { zh: '增长五阶段', en: 'Five stages' },
  keywords: ['AARRR', 'pirate metrics', 'growth', 'acquisition', 'activation', 'referral', '增长', '五阶段', '获取', '激活', '变现', '推荐', 'zz', 'wjd', 'zzwjd'],
})
