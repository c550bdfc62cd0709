/* Is the browser without a network? The header says so. */
import { ref } from 'vue'

export const offline = ref(!navigator.onLine)
window.addEventListener('online', () => (offline.value = false))
window.addEventListener('offline', () => (offline.value = true))
