// The pages of docs/reference that are made of the tables of the code: settings, permissions, errors, events, commands.
//   node tools/reference.mjs BINARY            ends with 1 and names the pages that differ
//   node tools/reference.mjs BINARY --write    writes them
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..')
const folder = path.join(root, 'docs/reference')
const read = (file) => fs.readFileSync(path.join(root, file), 'utf8')
const cell = (text) => String(text ?? '').replaceAll('|', '\\|').replaceAll('\n', ' ')
const code = (text) => `\`${cell(text)}\``
const table = (head, rows) => [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...rows.map((r) => `| ${r.join(' | ')} |`)].join('\n')

/** C text as its tokens: strings (neighbours joined, as the compiler does), names, numbers. */
function tokens(text) {
  const found = []
  let joins = false
  for (const m of text.matchAll(/"((?:[^"\\]|\\.)*)"|([,{}()])|([\w.-]+)/g)) {
    if (m[1] !== undefined) {
      const said = JSON.parse(`"${m[1]}"`)
      if (joins) found[found.length - 1] += said
      else found.push(said)
    } else if (m[3] !== undefined && !m[3].startsWith('.')) found.push(m[3])
    joins = m[1] !== undefined
  }
  return found
}

/** The rows of a .def file, comments left out, or { heading } where one stands on its own line. */
function rowsOf(file) {
  const rows = []
  for (const m of read(file).matchAll(/^\/\* ([\s\S]*?) \*\/$|^([A-Z_]+)\(([\s\S]*?)\)$/gm))
    rows.push(m[1] === undefined ? { macro: m[2], words: tokens(m[3]) } : { heading: m[1] })
  return rows.slice(1)
}

function settings() {
  const console = { AT_ONCE: 'at once', AT_START: 'after a restart', BY_FILE: 'no' }
  const rows = rowsOf('src/core/config.def').map(({ macro, words }) => {
    const [name, standard, ...rest] = words
    const kind = macro === 'CONFIG_INT' ? `${rest[0]} – ${rest[1]}` : macro === 'CONFIG_BOOL' ? 'true, false'
      : macro === 'CONFIG_CHOICE' ? rest.slice(1, -2).join(', ') : 'text'
    return [code(name), standard === '' ? '' : code(standard), kind, console[rest.at(-2)], cell(rest.at(-1))]
  })
  return `# Settings

Made of \`src/core/config.def\`. Each of these beats the one before: what stands here, \`hetang.ini\` in the data folder,
\`HETANG_NAME\` in the environment, \`--name value\` on the command line (dashes for underscores). \`hetang config\` lists what
holds and where it comes from; \`hetang config set NAME VALUE\` writes into \`hetang.ini\`.

Whoever has the permission \`system.write\` changes settings on the console's system page too; *console* says when such a change
holds. Where it says *no*, a wrong value would shut everybody out, contradict what is stored, or open what only the machine's
own people may open.

${table(['name', 'unless set', 'may be', 'console', 'meaning'], rows)}
`
}

function permissions() {
  const contract = JSON.parse(read('docs/reference/openapi.json'))
  const asked = new Map()
  for (const methods of Object.values(contract.paths))
    for (const route of Object.values(methods))
      if (route['x-permission']) asked.set(route['x-permission'], [...(asked.get(route['x-permission']) ?? []), route.operationId])
  const rows = rowsOf('src/core/perm.def')
    .map(({ words: [, key, zh, en] }) => [code(key), zh, en, (asked.get(key) ?? []).sort().map(code).join(' ')])
  return `# Permissions

Made of \`src/core/perm.def\` and the contract of the API. A role is given any of them but the first three, which only routes
ask for. The last column names the operations that ask for it; some ask for more when they are used, and say so in the contract.

${table(['key', '名称', 'name', 'operations'], rows)}
`
}

function errors() {
  const parts = []
  let rows = []
  const close = () => rows.length && parts.push(table(['code', 'status', '中文', 'English'], rows))
  for (const row of rowsOf('src/base/err.def')) {
    if (row.heading) {
      close()
      rows = []
      parts.push(`## ${row.heading.replace(/\.$/, '').replace(/\s*\n \* /g, ' ')}`)
    } else rows.push([code(row.words[0].toLowerCase()), row.words[1], cell(row.words[2]), cell(row.words[3])])
  }
  close()
  return `# Errors

Made of \`src/base/err.def\`. A failed request answers with the status and \`application/problem+json\`, whose \`code\` is the name
below; what stands in braces is filled in. The text is in the language the request asks for.

${parts.join('\n\n')}
`
}

function events() {
  const domain = path.join(root, 'src/domain')
  const found = []
  for (const file of fs.readdirSync(domain, { recursive: true }).map(String).filter((f) => f.endsWith('.c')))
    for (const m of fs.readFileSync(path.join(domain, file), 'utf8').matchAll(/^const struct event_type \w+ = \{([\s\S]*?)\};/gm))
      found.push([file.split('/')[0], ...tokens(m[1])])
  const rows = found.sort((a, b) => (a[1] < b[1] ? -1 : 1)).map(([module, name, zh, en, props]) => [code(name), zh, en, cell(props), module])
  return `# Facts

Made of the event types that the modules of \`src/domain\` declare. Each has a number in the log, the time it happened, the time
it was written, and, where it is somebody's, the customer; its own members are listed here. What SDKs track besides is kept under
its own name.

${table(['type', '名称', 'name', 'members', 'module'], rows)}
`
}

function commands(binary) {
  const said = spawnSync(binary, ['help', '--json'], { encoding: 'utf8' })
  if (said.status !== 0) throw new Error(`${binary} help --json: ${said.stderr ?? said.error}`)
  const parts = JSON.parse(said.stdout).map((c) => {
    const options = c.options.map((o) => [code(`--${o.name}${o.value ? ` ${o.value}` : ''}`), cell(o.help)])
    const synopsis = `hetang ${c.name}${c.arguments ? ` ${c.arguments}` : ''}`
    return [`## ${c.name}`, `    ${synopsis}`, `${c.summary}.`, c.details, options.length && table(['option', 'meaning'], options)].filter(Boolean).join('\n\n')
  })
  return `# Commands

Made of \`hetang help --json\`. Every command also takes \`--data FOLDER\`, \`--json\`, and each [setting](settings.md) as
\`--name value\`.

${parts.join('\n\n')}
`
}

const binary = process.argv[2]
const write = process.argv[3] === '--write'
const pages = { settings: settings(), permissions: permissions(), errors: errors(), events: events(), commands: commands(binary) }
let differ = 0
for (const [name, text] of Object.entries(pages)) {
  const file = path.join(folder, `${name}.md`)
  const stands = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : ''
  if (stands === text) continue
  if (write) fs.writeFileSync(file, text)
  else if (++differ) console.log(`docs/reference/${name}.md differs from the code; UPDATE=1 ./run test contract writes it`)
}
process.exit(differ ? 1 : 0)
