// Builds with sanitizers and runs every test. Ends with one line: N passed, N failed.
//   node test/run.mjs [NAME …]   only stages and files whose name has one of the words
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { startPostgres } from './lib/postgres.mjs'

// Not from lib/server.mjs, which needs the client that is only made below.
const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..')
process.env.LSAN_OPTIONS ??= `suppressions=${path.join(root, 'test/lsan.supp')}:print_suppressions=0`
const words = process.argv.slice(2)
const wanted = (name) => !words.length || words.some((w) => name.includes(w))
const totals = { passed: 0, failed: 0, failures: [] }
const started = Date.now()
const TOGETHER = Math.min(os.cpus().length, 2) // files that mostly wait for a server of their own

function note(name, passed, failed, output, ms) {
  totals.passed += passed
  totals.failed += failed
  console.log(`${failed ? '✘' : '✔'} ${name}: ${passed} passed${failed ? `, ${failed} failed` : ''} (${(ms / 1000).toFixed(1)} s)`)
  if (failed) {
    totals.failures.push(name)
    console.log(output.split('\n').slice(-200).join('\n'))
  }
}

// Each in a group of its own, so that what it started ends with it.
const running = new Set()
const end = (child) => {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {} // it has ended by itself
}
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    running.forEach(end)
    process.exit(130)
  })
function run(command, args, { env = {}, timeoutMs = 300000 } = {}) {
  return new Promise((resolve) => {
    const from = Date.now()
    const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    running.add(child)
    let output = ''
    child.stdout.on('data', (d) => (output += d))
    child.stderr.on('data', (d) => (output += d))
    const timer = setTimeout(() => end(child), timeoutMs)
    child.on('exit', (code, signal) => {
      clearTimeout(timer)
      running.delete(child)
      resolve({ code: code ?? 1, signal, output, ms: Date.now() - from })
    })
  })
}

async function check(name, command, args) {
  if (!wanted(name)) return
  const r = await run(command, args)
  note(name, r.code === 0 ? 1 : 0, r.code === 0 ? 0 : 1, r.output, r.ms)
}

const testFiles = (folder) =>
  fs.existsSync(path.join(root, folder)) ? fs.readdirSync(path.join(root, folder)).filter((f) => f.endsWith('.test.mjs')).sort() : []
const nameOf = (stage, file) => `${stage}/${file.replace('.test.mjs', '')}`

function newest(...places) {
  return Math.max(0, ...places.map((place) => {
    const full = path.join(root, place)
    const stat = fs.statSync(full, { throwIfNoEntry: false })
    return !stat ? 0 : stat.isDirectory() ? newest(...fs.readdirSync(full).map((f) => path.join(place, f))) : stat.mtimeMs
  }))
}

// Before the binary, so that the console is in it; only for tests that look at it, and when it has changed.
const looksAtConsole = () => ['types', 'size'].some(wanted) || testFiles('test/browser').some((f) => wanted(nameOf('browser', f)))
async function buildConsole() {
  const from = Date.now()
  spawnSync(process.execPath, ['tools/client.mjs', 'docs/reference/openapi.json', 'web/api'], { cwd: root })
  const sources = ['src', 'public', 'index.html', 'vite.config.ts'].map((f) => `web/console/${f}`)
  if (newest('build/gen/assets.c') > newest(...sources, 'web/api', 'package-lock.json', 'tools/assets.mjs') && fs.existsSync(path.join(root, 'build/gen/console-chunks.json'))) return true
  console.log('Building the console')
  fs.mkdirSync(path.join(root, 'build/gen'), { recursive: true })
  for (const [command, args] of [['npm', ['run', '--silent', 'build']], ['node', ['tools/assets.mjs', 'web/console/dist', 'build/gen']]]) {
    const r = await run(command, args)
    if (r.code !== 0) {
      note('console', 0, 1, r.output, Date.now() - from)
      return false
    }
  }
  return true
}

// One server for all that want PostgreSQL, started when the first one does.
let pg
const postgres = async () => (pg ??= await startPostgres())

async function make(name, mode, ...targets) {
  const r = await run('make', ['-s', `-j${os.cpus().length}`, `MODE=${mode}`, ...targets])
  note(name, r.code === 0 ? 1 : 0, r.code === 0 ? 0 : 1, r.output, r.ms)
  return r.code === 0
}

async function build() {
  if (looksAtConsole() && !(await buildConsole())) return false
  console.log('Building with sanitizers')
  return make('build', 'test', 'build/test/hetang', 'build/test/unit')
}

// The contract in the tree is what the binary says; the client is made of it.
async function contract() {
  const file = path.join(root, 'docs/reference/openapi.json')
  const said = spawnSync(path.join(root, 'build/test/hetang'), ['openapi'], { encoding: 'utf8', maxBuffer: 1 << 26 }).stdout
  const stands = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : ''
  if (process.env.UPDATE === '1' && said !== stands) fs.writeFileSync(file, said)
  const same = process.env.UPDATE === '1' || said === stands
  if (wanted('contract')) note('contract', same ? 1 : 0, same ? 0 : 1, 'docs/reference/openapi.json differs from `hetang openapi`; UPDATE=1 ./run test contract writes it', 0)
  if (wanted('contract')) await check('contract/reference', 'node', ['tools/reference.mjs', 'build/test/hetang', ...(process.env.UPDATE === '1' ? ['--write'] : [])])
  const fresh = path.join(root, 'build/test/openapi.json')
  fs.writeFileSync(fresh, said)
  spawnSync(process.execPath, ['tools/client.mjs', fresh, 'web/api'], { cwd: root, stdio: 'inherit' })
}

