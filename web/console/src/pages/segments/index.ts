import { Aim } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'segments', path: '/segments', permission: 'insight.read',
  component: () => import('./Segments.vue'),
  nav: { group: 'customers', order: 12, icon: Aim },
  title: { zh: '分群', en: 'Segments' },
  keywords: ['segment', 'audience', '人群', '人群包', '圈人', '名单', 'fq', 'fenqun'],
  details: [{ name: 'segment', path: '/segments/:id(\\d+)', component: () => import('./segment/Segment.vue'), title: { zh: '分群', en: 'Segment' } }],
  search: () => import('./search'),
})
