// Attribution for bench/engine.mjs: last touch and Markov removal. The peers count touches and steps from channel to channel; what is
// left, a chain of a few states, is solved here for both. A touch is a step of every conversion it leads to: from the touch before it
// where that is in the window, too, else from the start.
const DAY = 86400000
const START = 1767196800000
const SINCE = START + 31 * DAY // 2026-02-01
const WINDOW = 30 * DAY

const ROUNDED = 1e6
const rounded = (x) => Math.round(x * ROUNDED) / ROUNDED

/** P(conversion) with steps { from: { to: n } } when `without` leads nowhere: x = Qx + b, by elimination. */
function probability(steps, channels, without) {
  const states = ['start', ...channels.filter((c) => c !== without)]
  const rows = states.map((from) => {
    const out = steps[from] ?? {}
    const all = Object.values(out).reduce((a, b) => a + b, 0) || 1
    return [...states.map((to) => (to === from ? 1 : 0) - (out[to] ?? 0) / all), (out.conversion ?? 0) / all]
  })
  for (let i = 0; i < rows.length; i++)
    for (let k = 0; k < rows.length; k++) {
      const by = k !== i && rows[k][i] / rows[i][i]
      if (by) rows[k] = rows[k].map((v, c) => v - by * rows[i][c])
    }
  return rows[0].at(-1) / rows[0][0]
}

/** Rows [channel, conversions by last touch, by Markov] of steps [from, to, n]. */
export function credits(rows) {
  const steps = {}
  for (const [from, to, n] of rows) (steps[from] ??= {})[to] = ((steps[from] ?? {})[to] ?? 0) + Number(n)
  const channels = [...new Set(rows.map(([, to]) => to).filter((to) => to !== 'conversion' && to !== 'lost'))]
  const conversions = channels.reduce((sum, c) => sum + (steps[c]?.conversion ?? 0), 0)
  const whole = probability(steps, channels)
  const effects = channels.map((c) => 1 - probability(steps, channels, c) / whole)
  const sum = effects.reduce((a, b) => a + b, 0)
  return channels.map((c, i) => [c, steps[c]?.conversion ?? 0, rounded((conversions * effects[i]) / sum)])
}

const touches = (lag, start) => `SELECT person, ms AS touched, channel, ${lag} AS touched_before, ${start} AS before FROM {facts} WHERE type = 'type-0' AND ms >= ${SINCE - WINDOW}`
const conversions = `SELECT person, ms, seq FROM {facts} WHERE type = 'type-1' AND ms >= ${SINCE}`
/** Steps of paths that convert, their last touches, then the same of those who never do. */
const steps = (text, known) => `WITH t AS (${known}), c AS (${conversions}),
  lost AS (SELECT t.* FROM t WHERE touched >= ${SINCE} AND person NOT IN (SELECT person FROM c))
  SELECT if_before, went, sum(n) FROM (
    SELECT CASE WHEN t.touched_before >= c.ms - ${WINDOW} THEN ${text('t.before')} ELSE 'start' END AS if_before, ${text('t.channel')} AS went, count(*) AS n
      FROM c JOIN t ON c.person = t.person WHERE t.touched < c.ms AND t.touched >= c.ms - ${WINDOW} GROUP BY if_before, went
    UNION ALL SELECT ${text('t.channel')}, 'conversion', count(*) FROM c ASOF JOIN t ON c.person = t.person AND c.ms > t.touched WHERE t.touched >= c.ms - ${WINDOW} GROUP BY 1
    UNION ALL SELECT CASE WHEN touched_before >= ${SINCE} THEN ${text('before')} ELSE 'start' END AS b, ${text('channel')} AS w, count(*) FROM lost GROUP BY b, w
    UNION ALL SELECT ${text('last_channel')}, 'lost', count(*) FROM (SELECT person, arg_max(channel, touched) AS last_channel FROM lost GROUP BY person) x GROUP BY 1
  ) s GROUP BY if_before, went`

const over = 'OVER (PARTITION BY person ORDER BY ms, seq)'
const clickhouse = steps((c) => `toString(${c})`, touches('lagInFrame(ms, 1, 0) ' + over, 'lagInFrame(channel) ' + over)).replaceAll('arg_max', 'argMax')
const duckdb = steps((c) => `CAST(${c} AS VARCHAR)`, touches('lag(ms, 1, 0) ' + over, 'lag(channel) ' + over))

export const attribution = {
  name: 'attribution: last touch and Markov, 30 days', times: 8,
  question: { kind: 'attribution', since: '2026-02-01', until: '2026-04-01', touch: 'type-0', channel: 'channel', conversion: 'type-1', window: '30d',
    models: ['last', 'markov'], listed: 0 },
  reads: { 'type-0': ['who', 'time', 'channel'], 'type-1': ['who', 'time'] },
  rows: ({ channels }) => channels.map((c) => [c.key, Math.round(c.credits.last.conversions), rounded(c.credits.markov.conversions)]),
  peer_rows: credits,
  sql: { clickhouse: [clickhouse], duckdb: [duckdb] },
}
