/* Colours that people choose (tag groups): made readable in both themes, whatever was chosen. */

type Rgb = [number, number, number]
export function rgbOf(hex: string): Rgb {
  const n = /^#[0-9a-f]{6}$/i.test(hex) ? parseInt(hex.slice(1), 16) : 0x3f8f6b
  return [(n >> 16) & 255, (n >> 8) & 255, n & 255]
}
export function hexOf(rgb: Rgb): string {
  return '#' + rgb.map((v) => Math.round(v).toString(16).padStart(2, '0')).join('')
}
export function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((v) => {
    const s = v / 255
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4
  }) as Rgb
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
/** WCAG: 1 … 21 */
export function contrast(a: Rgb, b: Rgb): number {
  const [x, y] = [luminance(a), luminance(b)]
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05)
}
const mix = (a: Rgb, b: Rgb, share: number): Rgb => a.map((v, i) => v * (1 - share) + b[i]! * share) as Rgb

const LIGHT: Rgb = [255, 255, 255]
const DARK: Rgb = [23, 29, 26] // --surface of the dark theme
// A little more than WCAG asks for, because the result is rounded to a hex colour.
const TEXT_CONTRAST = 4.6
const DOT_CONTRAST = 3.1

/** The chosen colour as a chip: a tint behind, and text of the same hue moved away from it until it can be read. */
export function chipColours(hex: string, dark: boolean): { background: string; text: string; line: string; dot: string } {
  const chosen = rgbOf(hex)
  const ground = dark ? DARK : LIGHT
  const away: Rgb = dark ? [255, 255, 255] : [0, 0, 0]
  const background = mix(ground, chosen, dark ? 0.22 : 0.1)
  let text = chosen
  for (let share = 0.05; contrast(text, background) < TEXT_CONTRAST && share <= 1; share += 0.05) text = mix(chosen, away, share)
  let dot = chosen
  for (let share = 0.05; contrast(dot, ground) < DOT_CONTRAST && share <= 1; share += 0.05) dot = mix(chosen, away, share)
  return { background: hexOf(background), text: hexOf(text), line: hexOf(mix(ground, chosen, dark ? 0.45 : 0.32)), dot: hexOf(dot) }
}

/** Offered for new groups: the chart colours and their neighbours, told apart also by people who see few hues. */
export const palette = ['#1a7f5a', '#2f8f9d', '#3a6fb0', '#6a5acd', '#9b4f96', '#b3386b', '#c2452d', '#b9770e', '#7a8b2c', '#5f6b66']
