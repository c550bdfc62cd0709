// What a brand's own server would be: takes posts, keeps them, and answers as the test says.
import crypto from 'node:crypto'
import http from 'node:http'
import https from 'node:https'

/**
 * answer(request, index) gives a status, or { status, headers, body }, or a promise of one; 'hang' never answers. `got` is what
 * came, in order: { path, headers, text, json, delivery }. `underWay` and `most` count requests not yet answered.
 */
export async function receiver(answer = () => 200, { tls } = {}) {
  const r = { got: [], answer, underWay: 0, most: 0 }
  const sockets = new Set()
  const handle = (req, res) => {
    const parts = []
    req.on('data', (d) => parts.push(d))
    req.on('end', async () => {
      const text = Buffer.concat(parts).toString()
      const one = { path: req.url, method: req.method, headers: req.headers, text, json: JSON.parse(text), delivery: req.headers['hetang-delivery'] }
      r.got.push(one)
      r.most = Math.max(r.most, ++r.underWay)
      res.on('close', () => r.underWay--)
      const said = await r.answer(one, r.got.length - 1)
      if (said === 'hang') return
      const { status = 200, headers = {}, body = '' } = typeof said === 'number' ? { status: said } : said
      res.writeHead(status, headers).end(body)
    })
  }
  const server = tls ? https.createServer(tls, handle) : http.createServer(handle)
  server.on('connection', (s) => {
    sockets.add(s)
    s.on('close', () => sockets.delete(s))
  })
  await new Promise((f) => server.listen(0, '127.0.0.1', f))
  r.port = server.address().port
  r.url = `${tls ? 'https' : 'http'}://127.0.0.1:${r.port}/hook`
  r.close = () => new Promise((f) => {
    server.close(f)
    sockets.forEach((s) => s.destroy())
  })
  return r
}

/** As the documents tell a receiver to do it. */
export function signedBy(secret, one) {
  const mac = crypto.createHmac('sha256', secret).update(`${one.headers['hetang-timestamp']}.${one.text}`).digest('hex')
  return one.headers['hetang-signature'] === `v1=${mac}`
}
