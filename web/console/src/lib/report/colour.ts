/* Colours of the tokens for charts: read anew when the theme changes. */
import { dark } from '@/app/theme'
import { hexOf, rgbOf } from '@/lib/colour'

export const token = (name: string): string => (void dark.value, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim())
/** What a chart writes beside its bars. */
export const SERIES_MAX = 8
/** A colour of so much of the second, on the first: both are tokens. */
export function mixed(under: string, over: string, share: number): string {
  const [a, b] = [rgbOf(token(under)), rgbOf(token(over))]
  return hexOf([0, 1, 2].map((i) => a[i]! * (1 - share) + b[i]! * share) as [number, number, number])
}
