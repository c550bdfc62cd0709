// The audit log names in words whatever a person can do.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { load } from '../lib/source.mjs'
import { root } from '../lib/server.mjs'

const { actionName, setLanguage } = await load('pages/audit/words.ts', 'i18n/index.ts')
const { dayStart } = await load('lib/zone.ts')

test('every route that changes something has a name in both languages', () => {
  const { paths } = JSON.parse(fs.readFileSync(path.join(root, 'docs/reference/openapi.json'), 'utf8'))
  const actions = Object.values(paths).flatMap((methods) =>
    Object.entries(methods).filter(([method]) => ['post', 'put', 'patch', 'delete'].includes(method)).map(([, op]) => op.operationId))
  assert.ok(actions.length > 50)
  for (const language of ['zh', 'en']) {
    setLanguage(language)
    // SDKs and the tests' own routes are not in the log.
    assert.deepEqual(actions.filter((a) => !/^(ingest|test)\./.test(a) && !actionName(a)), [])
  }
})

test('a day begins at midnight of the business zone, in summer and in winter, and where midnight is skipped', () => {
  for (const [day, zone, plus, instant] of [
    ['2026-03-02', 'Asia/Shanghai', 0, '2026-03-01T16:00:00.000Z'],
    ['2026-03-02', 'Asia/Shanghai', 1, '2026-03-02T16:00:00.000Z'],
    ['2026-07-01', 'Europe/London', 0, '2026-06-30T23:00:00.000Z'],
    ['2026-01-01', 'Europe/London', 0, '2026-01-01T00:00:00.000Z'],
    ['2026-03-29', 'Europe/London', 1, '2026-03-29T23:00:00.000Z'],
    ['2026-03-08', 'America/New_York', 1, '2026-03-09T04:00:00.000Z'],
    ['2026-09-06', 'America/Santiago', 0, '2026-09-06T04:00:00.000Z'],
  ]) assert.equal(dayStart(day, zone, plus), instant, `${day} ${zone}`)
})
