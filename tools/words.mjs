// Are the words of the console whole? Every key that a template or script uses stands in its messages or in those of the console; every
// key that stands is used; no Chinese text stands in a component. (That both languages have the same keys, the compiler says.)
//   node tools/words.mjs
import fs from 'node:fs'
import path from 'node:path'

const src = 'web/console/src'
const found = []
const files = fs.readdirSync(src, { recursive: true }).map(String).filter((f) => /\.(ts|vue)$/.test(f))
/** Without comments, the lines kept. */
const read = (f) => fs.readFileSync(path.join(src, f), 'utf8').replace(/\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->|(?<=^|\s)\/\/.*$/gm, (c) => c.replace(/[^\n]/g, ''))

/** The keys of the Chinese half of a messages file: nested ones joined by dots. The files are literals and nothing else. */
function keysOf(text, start) {
  const from = text.indexOf('{', text.indexOf(start) + start.length - 1)
  let depth = 0
  let at = from
  for (; at < text.length; at++) {
    if (text[at] === '{') depth++
    else if (text[at] === '}' && --depth === 0) break
    else if (/['"`]/.test(text[at])) for (const quote = text[at++]; text[at] !== quote; at++) if (text[at] === '\\') at++
  }
  const value = new Function(`return (${text.slice(from, at + 1)})`)()
  const keys = []
  const walk = (o, prefix) => Object.entries(o).forEach(([k, v]) => (typeof v === 'object' ? walk(v, `${prefix}${k}.`) : keys.push(prefix + k)))
  walk(value, '')
  return keys
}

const own = keysOf(read('i18n/zh.ts'), 'export default {')
const global = new Set(own)
const groups = new Map() // folder → the keys its files may use beside the global ones
for (const f of files) {
  const text = read(f)
  if (!text.includes('defineMessages({')) continue
  for (const part of text.split('defineMessages({').slice(1)) if (/^\s*zh: /.test(part)) {
    const folder = path.dirname(f)
    groups.set(folder, [...(groups.get(folder) ?? []), ...keysOf(part, 'zh: {')])
  }
}

// The switch of language is in the language that one switches to.
const switching = /language === 'zh' \? 'EN' : '中'|label: '中文'/
// Said again and again: offered to all pages, whether or not one says it today.
const offered = /^common\./
const used = new Set()
const prefixes = new Set()
for (const f of files) {
  if (/(^|\/)(messages|words|zh|en)\.ts$/.test(f)) continue
  const text = read(f)
  let folder = path.dirname(f) // or the nearest above it that has messages
  while (!groups.has(folder) && folder !== '.') folder = path.dirname(folder)
  const here = new Set(groups.get(folder) ?? [])
  const use = (key, line) => {
    if (here.has(key)) used.add(`${folder}:${key}`)
    else if (global.has(key)) used.add(key)
    else found.push(`${f}:${line}: no such words: ${key}`)
  }
  text.split('\n').forEach((line, i) => {
    // t('a.b'), word('a.b'), words('a'), also t(yes ? 'a' : 'b')
    for (const m of line.matchAll(/(?<![\w.$])(?:t|word|words)\(([^()]*?)(?:,|\)|$)/g))
      for (const k of m[1].matchAll(/'([\w.]+)'/g)) use(k[1], i + 1)
    // t(`nav.${group}`)
    for (const m of line.matchAll(/(?<![\w.$])(?:t|word|words)\(`([\w.]+\.)\$\{/g)) prefixes.add(m[1])
    if (f.endsWith('.vue') && /\p{Script=Han}/u.test(line.replace(switching, ''))) found.push(`${f}:${i + 1}: Chinese outside of messages: ${line.trim().slice(0, 60)}`)
  })
}
const dynamic = (key) => [...prefixes].some((p) => key.startsWith(p))
// Named in tables rather than in calls: api/problem.ts, lib of shortcuts.
const inTables = new Set(files.flatMap((f) => [...read(f).matchAll(/'(advice\w+)'/g)].map((m) => `trouble.${m[1]}`)))
for (const key of global) if (!used.has(key) && !dynamic(key) && !inTables.has(key) && !offered.test(key)) found.push(`i18n/zh.ts: nobody says ${key}`)
for (const [folder, keys] of groups) for (const key of keys) if (!used.has(`${folder}:${key}`) && !dynamic(key)) found.push(`${folder}: nobody says ${key}`)

if (found.length) {
  console.log(found.join('\n'))
  process.exit(1)
}
