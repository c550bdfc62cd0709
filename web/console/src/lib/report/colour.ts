/* Colours of the tokens for charts: read anew when the theme changes. */
import { dark } from '@/app/theme'

export const token = (name: string): string => (void dark.value, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim())
/** What a chart writes beside its bars. */
export const SERIES_MAX = 8
