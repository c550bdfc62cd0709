/* Every component of ui/ in every state: to look at while writing a page, and for test/browser/gallery.test.mjs. Not in the binary. */
import { createApp } from 'vue'
import { createRouter, createWebHistory } from 'vue-router'
import Gallery from './Gallery.vue'
import { i18n } from '@/i18n'
import '@/styles/tokens.css'
import '@/styles/element.css'
import '@/styles/base.css'

const router = createRouter({ history: createWebHistory(), routes: [{ path: '/:rest(.*)*', component: Gallery }] })
const app = createApp(Gallery)
app.use(i18n).use(router)
void router.isReady().then(() => app.mount('#app'))
