// What bench/engine.mjs asks: each question in the engine's language, and for its peers every good way of asking the same that we know;
// the fastest counts. {facts} is tried sorted by (person, time) and by (type, person, time). Where a peer has no word for a question
// (funnels in DuckDB), joins to the latest fact before take its place.
import path from 'node:path'
import { attribution } from './engine-attribution.mjs'

const DAY = 86400000
const START = 1767196800000 // 2026-01-01 in the zone of the business; the facts are of the 90 days from there
const NOW = START + 90 * DAY
const WEEK = 7 * DAY
const names = (n, word) => Array.from({ length: n }, (_, i) => `'${word}-${i}'`)
const numbered = (all) => all.map((name, i) => `${name} = ${i}`).join(', ')
const types = names(32, 'type')
const channels = ["'app'", "'mini'", "'group'", "'store'", "'ad'"]
const cities = ['上海', '杭州', '北京', '广州', '成都', '武汉', '西安', '南京'].map((c) => `'${c}'`)

export const schema = {
  clickhouse: (folder) => {
    const columns = `person UInt32, type Enum8(${numbered(types)}), ms UInt64, seq UInt32, channel Enum8(${numbered(channels)}), sku Enum16(${numbered(names(1000, 'sku'))}), amount UInt32`
    const people = `person UInt32, city Enum8(${numbered(cities)}), birthday UInt32, points UInt32, tag UInt8`
    const made = (table, what, order, from) => [`CREATE TABLE hetang.${table} (${what}) ENGINE = MergeTree ORDER BY ${order}`, `INSERT INTO hetang.${table} SELECT * FROM ${from}`, `OPTIMIZE TABLE hetang.${table} FINAL`]
    const file = (name, what) => `file('${path.join(folder, name)}', 'CSV', $$${what}$$)`
    return ['CREATE DATABASE hetang ENGINE = Atomic',
      ...made('by_person', columns, '(person, ms)', file('facts.csv', columns)),
      ...made('by_type', columns, '(type, person, ms)', 'hetang.by_person'),
      ...made('people', people, 'person', file('people.csv', people)),
      'CREATE TABLE hetang.person_city (person UInt32, city UInt8) ENGINE = Join(ANY, LEFT, person)',
      'INSERT INTO hetang.person_city SELECT person, city FROM hetang.people']
  },
  duckdb: (folder) => [
    `CREATE TYPE type_name AS ENUM (${types})`, `CREATE TYPE channel_name AS ENUM (${channels})`, `CREATE TYPE city_name AS ENUM (${cities})`,
    `CREATE TYPE sku_name AS ENUM (${names(1000, 'sku')})`,
    `CREATE TABLE fact AS SELECT * FROM read_csv('${path.join(folder, 'facts.csv')}', header = false, columns = {'person': 'INTEGER', 'type': 'type_name', 'ms': 'BIGINT', 'seq': 'INTEGER', 'channel': 'channel_name', 'sku': 'sku_name', 'amount': 'INTEGER'})`,
    'CREATE TABLE by_person AS SELECT * FROM fact ORDER BY person, ms, seq',
    'CREATE TABLE by_type AS SELECT * FROM fact ORDER BY type, person, ms, seq',
    'DROP TABLE fact',
    `CREATE TABLE people AS SELECT * FROM read_csv('${path.join(folder, 'people.csv')}', header = false, columns = {'person': 'INTEGER', 'city': 'city_name', 'birthday': 'INTEGER', 'points': 'INTEGER', 'tag': 'INTEGER'}) ORDER BY person`,
    'CHECKPOINT'],
}

const range = { since: '2026-01-01', until: '2026-04-01' }
const keys = ['who', 'time']
const dayOf = (instant) => Math.round((Date.parse(instant.length === 10 ? `${instant}T00:00:00+08:00` : instant) - START) / DAY)

// How far each person came: windowFunnel where the facts are grouped, or a join to the latest chain of the step before.
const windowFunnel = (conditions) => `SELECT person, windowFunnel(${WEEK})(ms, ${conditions.join(', ')}) AS level FROM {facts}
  WHERE type IN ('type-0', 'type-1', 'type-2', 'type-3') GROUP BY person`
const chains = (conditions) => `a AS (SELECT person, ms AS at, ms AS start FROM {facts} WHERE ${conditions[0]}), ${['a', 'b', 'c'].map((from, i) => `
  ${'bcd'[i]} AS (SELECT f.person, f.ms AS at, p.start FROM {facts} f ASOF JOIN ${from} p ON f.person = p.person AND f.ms > p.at
    WHERE ${conditions[i + 1]} AND f.ms <= p.start + ${WEEK})`).join(',')}`
