// The system page says in Chinese what each setting does.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { load } from '../lib/source.mjs'
import { root } from '../lib/server.mjs'

const { settingText, setLanguage } = await load('pages/system/settings.ts', 'i18n/index.ts')
const rows = [...fs.readFileSync(path.join(root, 'src/core/config.def'), 'utf8').matchAll(/^CONFIG_[A-Z]+\((\w+),.*"([^"]+)"\)$/gm)]
  .map(([, name, help]) => ({ name, help }))
  .filter((row) => !row.name.startsWith('test_'))

test('each has a text of its own in Chinese, and the server\'s in English', () => {
  assert.ok(rows.length > 15)
  setLanguage('zh')
  assert.deepEqual(rows.filter((row) => settingText(row) === row.help).map((row) => row.name), [])
  setLanguage('en')
  assert.ok(rows.every((row) => settingText(row) === row.help))
})
