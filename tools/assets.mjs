// Puts the built console into C (src/api/assets.h): each file as it is and, where that is smaller, gzip and brotli.
//   node tools/assets.mjs web/console/dist build/gen
import fs from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'
import crypto from 'node:crypto'

const [dist, gen] = process.argv.slice(2)
const media = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml', '.png': 'image/png', '.ico': 'image/x-icon', '.json': 'application/json', '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json', '.txt': 'text/plain; charset=utf-8',
}
const files = []
const walk = (folder) => {
  for (const e of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, e.name)
    if (e.isDirectory()) walk(full)
    else files.push(full)
  }
}
walk(dist)
const packed = path.join(gen, 'packed')
fs.rmSync(packed, { recursive: true, force: true })
fs.mkdirSync(packed, { recursive: true })
const rows = []
const lines = ['#include "api/assets.h"', '#include <stddef.h>']
let n = 0
const embed = (file) => {
  const name = `asset_${n++}`
  lines.push(`__asm__(".section .rodata\\n${name}:\\n.incbin \\"${file}\\"\\n${name}_end:\\n.byte 0\\n.previous");`)
  lines.push(`extern const char ${name}[], ${name}_end[];`)
  return name
}
for (const file of files) {
  const url = '/' + path.relative(dist, file).split(path.sep).join('/')
  const bytes = fs.readFileSync(file)
  const hash = crypto.createHash('sha256').update(bytes).digest('hex').slice(0, 16)
  const compressible = /\.(html|js|css|svg|json|txt|webmanifest)$/.test(file)
  const plain = embed(file)
  let gzip = null
  let brotli = null
  if (compressible && bytes.length > 512) {
    const gz = path.join(packed, `${hash}.gz`)
    const br = path.join(packed, `${hash}.br`)
    fs.writeFileSync(gz, zlib.gzipSync(bytes, { level: 9 }))
    fs.writeFileSync(br, zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11 } }))
    gzip = embed(gz)
    brotli = embed(br)
  }
  rows.push({ url, media: media[path.extname(file)] ?? 'application/octet-stream', hash, plain, gzip, brotli })
}
rows.sort((a, b) => Buffer.compare(Buffer.from(a.url), Buffer.from(b.url)))
const pair = (name) => (name ? `${name}, ${name}_end` : 'NULL, NULL')
lines.push('const struct asset assets[] = {')
for (const r of rows)
  lines.push(`    { "${r.url}", "${r.media}", "\\"${r.hash}\\"", ${r.url.startsWith('/assets/')}, ${pair(r.plain)}, ${pair(r.gzip)}, ${pair(r.brotli)} },`)
lines.push('};', `const unsigned assets_count = ${rows.length};`, '')
fs.writeFileSync(path.join(gen, 'assets.c'), lines.join('\n'))
