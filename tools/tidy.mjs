// Does the tree keep to the house style where a machine can see it? Prints what does not.
import { execSync } from 'node:child_process'
import fs from 'node:fs'

const files = execSync('git ls-files --cached --others --exclude-standard', { encoding: 'utf8' }).trim().split('\n').filter((f) => fs.existsSync(f))
const found = []
for (const f of files) {
  if (!/\.(c|h|def|sql|ts|vue|mjs|sh|css)$/.test(f) && !/^(run|tools\/[\w-]+)$/.test(f)) continue
  const text = fs.readFileSync(f, 'utf8')
  const lines = text.split('\n')
  const source = /\.(c|h|ts|vue|sql)$/.test(f)
  if (source && lines.length > 801) found.push(`${f}: ${lines.length} lines, more than 800`)
  if (/^src\/.*\.h$/.test(f) && !text.startsWith('/*')) found.push(`${f}: opens without its contract`)
  lines.forEach((line, i) => {
    if (f !== 'tools/tidy.mjs' && /\b(TODO|FIXME|XXX|HACK)\b/.test(line)) found.push(`${f}:${i + 1}: unfinished: ${line.trim()}`)
    if (/\.(c|h)$/.test(f) && [...line].length > 120) found.push(`${f}:${i + 1}: ${[...line].length} columns`)
    if (/[ \t]$/.test(line)) found.push(`${f}:${i + 1}: white space at the end`)
  })
  if (/\.c$/.test(f)) {
    let start = -1
    lines.forEach((line, i) => {
      if (line === '{') start = i
      if (line === '}' && start >= 0) {
        if (i - start > 81) found.push(`${f}:${start}: a function of ${i - start - 1} lines, more than 80`)
        start = -1
      }
    })
  }
}
if (found.length) {
  console.log(found.join('\n'))
  process.exit(1)
}
