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
const config = (folder, http_port, tcp_port) => `<?xml version="1.0"?>
<yandex>
  <logger><level>warning</level><log>${folder}/server.log</log><errorlog>${folder}/error.log</errorlog></logger>
  <http_port>${http_port}</http_port><tcp_port>${tcp_port}</tcp_port><listen_host>127.0.0.1</listen_host>
  <path>${folder}/data/</path><tmp_path>${folder}/tmp/</tmp_path><user_files_path>${folder}/files/</user_files_path><format_schema_path>${folder}/formats/</format_schema_path>
  <users_config>${folder}/users.xml</users_config><default_profile>default</default_profile><default_database>default</default_database>
  <mark_cache_size>5368709</mark_cache_size><keep_alive_timeout>60</keep_alive_timeout><timezone>UTC</timezone>
</yandex>
`
const users = `<?xml version="1.0"?>
<yandex>
  <profiles><default><max_threads>2</max_threads><max_query_size>16777216</max_query_size></default></profiles>
  <users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default></users>
  <quotas><default></default></quotas>
</yandex>
`

export async function startClickhouse() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hetang-clickhouse-'))
  const port = await freePort()
  const tcp = await freePort()
  for (const name of ['data', 'tmp', 'files', 'formats']) fs.mkdirSync(path.join(folder, name))
  fs.writeFileSync(path.join(folder, 'config.xml'), config(folder, port, tcp))
  fs.writeFileSync(path.join(folder, 'users.xml'), users)
  const [command, ...args] = clickhouseCommand()
  const child = spawn(command, [...args, `--config-file=${folder}/config.xml`], { stdio: ['ignore', 'ignore', 'pipe'] })
  const exit = new Promise((r) => child.on('exit', r))
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  let log = ''
  child.stderr.on('data', (d) => (log = (log + d).slice(-20000)))

  /** One statement as the body of a request: { ok, body }. */
  const ask = (statement) =>
    new Promise((resolve, reject) => {
      const request = http.request({ host: '127.0.0.1', port, method: 'POST', path: '/', agent }, (reply) => {
        const parts = []
        reply.on('data', (d) => parts.push(d))
        reply.on('end', () => resolve({ ok: reply.statusCode === 200, body: Buffer.concat(parts) }))
      })
      request.on('error', reject)
      request.end(statement)
    })
  const stop = async () => {
    agent.destroy()
    child.kill('SIGTERM')
    await exit
    fs.rmSync(folder, { recursive: true, force: true })
  }
  for (let i = 0; ; i++) {
    const reply = await ask('SELECT version()').catch(() => null)
    if (reply?.ok) return { port, ask, stop, version: reply.body.toString().trim() }
    if (i > 300 || child.exitCode !== null) {
      await stop()
      throw new Error(`ClickHouse does not start: ${log}`)
    }
    await new Promise((f) => setTimeout(f, 100))
  }
}
