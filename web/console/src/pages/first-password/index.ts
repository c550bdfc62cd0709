import { definePage } from '@/app/page'

export default definePage({
  name: 'first-password', path: '/first-password', bare: true,
  component: () => import('./FirstPassword.vue'),
  title: { zh: '设置新密码', en: 'Choose a password' },
})
