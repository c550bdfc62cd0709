// Every page has an address and a name of its own: of two that share one, the router shows whichever came last.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { root } from '../lib/server.mjs'

const folder = path.join(root, 'web/console/src/pages')
const texts = fs.readdirSync(folder).map((page) => path.join(folder, page, 'index.ts')).filter(fs.existsSync).map((file) => fs.readFileSync(file, 'utf8'))

for (const what of ['path', 'name'])
  test(`no two pages share a ${what}`, () => {
    const all = texts.flatMap((text) => [...text.matchAll(new RegExp(`\\b${what}: '([^']+)'`, 'g'))].map(([, value]) => value))
    assert.ok(all.length >= texts.length && texts.length > 20)
    assert.deepEqual(all.filter((value, at) => all.indexOf(value) !== at), [])
  })
