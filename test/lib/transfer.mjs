// Files sent up in pieces, and imports waited for.
import assert from 'node:assert/strict'
import { ApiError, eventually } from './server.mjs'

const PIECE = 1 << 20

/** Sends a piece; the answer, or the problem it ends with. */
export async function sendPiece(client, id, offset, bytes) {
  const reply = await client.fetch(`/api/v1/imports/${id}/content?offset=${offset}`, {
    method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: bytes,
  })
  const body = await reply.json()
  if (!reply.ok) throw new ApiError(reply.status, body)
  return body
}

/** Announces a file and sends all of it. */
export async function upload(client, content, { kind = 'orders', name = 'orders.csv', ...more } = {}) {
  const bytes = Buffer.from(content)
  let im = await client.import.create({ kind, name, size: bytes.length, ...more })
  for (let at = 0; at < bytes.length; at += PIECE) im = await sendPiece(client, im.id, at, bytes.subarray(at, at + PIECE))
  assert.equal(im.state, 'ready')
  return im
}

/** Waits until it has ended or waits itself. */
export const settled = (client, id) => eventually(async () => {
  const im = await client.import.get({ id })
  return im.state !== 'running' && im
}, 'the end of the import')

export async function run(client, id, input = {}) {
  await client.import.run({ id, ...input })
  return settled(client, id)
}

/** What was counted, without what is 0 and without reasons. */
export const counted = ({ counts: { reasons, ...numbers } }) => Object.fromEntries(Object.entries(numbers).filter(([, n]) => n))
export const whyNot = ({ counts }) => Object.fromEntries(counts.reasons.map((r) => [r.code, r.count]))

export async function reportOf(client, id) {
  const reply = await client.fetch(`/api/v1/imports/${id}/report`, { method: 'POST' })
  assert.equal(reply.status, 200)
  return reply.text()
}
