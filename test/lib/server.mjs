// Starts the real binary on a free port with a folder of its own, and talks to it as a browser or a machine would.
import './web.mjs'
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import http from 'node:http'
import { createClient, ApiError } from '../../web/api/client.mjs'

export { ApiError }
export const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../..')
export const binary = process.env.HETANG_BINARY ?? path.join(root, 'build/test/hetang')
export const PASSWORD = 'a long enough secret'

const folders = []
const children = new Set()
export function tempFolder(prefix = 'hetang-') {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), prefix))
  folders.push(folder)
  return folder
}
process.on('exit', () => children.forEach((c) => c.exitCode === null && c.kill('SIGKILL')))
process.on('exit', () => folders.forEach((f) => fs.rmSync(f, { recursive: true, force: true })))

/** Runs a command of the binary to its end. */
export function hetang(args, options = {}) {
  const r = spawnSync(binary, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...options })
  return { code: r.status, out: r.stdout, err: r.stderr, signal: r.signal }
}

/** The database of a test: SQLite in the folder, or a fresh database of the PostgreSQL that test/run.mjs started. */
export async function databaseArgs() {
  if (process.env.HETANG_TEST_PG === undefined) return []
  const { freshDatabase } = await import('./postgres.mjs')
  return ['--db', freshDatabase(process.env.HETANG_TEST_PG)]
}

export const NOW = '2026-03-02T02:00:00Z' // a Monday, 10:00 in Shanghai

/**
 * A running server. Options: data (folder; made and initialised when absent), args (more settings), db (args from databaseArgs),
 * clock (RFC 3339; null: the real one).
 */
export async function startServer({ data, args = [], db, clock = NOW } = {}) {
  const fresh = !data
  data ??= tempFolder()
  db ??= fresh ? await databaseArgs() : []
  if (fresh) {
    const r = hetang(['init', '--data', data, '--password', 'the very first one', ...db, ...args])
    if (r.code !== 0) throw new Error(`init: ${r.err}`)
  }
  const routes = process.env.HETANG_ROUTES ? ['--test-routes', process.env.HETANG_ROUTES] : []
  const child = spawn(binary, ['serve', '--data', data, '--listen', '127.0.0.1:0', '--test-mode', 'true', ...routes, ...db, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  children.add(child)
  const server = { child, data, db, args, log: '', exited: false }
  const exit = new Promise((resolve) => child.on('exit', (code, signal) => {
    server.exited = true
    resolve({ code, signal })
  }))
  const port = await new Promise((resolve, reject) => {
    child.stderr.on('data', (chunk) => {
      server.log += chunk
      const m = /"event":"serve.ready".*"port":(\d+)/.exec(server.log)
      if (m) resolve(Number(m[1]))
    })
    exit.then(({ code }) => reject(new Error(`the server ended with ${code}: ${server.log}`)))
  })
  Object.assign(server, {
    port,
    url: `http://127.0.0.1:${port}`,
    /** Stops it as an operator would; fails if it complained (sanitizers, internal errors). */
    async stop() {
      if (!server.exited) child.kill('SIGTERM')
      const { code, signal } = await exit
      if (code !== 0) throw new Error(`the server ended with ${code ?? signal}: ${server.log.slice(-4000)}`)
    },
    async kill() {
      child.kill('SIGKILL')
      await exit
    },
    exit,
  })
  try {
    if (clock) await setClock(server, clock)
    if (fresh) await chooseOwnerPassword(server)
  } catch (e) {
    child.kill('SIGKILL')
    throw new Error(`${e.message}\n${server.log.slice(-2000)}`, { cause: e })
  }
  return server
}

export async function setClock(server, now) {
  const r = await fetch(`${server.url}/api/v1/test/clock`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ now }),
  })
  if (r.status !== 204) throw new Error(`clock: ${r.status} ${await r.text()}`)
}

async function chooseOwnerPassword(server) {
  const c = await signIn(server, 'owner', 'the very first one')
  await c.account.changePassword({ old_password: 'the very first one', new_password: PASSWORD })
}

