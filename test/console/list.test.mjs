// useList and useForm without a page: what comes late, twice, or not at all.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { load } from '../lib/source.mjs'
import { eventually } from '../lib/server.mjs'

const { useList, useForm, ApiError, Unreachable, effectScope, ref, nextTick } = await load('lib/useList.ts', 'lib/useForm.ts', 'api/index.ts', 'vue')
const refusal = (status, code, more = {}) => new ApiError(status, { type: 'about:blank', status, code, title: code, request_id: 'r', ...more })

/** A list whose answers the test gives, in the order it likes. */
function listed(watched) {
  const asked = []
  const scope = effectScope()
  const list = scope.run(() => useList({
    limit: 2, watch: watched && (() => watched.value),
    load: (page, signal) => new Promise((answer, refuse) => asked.push({ page, signal, answer, refuse })),
  }))
  return { list, asked, scope }
}
const items = (...ids) => ids.map((id) => ({ id, name: `n${id}` }))
const settle = () => new Promise((r) => setTimeout(r))

test('pages follow each other; a row that moved from one to the next is there once', async () => {
  const { list, asked } = listed()
  assert.equal(list.table.state, 'loading')
  asked[0].answer({ items: items(1, 2), next: 'b', total: 3 })
  await settle()
  assert.deepEqual([list.table.state, list.table.more, list.table.total], ['ready', true, 3])
  void list.more()
  void list.more()
  assert.deepEqual(asked.map((a) => a.page), [{ limit: 2 }, { limit: 2, cursor: 'b' }], 'asked once for what is on its way')
  asked[1].answer({ items: items(2, 3), next: null })
  await settle()
  assert.deepEqual(list.items.value.map((i) => i.id), [1, 2, 3])
  assert.equal(list.table.more, false)
  await list.more()
  assert.equal(asked.length, 2)
})

test('the answer to an earlier filter is dropped, whenever it comes', async () => {
  const filter = ref('a')
  const { list, asked } = listed(filter)
  filter.value = 'ab'
  await nextTick()
  await eventually(() => asked.length === 2)
  assert.ok(asked[0].signal.aborted)
  asked[1].answer({ items: items(2), next: null })
  await settle()
  asked[0].answer({ items: items(1), next: null })
  await settle()
  assert.deepEqual(list.items.value.map((i) => i.id), [2])
})

test('a failure: said, and mended by trying again; of a further page: what is there stays', async () => {
  const { list, asked } = listed()
  asked[0].refuse(refusal(503, 'storage'))
  await settle()
  assert.deepEqual([list.table.state, list.table.trouble.title], ['failed', 'storage'])
  list.table.onRetry()
  assert.equal(list.table.state, 'loading')
  asked[1].answer({ items: items(1, 2), next: 'b' })
  await settle()
  assert.deepEqual([list.table.state, list.table.trouble], ['ready', null])
  void list.more()
  asked[2].refuse(new Unreachable('x'))
  await settle()
  assert.deepEqual([list.table.state, list.items.value.length, list.table.trouble.title], ['ready', 2, '连不上荷塘'])
  list.table.onRetry()
  asked[3].answer({ items: items(3), next: null })
  await settle()
  assert.deepEqual([list.items.value.length, list.table.trouble], [3, null])
})

test('rows changed here; a list that is left asks for nothing more', async () => {
  const { list, asked, scope } = listed()
  asked[0].answer({ items: items(1, 2), next: null })
  await settle()
  list.replace({ id: 2, name: 'new' })
  list.prepend({ id: 9, name: 'n9' })
  list.remove(1)
  assert.deepEqual(list.items.value, [{ id: 9, name: 'n9' }, { id: 2, name: 'new' }])
  void list.refresh()
  scope.stop()
  assert.ok(asked[1].signal.aborted)
})

test('a form: checked before it is sent, one sending at a time, a key for one content', async () => {
  const sent = []
  const form = effectScope().run(() => useForm({ name: '', note: '' }, {
    check: (m) => ({ name: m.name ? '' : 'missing' }),
    send: (m, key) => new Promise((answer, refuse) => sent.push({ name: m.name, key, answer, refuse })),
    refuse: (p) => (p.code === 'special' ? { note: 'in other words' } : undefined),
  }))
  assert.equal(await form.submit(), false)
  assert.deepEqual([form.errors, sent.length, form.dirty], [{ name: 'missing' }, 0, false])
  form.model.name = 'a'
  await nextTick()
  assert.deepEqual([form.errors, form.dirty], [{}, true])
  const attempt = async (end) => {
    const done = form.submit()
    assert.equal(await form.submit(), false, 'not while one is on its way')
    end(sent.at(-1))
    return done
  }
  assert.equal(await attempt((s) => s.refuse(refusal(409, 'taken', { field: 'name' }))), false)
  assert.deepEqual(form.errors, { name: 'taken' })
  await attempt((s) => s.refuse(refusal(422, 'special')))
  assert.deepEqual(form.errors, { note: 'in other words' })
  await attempt((s) => s.refuse(refusal(422, 'required', { field: 'elsewhere' })))
  assert.deepEqual([form.errors, form.trouble.title], [{}, 'required'])
  await attempt((s) => s.refuse(new Unreachable('')))
  await attempt((s) => s.refuse(new Unreachable('')))
  form.model.note = 'b'
  await attempt((s) => s.refuse(new Unreachable('')))
  const keys = sent.map((s) => s.key)
  assert.equal(keys[3], keys[4])
  assert.equal(new Set(keys).size, keys.length - 1)
  assert.equal(await attempt((s) => s.answer({})), true)
  assert.deepEqual([form.dirty, form.trouble], [false, null])
  form.reset({ name: 'c' })
  assert.deepEqual([{ ...form.model }, form.dirty], [{ name: 'c', note: '' }, false])
})

test('what is typed while a form is on its way is not taken for saved', async () => {
  let answer
  const form = effectScope().run(() => useForm({ name: 'a' }, { send: () => new Promise((r) => (answer = r)) }))
  form.model.name = 'b'
  const done = form.submit()
  form.model.name = 'c'
  answer({})
  await done
  assert.equal(form.dirty, true)
})