const plain = types.slice(0, 4).map((t) => `type = ${t}`)
const costly = plain.map((c, i) => (i === 1 ? `(${c} AND amount >= 10000)` : c))
const reached = () => `countIf(level >= 1), countIf(level >= 2), countIf(level >= 3), countIf(level >= 4)`

const funnel = {
  name: 'funnel of 4 steps, window of 7 days', times: 20,
  question: { kind: 'funnel', ...range, steps: ['type-0', 'type-1', 'type-2', 'type-3'], window: '7d' },
  reads: { 'type-0': keys, 'type-1': keys, 'type-2': keys, 'type-3': keys },
  rows: ({ groups: [g] }) => [g.steps.map((s) => s.reached)],
  sql: {
    clickhouse: [`SELECT ${reached()} FROM (${windowFunnel(plain)})`, `SELECT ${reached()} FROM (${windowFunnel(plain)} SETTINGS optimize_aggregation_in_order = 1)`],
    duckdb: [`WITH ${chains(plain)} SELECT ${['a', 'b', 'c', 'd'].map((t) => `(SELECT count(DISTINCT person) FROM ${t})`).join(', ')}`],
  },
}
const brokenDown = {
  name: 'funnel of 4 steps, condition on a property, by city', times: 10,
  question: { ...funnel.question, steps: ['type-0', { event: 'type-1', where: [{ prop: 'amount', gte: 10000 }] }, 'type-2', 'type-3'], breakdown: [{ attr: 'city' }] },
  reads: { ...funnel.reads, 'type-1': [...keys, 'amount'] },
  rows: ({ groups }) => groups.map((g) => [g.key, ...g.steps.map((s) => s.reached)]),
  sql: {
    clickhouse: [
      `SELECT city, ${reached()} FROM (${windowFunnel(costly)}) AS f JOIN {people} AS p USING person WHERE level > 0 GROUP BY city`,
      `SELECT CAST(joinGet('hetang.person_city', 'city', person), 'Enum8(${numbered(cities).replaceAll("'", "\\'")})') AS town, ${reached()} FROM (${windowFunnel(costly)}) WHERE level > 0 GROUP BY town`,
    ],
    duckdb: [`WITH ${chains(costly)} SELECT city, count(*), count(*) FILTER (level >= 2), count(*) FILTER (level >= 3), count(*) FILTER (level >= 4) FROM (
      SELECT person, max(level) AS level FROM (SELECT person, 1 AS level FROM a UNION ALL SELECT person, 2 FROM b UNION ALL SELECT person, 3 FROM c UNION ALL SELECT person, 4 FROM d) GROUP BY person)
      JOIN {people} USING (person) GROUP BY city`],
  },
}

const firstStarts = `SELECT person, min(ms) AS start FROM {facts} WHERE type = 'type-0' GROUP BY person`
const returns = (divide) => `SELECT DISTINCT person, ${divide('start')} AS cohort, ${divide('ms')} - ${divide('start')} AS after
  FROM (SELECT person, ms FROM {facts} WHERE type = 'type-1') f JOIN (${firstStarts}) s USING (person) WHERE ms > start`
