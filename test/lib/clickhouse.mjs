// A ClickHouse of our own: in a temporary folder, on free ports of 127.0.0.1, stopped by its process id.
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { freePort } from './postgres.mjs'

const names = ['clickhouse-server', 'clickhouse']

/** The command that starts a server, or nothing where there is none. */
export function clickhouseCommand() {
  for (const name of names) {
    const found = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim()
    if (found) return name === 'clickhouse' ? [found, 'server'] : [found]
  }
}

// 18.16 knows the root element by its old name alone; today's takes it too.
const config = (at, cluster) => `<?xml version="1.0"?>
<yandex>
  <logger><level>warning</level><log>${at.folder}/server.log</log><errorlog>${at.folder}/error.log</errorlog></logger>
  <http_port>${at.port}</http_port><tcp_port>${at.tcp}</tcp_port><listen_host>127.0.0.1</listen_host>
  <path>${at.folder}/data/</path><tmp_path>${at.folder}/tmp/</tmp_path><user_files_path>${at.folder}/files/</user_files_path><format_schema_path>${at.folder}/formats/</format_schema_path>
  <users_config>${at.folder}/users.xml</users_config><default_profile>default</default_profile><default_database>default</default_database>
  <mark_cache_size>5368709</mark_cache_size><keep_alive_timeout>60</keep_alive_timeout><timezone>UTC</timezone>
  <remote_servers><${CLUSTER}>${cluster.map((s) => `<shard><replica><host>127.0.0.1</host><port>${s.tcp}</port></replica></shard>`).join('')}</${CLUSTER}></remote_servers>
</yandex>
`
const users = `<?xml version="1.0"?>
<yandex>
  <profiles><default><max_threads>2</max_threads><max_query_size>16777216</max_query_size></default></profiles>
  <users>
    <default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default>
    <brand><password>lotus</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></brand>
  </users>
  <quotas><default></default></quotas>
</yandex>
`
/** What a question is sent with, as Hetang does. */
export const SETTINGS = /CLICKHOUSE_SETTINGS[ \\\n]*((?:"[^"]*"[ \\\n]*)+)/
  .exec(fs.readFileSync(new URL('../../src/engine/clickhouse.h', import.meta.url), 'utf8'))[1].replace(/[^\w&=]/g, '').slice(1)

/** What the servers call the cluster of which each is a shard. */
export const CLUSTER = 'lotus'

const running = new Set()
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')))

class Server {
  constructor(at) {
    Object.assign(this, at)
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  }

  /** One statement as the body of a request: { ok, body }. */
  ask = (statement) =>
    new Promise((resolve, reject) => {
      const request = http.request({ host: '127.0.0.1', port: this.port, method: 'POST', path: `/?${SETTINGS}`, agent: this.agent }, (reply) => {
        const parts = []
        reply.on('data', (d) => parts.push(d))
        reply.on('end', () => resolve({ ok: reply.statusCode === 200, body: Buffer.concat(parts) }))
      })
      request.on('error', reject)
      request.end(statement)
    })

  /** What a statement says, as a text. */
  async say(statement) {
    const { ok, body } = await this.ask(statement)
    if (!ok) throw new Error(`${statement}: ${body}`)
    return body.toString().trim()
  }

  async start() {
    const [command, ...args] = clickhouseCommand()
    const child = (this.child = spawn(command, [...args, `--config-file=${this.folder}/config.xml`], { stdio: ['ignore', 'ignore', 'pipe'] }))
    running.add(child)
    this.exit = new Promise((r) => child.on('exit', () => r(running.delete(child))))
    let log = ''
    child.stderr.on('data', (d) => (log = (log + d).slice(-20000)))
    for (let i = 0; ; i++) {
      const reply = await this.ask('SELECT version()').catch(() => null)
      if (reply?.ok) return (this.version = reply.body.toString().trim())
      if (i > 300 || child.exitCode !== null) throw new Error(`ClickHouse does not start: ${log}`)
      await new Promise((f) => setTimeout(f, 100))
    }
  }

  async end(signal) {
    this.agent.destroy()
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    this.child.kill(signal)
    await this.exit
  }

  /** As a power cut would. */
  kill = () => this.end('SIGKILL')

  /** Nothing of it is left. */
  stop = async () => {
    await this.end('SIGTERM')
    fs.rmSync(this.folder, { recursive: true, force: true })
  }
}

/** So many servers, each a shard of the cluster CLUSTER. */
export async function startClickhouses(count) {
  const places = []
  for (let i = 0; i < count; i++)
    places.push({ folder: fs.mkdtempSync(path.join(os.tmpdir(), 'hetang-clickhouse-')), port: await freePort(), tcp: await freePort() })
  const servers = places.map((at) => new Server(at))
  for (const at of places) {
    for (const name of ['data', 'tmp', 'files', 'formats']) fs.mkdirSync(path.join(at.folder, name))
    fs.writeFileSync(path.join(at.folder, 'config.xml'), config(at, places))
    fs.writeFileSync(path.join(at.folder, 'users.xml'), users)
  }
  try {
    await Promise.all(servers.map((s) => s.start()))
  } catch (e) {
    await Promise.allSettled(servers.map((s) => s.stop()))
    throw e
  }
  return servers
}

export const startClickhouse = async () => (await startClickhouses(1))[0]

/** The setting `events` for these servers. */
export const eventsUrl = (servers, user = '') =>
  `clickhouse://${user}${servers.map((s) => `127.0.0.1:${s.port}`).join(',')}/default${servers.length > 1 ? `?cluster=${CLUSTER}` : ''}`
