import { definePage } from '@/app/page'

export default definePage({
  name: 'account', path: '/account',
  component: () => import('./Account.vue'),
  title: { zh: '账号', en: 'Account' },
})
