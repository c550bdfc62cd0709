import { Promotion } from '@element-plus/icons-vue'
import { definePage } from '@/app/page'

export default definePage({
  name: 'webhooks', path: '/webhooks', permission: 'webhook.write',
  component: () => import('./Webhooks.vue'),
  nav: { group: 'connections', order: 30, icon: Promotion },
  title: { zh: 'Webhook', en: 'Webhooks' },
  keywords: ['hook', '推送', '回调', '订阅', '事件推送', 'ts', 'hd'],
  details: [{ name: 'webhook', path: '/webhooks/:id', component: () => import('./Webhook.vue'), title: { zh: 'Webhook', en: 'Webhook' }, permission: 'webhook.write' }],
})
