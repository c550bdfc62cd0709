// Is the first load of every page within its budget? Script only, as it travels (brotli): what index.html asks for, what that draws in,
// and the page with its own. Prints a line a page; fails when one is over.
//   node tools/size.mjs [web/console/dist]
import fs from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'

const BUDGET_KB = 350
const dist = process.argv[2] ?? 'web/console/dist'
const chunks = new Map(JSON.parse(fs.readFileSync('build/gen/console-chunks.json', 'utf8')).map((c) => [c.file, c]))
const html = fs.readFileSync(path.join(dist, 'index.html'), 'utf8')
const asked = [...html.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map((m) => m[1])

const sizes = new Map()
function size(file) {
  if (!sizes.has(file)) {
    const packed = zlib.brotliCompressSync(fs.readFileSync(path.join(dist, file)), { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11 } })
    sizes.set(file, packed.length)
  }
  return sizes.get(file)
}
/** The files and all they import at once. */
function drawnIn(files, into = new Set()) {
  for (const f of files) {
    if (into.has(f)) continue
    into.add(f)
    drawnIn(chunks.get(f)?.imports ?? [], into)
  }
  return into
}
const chunkOf = (module) => [...chunks.values()].find((c) => c.modules.includes(module))?.file

const start = drawnIn(asked)
const shell = chunkOf('src/shell/Shell.vue')
const hosts = ['src/ui/ToastHost.vue', 'src/ui/ConfirmHost.vue'].map(chunkOf)
let over = 0
const pages = fs.readdirSync('web/console/src/pages').sort()
for (const name of pages) {
  const index = fs.readFileSync(`web/console/src/pages/${name}/index.ts`, 'utf8')
  const bare = /\bbare: true/.test(index)
  const views = [...index.matchAll(/import\('\.\/([\w/]+\.vue)'\)/g)].map((m) => chunkOf(`src/pages/${name}/${m[1]}`))
  if (!views.length || views.includes(undefined)) throw new Error(`the page ${name} is not in the build`)
  for (const view of views) {
    const files = drawnIn([view, ...(bare ? [] : [shell, ...hosts])], new Set(start))
    const kb = [...files].reduce((sum, f) => sum + size(f), 0) / 1024
    const verdict = kb > BUDGET_KB ? `over ${BUDGET_KB} KB` : ''
    if (verdict) over++
    console.log(`${name.padEnd(20)} ${kb.toFixed(1).padStart(7)} KB ${String(files.size).padStart(3)} files ${verdict}`)
  }
}
process.exit(over ? 1 : 0)
