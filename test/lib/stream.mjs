// Reads a stream of server-sent events.
import { ApiError } from './server.mjs'

/** Follows GET /api/v1/events/live: `.facts` and `.messages` grow; `.ended` resolves when the stream is over. */
export async function watch(client, input = {}, headers = {}) {
  const stop = new AbortController()
  const reply = await client.event.live(input, { headers, signal: stop.signal })
  if (!reply.ok) throw new ApiError(reply.status, await reply.json())
  const reader = reply.body.getReader()
  const closed = new Promise((r) => stop.signal.addEventListener('abort', () => r({ done: true }))) // not every Node.js ends what is read then
  const w = { reply, messages: [], facts: [], beats: 0, last: undefined, close: () => stop.abort() }
  w.ended = (async () => {
    let rest = ''
    const decoder = new TextDecoder()
    try {
      for (let piece; !(piece = await Promise.race([reader.read(), closed])).done; ) {
        rest += decoder.decode(piece.value, { stream: true })
        const blocks = rest.split('\n\n')
        rest = blocks.pop()
        for (const block of blocks) take(w, block)
      }
    } catch (e) {
      if (!stop.signal.aborted) w.broken = e
    }
  })()
  return w
}

function take(w, block) {
  const fields = {}
  for (const line of block.split('\n')) {
    const at = line.indexOf(':')
    if (at === 0) w.beats++
    else fields[line.slice(0, at)] = line.slice(at + 1).trimStart()
  }
  if (fields.id !== undefined) w.last = fields.id
  if (fields.data === undefined) return
  const message = { event: fields.event ?? 'message', data: JSON.parse(fields.data) }
  w.messages.push(message)
  if (message.event === 'message') w.facts.push(message.data)
}