const retention = {
  name: 'retention over 30 days', times: 20,
  question: { kind: 'retention', ...range, start: 'type-0', return: 'type-1', unit: 'day', periods: 30 },
  reads: { 'type-0': keys, 'type-1': keys },
  rows: ({ groups: [g] }) => g.cohorts.flatMap((c) => c.cells.map((n, i) => [dayOf(c.start), i, n])).filter(([, , n]) => n),
  sql: {
    clickhouse: [
      `SELECT cohort, after, count() FROM (${returns((t) => `toUInt32(intDiv(${t} - ${START}, ${DAY}))`)}) WHERE after < 30 GROUP BY cohort, after`,
      `SELECT cohort, after, uniqExact(person) FROM (${returns((t) => `toUInt32(intDiv(${t} - ${START}, ${DAY}))`).replace('DISTINCT', '')}) WHERE after < 30 GROUP BY cohort, after`,
      `SELECT cohort, after, count() FROM (SELECT minIf(ms, type = 'type-0') AS start, intDiv(start - ${START}, ${DAY}) AS cohort,
        arrayJoin(arrayDistinct(arrayMap(t -> intDiv(t - ${START}, ${DAY}) - cohort, arrayFilter(t -> t > start, groupArrayIf(ms, type = 'type-1'))))) AS after
        FROM {facts} WHERE type IN ('type-0', 'type-1') GROUP BY person HAVING countIf(type = 'type-0') > 0) WHERE after < 30 GROUP BY cohort, after`,
    ],
    duckdb: [`SELECT cohort, after, count(*) FROM (${returns((t) => `((${t} - ${START}) // ${DAY})`)}) WHERE after < 30 GROUP BY cohort, after`],
  },
}

const month = NOW - 30 * DAY
const countAndSum = `SELECT count(*) FROM (SELECT person FROM {facts} WHERE type = 'type-3' AND ms > ${month} GROUP BY person HAVING count(*) >= 2 AND sum(amount) >= 50000)`
const segment = {
  name: 'segment: count and sum of an event in 30 days', times: 8,
  question: { kind: 'segment', people: { all: [
    { event: 'type-3', count: { gte: 2 }, within: '30d' }, { event: 'type-3', sum: { prop: 'amount', gte: 50000 }, within: '30d' } ] } },
  reads: { 'type-3': [...keys, 'amount'] },
  rows: ({ people }) => [[people]],
  sql: { clickhouse: [countAndSum], duckdb: [countAndSum] },
}

const since = (days) => `ms > ${NOW - days * DAY}`
const figures = (iff, sequence) => `
  ${iff('count(*)', `type = 'type-0' AND ${since(60)}`)} AS n0, ${iff('sum(amount)', `type = 'type-1' AND ${since(60)}`)} AS s1,
  ${iff('count(*)', `type = 'type-2' AND channel = 'app' AND ${since(90)}`)} AS n2, ${iff('count(*)', `type = 'type-3' AND ${since(7)}`)} AS n3,
  ${iff('sum(amount)', `type = 'type-4' AND ${since(90)}`)} AS s4, ${iff('count(*)', `type = 'type-4' AND ${since(90)}`)} AS n4,
  ${iff('count(DISTINCT sku)', `type = 'type-7' AND ${since(90)}`)} AS d7${sequence}`
const seven = "('type-0', 'type-1', 'type-2', 'type-3', 'type-4', 'type-5', 'type-6', 'type-7')"
const who = (inSequence) => `city IN ('上海', '杭州', '北京', '广州') AND points >= 1000 AND tag <> 7 AND n0 >= 1
  AND (s1 >= 30000 OR tag = 12 OR n2 >= 1 OR ${inSequence}) AND n3 = 0 AND (s4 >= 25000 * n4 AND n4 > 0 OR d7 >= 2 OR points >= 5000)`
const combinator = (figure, condition) => (figure === 'count(*)' ? `countIf(${condition})` : figure === 'sum(amount)' ? `sumIf(amount, ${condition})` : `uniqExactIf(sku, ${condition})`)
const mixed = {
  name: 'segment of 12 leaves: attributes, tags, events', times: 10,
  question: { kind: 'segment', people: { all: [
    { attr: 'city', in: ['上海', '杭州', '北京', '广州'] }, { attr: 'points', gte: 1000 }, { set: 'tag', key: '7', is: false },
    { event: 'type-0', count: { gte: 1 }, within: '60d' },
    { any: [{ event: 'type-1', sum: { prop: 'amount', gte: 30000 }, within: '60d' }, { set: 'tag', key: '12', is: true },
      { event: 'type-2', where: [{ prop: 'channel', eq: 'app' }], within: '90d' }, { sequence: ['type-5', 'type-6'], within_each: '7d' }] },
    { not: { event: 'type-3', within: '7d' } },
    { any: [{ event: 'type-4', average: { prop: 'amount', gte: 25000 }, within: '90d' }, { event: 'type-7', distinct: { prop: 'sku', gte: 2 }, within: '90d' },
      { attr: 'points', gte: 5000 }] } ] } },
  reads: { 'type-0': keys, 'type-1': [...keys, 'amount'], 'type-2': [...keys, 'channel'], 'type-3': keys, 'type-4': [...keys, 'amount'], 'type-5': keys, 'type-6': keys, 'type-7': [...keys, 'sku'] },
  rows: ({ people }) => [[people]],
  sql: {
    clickhouse: [`SELECT count() FROM {people} AS p JOIN (SELECT person, ${figures(combinator, `, windowFunnel(${WEEK})(ms, type = 'type-5', type = 'type-6') AS level`)}
      FROM {facts} WHERE type IN ${seven} GROUP BY person) AS f USING person WHERE ${who('level = 2')}`],
    duckdb: [`WITH chain AS (SELECT DISTINCT f.person FROM {facts} f ASOF JOIN (SELECT person, ms FROM {facts} WHERE type = 'type-5') s ON f.person = s.person AND f.ms > s.ms
        WHERE f.type = 'type-6' AND f.ms <= s.ms + ${WEEK})
      SELECT count(*) FROM {people} AS p JOIN (SELECT person, ${figures((figure, condition) => `${figure} FILTER (${condition})`, '')}
      FROM {facts} WHERE type IN ${seven} GROUP BY person) AS f USING (person) WHERE ${who('person IN (SELECT person FROM chain)').replace('s1 >=', 'coalesce(s1, 0) >=')}`],
  },
}

const byDay = (divide, people) => `SELECT ${divide('ms')} AS day, channel, count(*)${people} FROM {facts} WHERE type = 'type-2' GROUP BY day, channel`
const intDiv = (t) => `intDiv(${t} - ${START}, ${DAY})`
const slashes = (t) => `((${t} - ${START}) // ${DAY})`
const points = ({ groups }, of) => groups.flatMap((g) => g.points.filter((p) => p.count).map((p) => [dayOf(p.start), g.keys[0], ...of(p)]))
const trend = {
  name: 'trend by day and channel: events', times: 3,
  question: { kind: 'trend', ...range, of: 'type-2', unit: 'day', breakdown: [{ prop: 'channel' }] },
  reads: { 'type-2': [...keys, 'channel'] },
  rows: (answer) => points(answer, (p) => [p.count]),
  sql: { clickhouse: [byDay(intDiv, '')], duckdb: [byDay(slashes, '')] },
}
const trendOfPeople = {
  ...trend, name: 'trend by day and channel: events and people',
  question: { ...trend.question, figure: 'people' },
  rows: (answer) => points(answer, (p) => [p.count, p.people]),
  sql: {
    clickhouse: [byDay(intDiv, ', uniqExact(person)'), `SELECT day, channel, sum(n), count() FROM (SELECT ${intDiv('ms')} AS day, channel, person, count() AS n FROM {facts} WHERE type = 'type-2' GROUP BY day, channel, person) GROUP BY day, channel`],
    duckdb: [byDay(slashes, ', count(DISTINCT person)'), `SELECT day, channel, sum(n), count(*) FROM (SELECT ${slashes('ms')} AS day, channel, person, count(*) AS n FROM {facts} WHERE type = 'type-2' GROUP BY day, channel, person) GROUP BY day, channel`],
  },
}

export const questions = [funnel, brokenDown, retention, segment, mixed, trend, trendOfPeople, attribution]

/** One of each kind of leaf, as the segment builder asks for its count while somebody types: [what it is, condition]. */
export const leaves = [
  ['attribute: one of', { attr: 'city', in: ['上海', '杭州'] }],
  ['attribute: number', { attr: 'points', gte: 5000 }],
  ['attribute: text within', { attr: 'city', contains: '京' }],
  ['attribute: date, coming days', { attr: 'birthday', next: '7d' }],
  ['set', { set: 'tag', key: '12', is: true }],
  ['random part', { random: 10 }],
  ['event: whenever', { event: 'type-0' }],
  ['event: how often', { event: 'type-0', count: { gte: 3 }, within: '90d' }],
  ['event: with conditions', { event: 'type-0', count: { gte: 2 }, where: [{ prop: 'channel', eq: 'app' }, { prop: 'amount', gte: 10000 }] }],
  ['event: any of ten', { event: Array.from({ length: 10 }, (_, i) => `type-${i}`), count: { gte: 5 } }],
  ['event: sum', { event: 'type-0', sum: { prop: 'amount', gte: 100000 } }],
  ['event: average', { event: 'type-0', average: { prop: 'amount', gte: 25000 } }],
  ['event: highest', { event: 'type-0', max: { prop: 'amount', gte: 45000 } }],
  ['event: different values', { event: 'type-0', distinct: { prop: 'sku', gte: 3 } }],
  ['event: the first', { event: 'type-0', first: { prop: 'channel', eq: 'app' } }],
  ['event: the last', { event: 'type-0', last: { prop: 'channel', eq: 'app' } }],
  ['event: since another', { event: 'type-0', count: { gte: 2 }, since_event: { event: 'type-1' } }],
  ['sequence', { sequence: ['type-0', 'type-1', 'type-2'], within_each: '7d' }],
  ['sequence since another', { sequence: ['type-0', 'type-1'], since_event: { event: 'type-2' } }],
  ['not followed by', { event: 'type-0', not_followed_by: 'type-1', after: '1d' }],
]
