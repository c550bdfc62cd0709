/* The time, to half a minute, for what goes on by itself ("3 hours ago"): one clock for all of a page. */
import { ref } from 'vue'

export const now = ref(Date.now())
setInterval(() => (now.value = Date.now()), 30_000)
document.addEventListener('visibilitychange', () => (now.value = Date.now()))
