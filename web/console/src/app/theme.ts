/* Light, dark, or as the system has it. public/boot.js does the same before the first paint. */
import { computed, ref, watchEffect } from 'vue'
import { keep, kept } from '@/lib/kept'

export type Theme = 'light' | 'dark' | 'system'
export const themes: Theme[] = ['light', 'dark', 'system']

const first = kept('theme')
export const theme = ref<Theme>(first === 'light' || first === 'dark' ? first : 'system')

const system = window.matchMedia('(prefers-color-scheme: dark)')
const systemDark = ref(system.matches)
system.addEventListener('change', (e) => (systemDark.value = e.matches))

/** What is shown now. Charts redraw when it changes. */
export const dark = computed(() => theme.value === 'dark' || (theme.value === 'system' && systemDark.value))
watchEffect(() => document.documentElement.classList.toggle('dark', dark.value), { flush: 'sync' })

export function setTheme(to: Theme): void {
  theme.value = to
  keep('theme', to)
}