/**
 * A client with a session; `.me` is what sign-in said, `.fetch` the raw way with cookie and CSRF token. Options: jar (a Map of
 * cookies: the same one is the same browser), headers (of every request), code (one-time code).
 */
export async function signIn(server, login = 'owner', password = PASSWORD, { jar = new Map(), headers: always = {}, code } = {}) {
  let csrf = ''
  const cookie = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  const transport = async (url, init) => {
    for (let i = 0; i < 2; i++) await new Promise(setImmediate) // commands are waited for without a turn: a connection that ended meanwhile is seen now
    const headers = { ...always, ...init.headers, 'accept-language': init.headers?.['accept-language'] ?? 'en' }
    if (jar.size) headers.cookie = cookie()
    if (csrf && init.method !== 'GET') headers['x-csrf-token'] ??= csrf
    const reply = await fetch(server.url + url, { ...init, headers })
    for (const set of reply.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)
      if (value) jar.set(name, value)
      else jar.delete(name)
    }
    return reply
  }
  const client = createClient(transport)
  client.fetch = (url, init = {}) => transport(url, { method: 'GET', ...init })
  client.me = await client.account.signIn({ login, password, code })
  csrf = client.me.csrf
  client.cookie = cookie
  client.csrf = () => csrf
  client.jar = jar
  return client
}

/** What one statement says of the database, a text a row, columns separated by |; beside the running server. */
export function ask(server, sql) {
  const url = server.db?.[1]
  const r = url
    ? spawnSync('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-c', sql, url], { encoding: 'utf8' })
    : spawnSync('sqlite3', ['-cmd', '.timeout 5000', path.join(server.data, 'hetang.db'), sql], { encoding: 'utf8' })
  if (r.status !== 0) throw new Error(r.stderr)
  return r.stdout.trim()
}

/** A client without any credential, or with these headers. */
export function anonymous(server, headers = {}) {
  const transport = (url, init) => fetch(server.url + url, { ...init, headers: { 'accept-language': 'en', ...headers, ...init.headers } })
  const client = createClient(transport)
  client.fetch = (url, init = {}) => transport(url, { method: 'GET', ...init })
  return client
}

/** Over the socket in the data folder: the machine's owner. */
export function local(server) {
  const transport = (url, init) => new Promise((resolve, reject) => {
    const req = http.request({ socketPath: path.join(server.data, 'socket'), path: url, method: init.method, headers: init.headers }, (res) => {
      const parts = []
      res.on('data', (d) => parts.push(d))
      res.on('end', () => {
        const body = Buffer.concat(parts)
        resolve(new Response([204, 304].includes(res.statusCode) ? null : body, { status: res.statusCode, headers: res.headers }))
      })
    })
    req.on('error', reject)
    if (init.body !== undefined) req.write(init.body)
    req.end()
  })
  const client = createClient(transport)
  client.fetch = (url, init = {}) => transport(url, { method: 'GET', ...init })
  return client
}

/** All items of a paged list. */
export async function all(list, input = {}) {
  const items = []
  let cursor
  do {
    const page = await list({ ...input, cursor, limit: 200 })
    items.push(...page.items)
    cursor = page.next ?? undefined
  } while (cursor)
  return items
}

/** Waits until fn() gives something true: for what happens in the background. Fails after 20 s. */
export async function eventually(fn, what = 'it') {
  const end = Date.now() + 20000
  for (let last; ; ) {
    try {
      const value = await fn()
      if (value) return value
      last = value
    } catch (e) {
      if (Date.now() > end) throw e
    }
    if (Date.now() > end) throw new Error(`${typeof what === 'function' ? what() : what} did not happen: ${JSON.stringify(last)}`)
    await new Promise((r) => setTimeout(r, 25))
  }
}

/** The problem a call ends with: { status, code, field … }. Fails if it succeeds. */
export async function problem(promise) {
  try {
    await promise
  } catch (e) {
    if (e instanceof ApiError) return { status: e.status, ...e.problem }
    throw e
  }
  throw new Error('it succeeded')
}
