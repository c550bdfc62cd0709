// Paths and attribution: from an address or a saved report to the question, and from the answer to blocks, bands, colours and sums.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { load } from '../lib/source.mjs'

globalThis.window = { addEventListener() {} } // a session, which these do not use, listens for other windows as it is loaded
const { flowOf } = await load('lib/report/sankey.ts')
const { coloursOf, nodeAsked, pathsQuestion, readPaths } = await load('lib/report/paths.ts')
const { attributionQuestion, models, modelSays, partOf, readAttribution, sumOf } = await load('lib/report/attribution.ts')
delete globalThis.window

const node = (event, paths, ends = 0) => ({ event, paths, ends })
// 10 paths: 6 go on to b, 1 to others, 3 end; of the 6 four go on to c.
const levels = [
  { nodes: [node('a', 10, 3)], links: [{ from: 0, to: 0, paths: 6 }, { from: 0, to: 1, paths: 1 }] },
  { nodes: [node('b', 6, 2), { other: true, paths: 1, ends: 1 }], links: [{ from: 0, to: 0, paths: 4 }] },
  { nodes: [node('c', 4)], links: [] },
]

test('blocks and bands: what comes in goes out, and who goes no further is a block of the next column', () => {
  const flow = flowOf(levels, false)
  assert.equal(flow.columns, 3)
  assert.deepEqual(flow.blocks.map((b) => [b.name, b.depth, b.value]), [['0:0', 0, 10], ['1:0', 1, 6], ['1:1', 1, 1], ['2:0', 2, 4], ['0:end', 1, 3], ['1:end', 2, 3]])
  assert.deepEqual(flow.bands.map((b) => [b.source, b.target, b.value]), [['0:0', '0:end', 3], ['0:0', '1:0', 6], ['0:0', '1:1', 1], ['1:0', '1:end', 2], ['1:1', '1:end', 1], ['1:0', '2:0', 4]])
  assert.equal(flow.most, 3, 'b, the others, and who ended after a')
  const sum = (side, name) => flow.bands.filter((b) => b[side] === name).reduce((n, b) => n + b.value, 0)
  for (const b of flow.blocks) {
    if (b.depth) assert.equal(sum('target', b.name), b.value, `into ${b.name}`)
    if (b.at.ends === undefined && b.at.level < 2) assert.equal(sum('source', b.name), b.value, `out of ${b.name}`)
  }
  assert.deepEqual(flow.bands[3].at, { level: 1, node: 0, ends: true })
  assert.deepEqual(flow.bands[5].at, { level: 1, node: 0, to: 0 })
})

test('what leads to an event stands the other way about, with the event last', () => {
  const flow = flowOf(levels, true)
  assert.deepEqual(flow.blocks.map((b) => [b.name, b.depth]), [['0:0', 2], ['1:0', 1], ['1:1', 1], ['2:0', 0], ['0:end', 1], ['1:end', 0]])
  assert.ok(flow.bands.some((b) => b.source === '2:0' && b.target === '1:0'))
  assert.deepEqual(flowOf([], false), { columns: 0, most: 0, blocks: [], bands: [] })
  assert.equal(flowOf([{ nodes: [node('a', 2, 2)], links: [] }], false).columns, 2, 'those who only did it end in a second column')
})

test('an event has one colour on all levels, no two share one while there are enough, and the others have none', () => {
  const many = [{ nodes: ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((e, i) => node(e, 10 - i)), links: [] }, { nodes: [node('g', 1), { other: true, paths: 3, ends: 0 }], links: [] }]
  const catalogue = ['g', 'f', 'e', 'd', 'c', 'b', 'a', 'h']
  const colours = coloursOf(many, 7, catalogue)
  assert.equal(new Set(colours.values()).size, 7)
  assert.equal(colours.size, 7)
  const more = coloursOf([...many, { nodes: ['h', 'i'].map((e) => node(e, 100)), links: [] }], 7, catalogue)
  assert.deepEqual([...more].slice(0, 7), [...colours], 'what comes later in the catalogue, or is not in it, changes no other’s')
  const turned = coloursOf(many.map((l) => ({ ...l, nodes: l.nodes.map((n) => ({ ...n, paths: 11 - n.paths })) })), 7, catalogue)
  assert.deepEqual([...turned].sort(), [...colours].sort(), 'how many paths they have does not matter')
  assert.ok([...more.values()].every((n) => n >= 0 && n < 7))
})

