/* The console begins here. */
import { createApp } from 'vue'
import App from './App.vue'
import { router } from './app/router'
import { i18n } from './i18n'
import { toast } from './lib/toast'
import './styles/tokens.css'
import './styles/element.css'
import './styles/base.css'

const app = createApp(App)
app.config.errorHandler = (e) => toast.trouble(e)
window.addEventListener('unhandledrejection', (e) => {
  e.preventDefault()
  toast.trouble(e.reason)
})
app.use(i18n).use(router)
void router.isReady().catch(() => {}) // said by the page itself: app/router.ts, startTrouble
app.mount('#app')
