// What can be seen to be wrong with a page without a person: an element that can be used and has no name, text that cannot be read
// on its ground, a page wider than the window, ids that are not unique, no or several main headings.
import assert from 'node:assert/strict'

const usable = new Set(['button', 'link', 'textbox', 'searchbox', 'combobox', 'checkbox', 'radio', 'switch', 'slider', 'spinbutton', 'tab', 'menuitem', 'menuitemradio', 'option', 'listbox', 'dialog', 'grid', 'treeitem', 'progressbar', 'image', 'img'])

/** By the tree that the browser gives to readers of screens. */
async function nameless(page) {
  const session = await page.context().newCDPSession(page)
  const { nodes } = await session.send('Accessibility.getFullAXTree')
  const found = []
  for (const n of nodes) {
    if (n.ignored || !usable.has(n.role?.value) || n.name?.value?.trim()) continue
    let html = ''
    if (n.backendDOMNodeId) {
      const { outerHTML } = await session.send('DOM.getOuterHTML', { backendNodeId: n.backendDOMNodeId }).catch(() => ({ outerHTML: '' }))
      html = outerHTML.slice(0, 160)
    }
    if (/^<svg(?![^>]*\brole=)/.test(html)) continue // an icon beside or inside what has the name
    found.push(`a ${n.role.value} without a name: ${html}`)
  }
  await session.detach()
  return found
}

/** In the page: each text against what is painted behind it. Pictures behind a text are not judged. */
function unreadable() {
  const rgba = (text) => {
    const m = /^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/.exec(text)
    if (m) return [Number(m[1]), Number(m[2]), Number(m[3]), m[4] === undefined ? 1 : Number(m[4])]
    const c = /^color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)(?: \/ ([\d.e-]+))?\)$/.exec(text)
    return c ? [c[1] * 255, c[2] * 255, c[3] * 255, c[4] === undefined ? 1 : Number(c[4])] : [0, 0, 0, 0]
  }
  const over = (top, under) => top.slice(0, 3).map((v, i) => v * top[3] + under[i] * (1 - top[3]))
  const light = (c) => {
    const [r, g, b] = c.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ground = (el) => {
    const layers = []
    for (let e = el; e; e = e.parentElement) {
      const s = getComputedStyle(e)
      if (s.backgroundImage !== 'none') return null
      const c = rgba(s.backgroundColor)
      if (c[3] > 0) layers.push(c)
      if (c[3] === 1) break
    }
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255])
  }
  const faded = (el) => {
    for (let e = el; e; e = e.parentElement) if (Number(getComputedStyle(e).opacity) < 1) return true
    return false
  }
  const found = new Set()
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const el = texts.currentNode.parentElement
    if (!texts.currentNode.data.trim() || !el.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
    if (el.closest('.unseen, [disabled], .is-disabled, svg, noscript, script, style') || faded(el)) continue
    const box = el.getBoundingClientRect()
    if (box.bottom < 0 || box.top > innerHeight || box.width < 2) continue
    // What lies over it (a dialog) hides it.
    const seen = document.elementFromPoint(Math.min(innerWidth - 1, Math.max(0, box.left + box.width / 2)), Math.min(innerHeight - 1, Math.max(0, box.top + box.height / 2)))
    if (!seen || !(seen === el || el.contains(seen) || seen.contains(el))) continue
    const style = getComputedStyle(el)
    const back = ground(el)
    if (!back) continue
    const text = over(rgba(style.color), back)
    const [a, b] = [light(text), light(back)]
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    const size = parseFloat(style.fontSize)
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5
    if (ratio < least - 0.01) found.add(`contrast ${ratio.toFixed(2)} of “${texts.currentNode.data.trim().slice(0, 30)}” (${style.color} on ${back.map(Math.round)})`)
  }
  return [...found]
}

function misshapen() {
  const found = []
  const width = document.documentElement.scrollWidth
  if (width > innerWidth + 1) found.push(`the page is ${width} px wide in a window of ${innerWidth}`)
  const ids = [...document.querySelectorAll('[id]')].map((e) => e.id)
  const twice = ids.filter((id, i) => ids.indexOf(id) !== i)
  if (twice.length) found.push(`ids that stand twice: ${[...new Set(twice)]}`)
  const heads = document.querySelectorAll('h1').length
  if (heads !== 1) found.push(`${heads} main headings`)
  if (!document.title.trim() || !document.documentElement.lang) found.push('no title or no language')
  // A text cut off without an ellipsis.
  for (const el of document.querySelectorAll('button, h1, h2, h3, label, th'))
    if (el.checkVisibility() && el.scrollWidth > el.clientWidth + 2 && el.clientWidth > 0 && getComputedStyle(el).overflow === 'hidden' && getComputedStyle(el).textOverflow !== 'ellipsis' && !el.closest('.unseen'))
      found.push(`cut off: ${el.textContent.trim().slice(0, 40)}`)
  return found
}

export async function look(page, title = page.url()) {
  const found = [...(await nameless(page)), ...(await page.evaluate(unreadable)), ...(await page.evaluate(misshapen))]
  assert.deepEqual(found, [], title)
}
