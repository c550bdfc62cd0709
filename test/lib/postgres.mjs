// A PostgreSQL of our own: in a temporary folder, on a free port of 127.0.0.1, stopped by its process id.
import { spawn, spawnSync, execFileSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'

function bin() {
  const base = '/usr/lib/postgresql'
  const version = fs.readdirSync(base).sort((a, b) => Number(b) - Number(a))[0]
  return path.join(base, version, 'bin')
}

export function freePort() {
  return new Promise((resolve) => {
    const s = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = s.address()
      s.close(() => resolve(port))
    })
  })
}

// The server refuses to run as root.
const asPostgres = (command, args) => (process.getuid() === 0 ? ['runuser', ['-u', 'postgres', '--', command, ...args]] : [command, args])

/** `settings` (name=value) beat those of the tests, which need no durable disk. */
export async function startPostgres({ settings = [] } = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hetang-pg-'))
  const data = path.join(folder, 'data')
  if (process.getuid() === 0) execFileSync('chown', ['postgres', folder])
  const init = spawnSync(...asPostgres(path.join(bin(), 'initdb'), ['-D', data, '-U', 'hetang', '--auth=trust', '--encoding=UTF8', '--locale=C']), { encoding: 'utf8' })
  if (init.status !== 0) throw new Error(`initdb: ${init.stderr}`)
  const port = await freePort()
  const pg = { folder, data, port, url: `postgres://hetang@127.0.0.1:${port}/postgres` }
  pg.start = async () => {
    const args = ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`,
      '-c', 'max_connections=200', '-c', 'fsync=off', '-c', 'shared_buffers=64MB', '-c', 'max_pred_locks_per_transaction=256', ...settings.flatMap((s) => ['-c', s])]
    pg.child = spawn(...asPostgres(path.join(bin(), 'postgres'), args), { stdio: ['ignore', 'ignore', 'pipe'] })
    pg.log = ''
    pg.child.stderr.on('data', (d) => (pg.log = (pg.log + d).slice(-20000)))
    pg.exit = new Promise((r) => pg.child.on('exit', r))
    for (let i = 0; ; i++) {
      const r = spawnSync(path.join(bin(), 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)])
      if (r.status === 0) break
      if (i > 300) throw new Error(`PostgreSQL does not start: ${pg.log}`)
      await new Promise((f) => setTimeout(f, 50))
    }
  }
  /** Fast: connections are cut, transactions undone. */
  pg.stop = async () => {
    const pid = Number(fs.readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n')[0])
    process.kill(pid, 'SIGINT')
    await pg.exit
  }
  pg.remove = () => fs.rmSync(folder, { recursive: true, force: true })
  await pg.start()
  return pg
}

export function psql(url, sql) {
  return execFileSync(path.join(bin(), 'psql'), ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-c', sql, url], { encoding: 'utf8' })
}

/** A write that stays open for that long, as of whoever else uses the server; resolves once it is open, with the wait for its end. */
export async function openWrite(url, seconds) {
  const child = spawn(path.join(bin(), 'psql'), ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', url], { stdio: ['pipe', 'pipe', 'inherit'] })
  const end = new Promise((resolve) => child.on('exit', resolve))
  child.stdin.end(`BEGIN; SELECT pg_current_xact_id();\nSELECT pg_sleep(${seconds}); COMMIT;\n`)
  await new Promise((resolve) => child.stdout.once('data', resolve))
  return () => end
}

let count = 0
export function freshDatabase(url) {
  const name = `t${process.pid}_${++count}`
  psql(url, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`)
  return url.replace(/\/postgres$/, `/${name}`)
}
