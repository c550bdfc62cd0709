// The contrast of everything that the tokens are put together to: WCAG AA, in both themes, computed.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { root } from '../lib/server.mjs'
import { load } from '../lib/source.mjs'

const css = fs.readFileSync(path.join(root, 'web/console/src/styles/tokens.css'), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
const block = (selector) => {
  const m = new RegExp(`${selector.replace(/[.:]/g, '\\$&')} \\{([^}]*)\\}`).exec(css)
  return Object.fromEntries([...m[1].matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((p) => [p[1], p[2]]))
}
const light = block('html:root')
const themes = { light, dark: { ...light, ...block('html.dark:root') } }
const { contrast, rgbOf, chipColours, palette } = await load('lib/colour.ts')
const ratio = (a, b) => contrast(rgbOf(a), rgbOf(b))

const grounds = ['page', 'surface', 'raised', 'sunken']
const text = ['text', 'text-soft', 'text-faint', 'brand-text', 'accent', 'danger', 'warning', 'info']
const pairs = [
  ...text.flatMap((t) => grounds.map((g) => [t, g, 4.5])),
  ...['text', 'text-soft', 'text-faint', 'brand-text'].map((t) => [t, 'brand-soft', 4.5]),
  ['accent', 'accent-soft', 4.5], ['danger', 'danger-soft', 4.5], ['warning', 'warning-soft', 4.5], ['info', 'info-soft', 4.5],
  ['text', 'danger-soft', 4.5],
  ...['brand', 'brand-hover', 'brand-press', 'danger', 'danger-hover', 'warning'].map((g) => ['on-brand', g, 4.5]),
  ...['page', 'surface', 'raised', 'sunken'].flatMap((g) => [['control', g, 3], ['brand', g, 3]]),
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => [`chart-${n}`, 'surface', 3]),
  ['pond-text', 'pond', 4.5], ['pond-text', 'pond-deep', 4.5], ['pond-text-soft', 'pond-deep', 4.5],
]

for (const [name, tokens] of Object.entries(themes))
  test(`${name}: ${pairs.length} pairs can be read`, () => {
    const bad = pairs.flatMap(([front, back, least]) => {
      assert.ok(tokens[front] && tokens[back], `${front} or ${back} is no token`)
      const r = ratio(tokens[front], tokens[back])
      return r < least ? [`${front} on ${back}: ${r.toFixed(2)}, at least ${least}`] : []
    })
    assert.deepEqual(bad, [])
  })

test('the dark theme says every colour that the light one says, but for the pond', () => {
  const dark = block('html.dark:root')
  assert.deepEqual(Object.keys(light).filter((k) => !(k in dark) && !k.startsWith('pond')), [])
})

test('a chip can be read whatever colour a person chose', () => {
  const steps = ['00', '33', '66', '99', 'cc', 'ff']
  const chosen = [...palette, ...steps.flatMap((r) => steps.flatMap((g) => steps.map((b) => `#${r}${g}${b}`)))]
  for (const dark of [false, true])
    for (const c of chosen) {
      const chip = chipColours(c, dark)
      assert.ok(ratio(chip.text, chip.background) >= 4.5, `${c} ${dark}: ${JSON.stringify(chip)}`)
      assert.ok(ratio(chip.dot, dark ? themes.dark.surface : themes.light.surface) >= 3, `${c} ${dark}: ${JSON.stringify(chip)}`)
    }
})
