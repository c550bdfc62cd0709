// Straight into the database of a running server, as somebody with the file or the password could.
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { psql } from './postgres.mjs'

/** Runs SQL that both engines understand. Rows come back as lines, columns separated by |. */
export function sql(server, text) {
  const said = server.db.length ? psql(server.db[1], text) : execFileSync('sqlite3', ['-bail', '-cmd', '.timeout 10000', path.join(server.data, 'hetang.db'), text], { encoding: 'utf8' })
  return said.trim().split('\n').filter((l) => l)
}