async function unitTests(name, binary, words, env = {}) {
  const r = await run(binary, words, { env: { HETANG_TEST_PG: (await postgres()).url, ...env } })
  const sum = (re) => [...r.output.matchAll(re)].reduce((n, m) => n + Number(m[1]), 0)
  const failed = sum(/\[  FAILED  \] (\d+) test\(s\)/g)
  note(name, sum(/\[  PASSED  \] (\d+) test\(s\)/g), r.code === 0 ? failed : Math.max(failed, 1), r.output, r.ms)
}

// What threads share, under the thread sanitizer.
async function tsan() {
  if (await make('build tsan', 'tsan', 'build/tsan/unit')) {
    await unitTests('tsan', 'build/tsan/unit', ['store', 'http', 'job', 'subscriber', 'engine_together', 'engine_purge', 'engine_limits'], { TSAN_OPTIONS: 'second_deadlock_stack=1' })
  }
}

// Each parser for a few seconds, over its corpus and what comes of changing that.
async function fuzz() {
  const names = fs.readdirSync(path.join(root, 'test/fuzz')).map((f) => /^fuzz_(\w+)\.c$/.exec(f)?.[1]).filter((n) => n && (wanted('fuzz') || wanted(`fuzz/${n}`)))
  if (!names.length || !(await make('build fuzz', 'test', ...names.map((n) => `build/test/fuzz_${n}`)))) return
  for (const n of names) await check(`fuzz/${n}`, `build/test/fuzz_${n}`, ['2', `test/fuzz/corpus/${n}`])
}

// A folder of node:test files; each runs in its own process, `atOnce` of them at a time.
async function files(stage, folder, { env = {}, atOnce = 1, timeoutMs } = {}) {
  const waiting = testFiles(folder).filter((f) => wanted(nameOf(stage, f)))
  const work = async () => {
    for (let f; (f = waiting.shift());) {
      const r = await run(process.execPath, ['--test', '--test-reporter=spec', path.join(folder, f)], { env, timeoutMs })
      const number = (word) => Number(new RegExp(`^ℹ ${word} (\\d+)$`, 'm').exec(r.output)?.[1] ?? 0)
      const failed = number('fail') + number('cancelled')
      note(nameOf(stage, f), number('pass'), r.code === 0 ? failed : Math.max(failed, 1), r.output, r.ms)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}

// Executors of the engine's language that are not in the binary, against the plain evaluator.
async function engine() {
  if (!testFiles('test/engine').some((f) => wanted(nameOf('engine', f)))) return
  if (await make('build engine', 'test', 'build/test/engine_clickhouse', 'build/test/engine_questions')) await files('engine', 'test/engine', { timeoutMs: 900000 })
}

await check('layers', 'tools/layers', [])
await check('tidy', 'node', ['tools/tidy.mjs'])
await check('words', 'node', ['tools/words.mjs'])
const needsBuild = !words.length || !words.every((w) => ['layers', 'tidy', 'words'].includes(w))
if (needsBuild && (await build())) {
  await contract()
  await check('types', 'npm', ['run', '--silent', 'check'])
  await check('size', 'node', ['tools/size.mjs'])
  if (wanted('unit')) await unitTests('unit', 'build/test/unit', [])
  if (wanted('tsan')) await tsan()
  await files('console', 'test/console')
  await fuzz()
  const coverage = fs.mkdtempSync(path.join(os.tmpdir(), 'hetang-routes-'))
  await files('api', 'test/api', { env: { HETANG_ROUTES: coverage }, atOnce: TOGETHER })
  if (!words.length) {
    const r = await run('node', ['tools/routes-exercised.mjs', coverage])
    note('routes exercised', r.code === 0 ? 1 : 0, r.code === 0 ? 0 : 1, r.output, r.ms)
  }
  fs.rmSync(coverage, { recursive: true, force: true })
  if (!words.length || words.some((w) => w.startsWith('pg'))) {
    await files('pg', 'test/api', { env: { HETANG_TEST_PG: (await postgres()).url }, atOnce: TOGETHER })
  }
  await engine()
  await files('fault', 'test/fault', { timeoutMs: 900000 })
  await files('real', 'test/real')
  await files('browser', 'test/browser', { timeoutMs: 900000 })
}
if (pg) {
  await pg.stop()
  pg.remove()
}
console.log(`\n${totals.failures.length ? `Failed: ${totals.failures.join(', ')}\n` : ''}${((Date.now() - started) / 1000).toFixed(0)} s`)
console.log(`${totals.passed} passed, ${totals.failed} failed`)
process.exit(totals.failed ? 1 : 0)
