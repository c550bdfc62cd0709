import { definePage } from '@/app/page'

export default definePage({
  name: 'sign-in', path: '/sign-in', open: true, bare: true,
  component: () => import('./SignIn.vue'),
  title: { zh: '登录', en: 'Sign in' },
})
