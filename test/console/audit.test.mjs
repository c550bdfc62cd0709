// The audit log names in words whatever a person can do.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { load } from '../lib/source.mjs'
import { root } from '../lib/server.mjs'

const { actionName, setLanguage } = await load('pages/audit/words.ts', 'i18n/index.ts')

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