test('paths: whatever stands in an address becomes a question; one that a machine saved is asked as it is', () => {
  const days = { since: '2026-03-01', until: '2026-03-03' }
  const range = '2026-03-01..2026-03-02'
  assert.deepEqual(pathsQuestion(readPaths({ range })), { kind: 'paths', ...days, to: { event: 'order.paid' }, levels: 5, top: 6, collapse: true, gap: '30min' })
  const saved = { kind: 'paths', ...days, from: 'a', levels: 3, top: 4, among: ['b', 'c'], by: 'p', every: true }
  assert.deepEqual(pathsQuestion(readPaths({ ...saved, range })), { ...saved, from: { event: 'a' } })
  assert.deepEqual(pathsQuestion(readPaths({ kind: 'paths', ...days, to: { event: 'a' }, range })), { kind: 'paths', ...days, to: { event: 'a' }, levels: 5, top: 10 })
  const odd = readPaths({ range, end: 7, match: 3, levels: 99, top: 0, among: [1, 'x', 'x'], gap: 'soon', people: [] })
  assert.deepEqual(odd, { end: 'to', match: { event: '', where: [] }, among: ['x'], by: '', levels: 10, top: 1, every: false, collapse: true, gap: '30min', people: {}, range })
  const own = readPaths({ range, gap: '', collapse: false })
  assert.deepEqual(readPaths(JSON.parse(JSON.stringify(own))), own, 'a state read again is the same')
  assert.equal('gap' in pathsQuestion(own), false)
  assert.deepEqual(nodeAsked(own, { event: 'a', key: null, paths: 1, ends: 0 }), { event: 'a' })
  assert.deepEqual(nodeAsked({ ...own, by: 'p' }, { event: 'a', paths: 1, ends: 0 }), { event: 'a', key: null })
  assert.deepEqual(nodeAsked({ ...own, by: 'p' }, { other: true, paths: 1, ends: 0 }), { other: true })
})

test('attribution: what is not told is as the page begins, or, of a question that a machine saved, off', () => {
  const range = '2026-03-01..2026-03-02'
  const begun = readAttribution({ range })
  assert.deepEqual(attributionQuestion(begun), {
    kind: 'attribution', since: '2026-03-01', until: '2026-03-03', touch: { event: 'page.viewed' }, channel: 'campaign.source', conversion: { event: 'order.paid' }, value: 'amount_fen', window: '30d',
    refund: { event: 'order.refunded' }, held: 'order_id', direct: null, half_life: '7d', top: 30, listed: 20,
  })
  assert.deepEqual(readAttribution(JSON.parse(JSON.stringify(begun))), begun)
  const none = { ...begun, refund: null, held: '', value: '' }
  assert.deepEqual(readAttribution(JSON.parse(JSON.stringify(none))), none, 'what was switched off stays so')
  const asked = attributionQuestion(readAttribution({ range, touch: 'visit', channel: 'c', conversion: { event: 'o', where: [{ prop: 'x', exists: true }] }, window: '7d' }))
  assert.deepEqual([asked.touch, asked.conversion, asked.direct, 'refund' in asked, 'held' in asked, 'value' in asked], [{ event: 'visit' }, { event: 'o', where: [{ prop: 'x', exists: true }] }, 'direct', false, false, false])
  assert.deepEqual(Object.keys(modelSays), [...models])
})

test('parts of channels and their sums, as shares, numbers and money', () => {
  const credit = (conversions, value, share) => ({ linear: { conversions, value, share } })
  const channels = [{ key: 'a', touches: 3, credits: credit(1.5, 1500, 0.75) }, { key: null, touches: 1, credits: credit(0.5, 500, 0.25) }]
  assert.deepEqual(['share', 'conversions', 'value'].map((show) => sumOf(channels, 'linear', show)), [1, 2, 2000])
  assert.equal(partOf({ key: 'a', touches: 1, credits: { linear: { conversions: 1, share: 1 } } }, 'linear', 'value'), 0, 'worth was not asked')
})
