// Writers that remember what they were told, and the proof afterwards: what was answered is there, nothing is there twice.
import assert from 'node:assert/strict'
import { hetang, local, ask } from './server.mjs'

/**
 * Writes customers through the socket of the folder until stop(): `wide` at a time, each with an idempotency key. `answered` are
 * the names that were said to be kept, `open` those nobody knows of, `refused` how often a problem was answered, by code.
 */
export function writers(server, { wide = 8, prefix = 'w', pad = '' } = {}) {
  const load = { answered: [], open: [], refused: {}, stopped: false, count: 0 }
  const client = local(server)
  const one = async () => {
    while (!load.stopped) {
      const name = `${prefix}-${load.count++}`
      try {
        const reply = await client.fetch('/api/v1/customers', {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'idempotency-key': name, 'accept-language': 'en' },
          body: JSON.stringify({ name, ...(pad && { address: pad }), identities: [{ kind: 'member_no', value: name }] }),
        })
        const body = await reply.json()
        if (reply.status === 200 || reply.status === 201) load.answered.push(name)
        else {
          load.refused[body.code] = (load.refused[body.code] ?? 0) + 1
          load.statuses = (load.statuses ?? new Set()).add(reply.status)
          load.open.push(name)
          await new Promise((r) => setTimeout(r, 5))
        }
      } catch {
        load.open.push(name)
        await new Promise((r) => setTimeout(r, 5))
      }
    }
  }
  const running = Promise.all(Array.from({ length: wide }, one))
  load.stop = async () => {
    load.stopped = true
    await running
  }
  return load
}

/** Each answered name is there once, with its identifier, its fact and its audit row; of the others at most once, wholly or not at all. */
export function prove(server, { answered, open }, prefix) {
  const names = (sql) => {
    const found = new Map()
    for (const n of ask(server, sql).split('\n').filter(Boolean)) found.set(n, (found.get(n) ?? 0) + 1)
    return found
  }
  const like = `LIKE '${prefix}-%'`
  const rows = names(`SELECT name FROM customer WHERE name ${like}`)
  const identities = names(`SELECT c.name FROM customer c JOIN identity i ON i.customer_id = c.id AND i.kind = 'member_no' WHERE c.name ${like}`)
  const facts = names(`SELECT c.name FROM customer c JOIN event e ON e.customer_id = c.id JOIN event_type t ON t.id = e.type_id AND t.name = 'customer.created' WHERE c.name ${like}`)
  const audits = names(`SELECT c.name FROM customer c JOIN audit a ON a.entity = 'customer' AND a.entity_id = c.id AND a.action = 'customer.create' WHERE c.name ${like}`)
  for (const name of answered) assert.equal(rows.get(name), 1, `${name} was answered`)
  const known = new Set([...answered, ...open])
  for (const [name, n] of rows) {
    assert.ok(known.has(name), `${name} was asked for`)
    assert.deepEqual([n, identities.get(name), facts.get(name), audits.get(name)], [1, 1, 1, 1], `${name}, its identifier, fact and audit row`)
  }
  assert.equal(identities.size, rows.size)
}

/** The audit log has no hole, and its chain holds. */
export function proveAudit(server) {
  assert.equal(ask(server, 'SELECT count(*) - coalesce(max(seq), 0) FROM audit'), '0')
  const known = JSON.parse(hetang(['help', '--json']).out).some((c) => c.name === 'audit')
  if (!known) return
  const r = hetang(['audit', 'verify', '--data', server.data, ...(server.db ?? [])])
  assert.equal(r.code, 0, r.out + r.err)
}

/** The instance as the doctor sees it: database whole, keys there. */
export function proveHealth(server) {
  const r = hetang(['doctor', '--json', '--data', server.data, '--listen', '127.0.0.1:0', ...(server.db ?? [])])
  for (const check of ['key', 'database', 'contents'])
    assert.deepEqual(JSON.parse(r.out).findings.filter((f) => f.check === check).map((f) => f.health), ['ok'], r.out)
}
