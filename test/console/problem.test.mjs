// From a refusal to words: what happened, what to do, the number; never a code.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { root } from '../lib/server.mjs'
import { load } from '../lib/source.mjs'

const { explain, isAbort, ApiError, Unreachable, setLanguage } = await load('api/problem.ts', 'api/index.ts', 'i18n/index.ts')
const refusal = (status, code, title, more = {}) => explain(new ApiError(status, { type: 'about:blank', status, code, title, request_id: 'r1', ...more }))

test('the words of the server stand, with what to do where they do not say it', () => {
  assert.deepEqual(refusal(404, 'not_found', '不存在或不可见'), { title: '不存在或不可见', advice: '可能已被删除，或不在您的数据范围内。', field: undefined, request: 'r1', status: 404 })
  assert.equal(refusal(412, 'version_changed', '内容已被他人修改，请刷新后重试').advice, '')
  assert.equal(refusal(422, 'taken', 'x', { field: 'name' }).field, 'name')
  assert.equal(refusal(500, 'internal', '系统内部错误', { detail: '更多' }).advice, '更多')
})

test('no answer, an answer of somebody else, a fault of our own', () => {
  assert.equal(explain(new Unreachable('')).title, '连不上荷塘')
  assert.equal(explain(new ApiError(502, { type: '', status: 502, code: 'unreachable', title: 'Bad Gateway', request_id: '' })).title, '荷塘没有正常回应')
  const error = console.error
  let logged = 0
  console.error = () => logged++
  assert.equal(explain(new TypeError('x is undefined')).title, '页面出了问题')
  console.error = error
  assert.equal(logged, 1)
  assert.ok(isAbort(new DOMException('', 'AbortError')))
})

test('whatever the server may answer, no code reaches a person', () => {
  const rows = [...fs.readFileSync(path.join(root, 'src/base/err.def'), 'utf8').matchAll(/^ERR\((\w+), (\d+), "([^"]*)", "([^"]*)"\)/gm)]
  assert.ok(rows.length > 30)
  for (const language of ['zh', 'en']) {
    setLanguage(language)
    for (const [, name, status, zh, en] of rows) {
      const { title, advice } = refusal(Number(status), name.toLowerCase(), language === 'zh' ? zh : en)
      assert.equal(title, language === 'zh' ? zh : en)
      assert.doesNotMatch(title + advice, /\b[a-z]+_[a-z_]+\b(?![^{]*\})|trouble\./, name)
    }
  }
})
