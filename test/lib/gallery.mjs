// Serves web/console/gallery, built for it, under the policy of the real server, with a stream of events and a job that a test moves.
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { spawnSync } from 'node:child_process'
import { root } from './server.mjs'

const media = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }

/** The policy stands in one place; what the gallery shows must live with it too. */
function policy() {
  const text = fs.readFileSync(path.join(root, 'src/api/static.c'), 'utf8')
  const parts = /policy\[\] =\s*((?:"[^"]*"\s*)+);/.exec(text)[1]
  return [...parts.matchAll(/"([^"]*)"/g)].map((m) => m[1]).join('')
}

export async function startGallery() {
  const built = spawnSync('npx', ['--no-install', 'vite', 'build', '--config', 'web/console/vite.config.ts', '--mode', 'gallery'], { cwd: root, encoding: 'utf8' })
  if (built.status !== 0) throw new Error(built.stdout + built.stderr)
  const folder = path.join(root, 'build/gallery')
  const streams = new Set()
  const gallery = { job: { state: 'waiting', done: 0, total: 0 }, asked: [], refuseStreams: false }
  const answer = (res, status, type, body) => res.writeHead(status, { 'content-type': type, 'content-security-policy': policy() }).end(body)
  const server = http.createServer((req, res) => {
    const url = new URL(req.url, 'http://gallery')
    if (url.pathname === '/api/v1/gallery/job') return answer(res, 200, 'application/json', JSON.stringify(gallery.job))
    if (url.pathname === '/api/v1/me') return answer(res, 200, 'application/json', '{}')
    if (url.pathname === '/api/v1/gallery/events') {
      gallery.asked.push(url.search)
      if (gallery.refuseStreams) return answer(res, 503, 'application/json', '{}')
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      res.write('retry: 200\n\n')
      streams.add(res)
      res.on('close', () => streams.delete(res))
      return
    }
    const file = path.join(folder, url.pathname.includes('.') ? url.pathname : 'index.html')
    if (!file.startsWith(folder) || !fs.existsSync(file)) return answer(res, 404, 'text/plain', 'not here')
    answer(res, 200, media[path.extname(file)] ?? 'application/octet-stream', fs.readFileSync(file))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  let n = 0
  return Object.assign(gallery, {
    url: `http://127.0.0.1:${server.address().port}`,
    say(type) {
      n++
      for (const s of streams) s.write(`id: ${n}\nevent: ${type}\ndata: {"n":${n}}\n\n`)
    },
    drop() {
      for (const s of streams) s.destroy()
    },
    streams,
    stop() {
      for (const s of streams) s.destroy()
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  })
}
