/* Life cycle and stickiness as pictures. */
import { say, type Words } from '@/i18n'
import { formatShare, formatShort } from '@/i18n/format'
import type { ChartOption } from '@/lib/chart'
import { activeName, bold, daysPeople, daysShown, identity, parts, partOf, periodLong, periodName, pointAt, ratioOf, recentName, spanOf, type Activity, type ActivityGroup, type ActivityPoint } from './activity'
import { SERIES_MAX, token } from './colour'
import { safe } from './safe'

const w = (zh: string, en: string): Words => ({ zh, en })
const tail = (p: ActivityPoint): string => (p.complete ? '' : ` · ${say(w('进行中', 'still running'))}`)

/** What the people of each point are; `short` stands at the bars, `long` over what is said of them. Bars lie where their names are long. */
function stacks(points: ActivityPoint[], short: (at: number) => string, long: (at: number) => string, { small = false, lying = false } = {}): ChartOption {
  const names = { type: 'category', data: points.map((_, at) => short(at)), axisLine: { onZero: true } }
  const figures = { type: 'value', splitNumber: small ? 3 : 4, axisLabel: { formatter: (v: number) => formatShort(Math.abs(v)) } }
  const quiet = lying ? [3, 0, 0, 3] : [0, 0, 3, 3]
  return {
    aria: { enabled: false },
    legend: { show: true, top: 0, type: 'scroll', data: parts.map((p) => say(p.name)) },
    grid: { left: 4, right: 12, top: small ? 30 : 40, bottom: 4, containLabel: true },
    tooltip: { trigger: 'axis', confine: true, axisPointer: { type: 'shadow' }, formatter: (shown: Array<{ dataIndex: number }>) => {
      const at = shown[0]?.dataIndex ?? 0
      const p = points[at]
      return p ? [safe(long(at)) + tail(p), ...identity(p)].join('<br>') : ''
    } },
    xAxis: lying ? figures : { ...names, axisLabel: { hideOverlap: true } },
    yAxis: lying ? { ...names, inverse: true, axisLine: { show: false }, axisLabel: { interval: 0, width: 110, overflow: 'truncate' } } : figures,
    series: parts.map((part) => ({
      type: 'bar', name: say(part.name), stack: 'life', barMaxWidth: 44, color: token(part.colour),
      data: points.map((p) => ({ value: part.down ? -partOf(p, part.as) : partOf(p, part.as), itemStyle: { opacity: p.complete ? 1 : 0.5, borderRadius: part.down ? quiet : 0 } })),
    })),
  }
}
export const lifeOption = (a: Activity, { points }: ActivityGroup, small = false): ChartOption => stacks(points, (at) => periodName(a.unit, points[at]!.start), (at) => periodLong(a.unit, points[at]!.start), { small })

export function daysOption(a: Activity, group: ActivityGroup, small = false): ChartOption {
  const days = daysShown(group)
  const all = days.reduce((sum, n) => sum + n, 0) || 1
  const names = days.map((_, i) => spanOf(a.unit, i + 1))
  return {
    aria: { enabled: false },
    grid: { left: 4, right: 12, top: 24, bottom: 4, containLabel: true },
    tooltip: { trigger: 'axis', confine: true, axisPointer: { type: 'shadow' }, formatter: (shown: Array<{ dataIndex: number }>) => {
      const i = shown[0]?.dataIndex ?? 0
      return `${names[i]}<br>${bold(days[i] ?? 0)} · ${formatShare((days[i] ?? 0) / all)}`
    } },
    xAxis: { type: 'category', data: names, axisLabel: { hideOverlap: true } },
    yAxis: { type: 'value', splitNumber: small ? 3 : 4, minInterval: 1, axisLabel: { formatter: (v: number) => formatShort(v) } },
    series: [{
      type: 'bar', name: say(w('人数', 'People')), data: days, color: token('chart-1'), barMaxWidth: 56,
      label: { show: !small && days.length <= 14, position: 'top', color: token('text-soft'), formatter: ({ dataIndex }: { dataIndex: number }) => (days[dataIndex] ? formatShare(days[dataIndex]! / all) : '') },
    }],
  }
}
export function courseOption(a: Activity, group: ActivityGroup, small = false): ChartOption {
  const { points } = group
  const ratio = say(w('粘性', 'Stickiness'))
  return {
    aria: { enabled: false },
    legend: { show: true, top: 0, type: 'scroll' },
    grid: { left: 4, right: 4, top: small ? 30 : 40, bottom: 4, containLabel: true },
    tooltip: { trigger: 'axis', confine: true, formatter: (shown: Array<{ dataIndex: number }>) => {
      const p = points[shown[0]?.dataIndex ?? 0]
      if (!p) return ''
      const r = ratioOf(p)
      return [periodLong(a.unit, p.start) + tail(p), `${activeName(a.unit)} ${bold(p.active)}`, `${recentName(a)} ${bold(p.recent ?? 0)}`, `${ratio} <b>${r === null ? '—' : formatShare(r)}</b>`].join('<br>')
    } },
    xAxis: { type: 'category', data: points.map((p) => periodName(a.unit, p.start)), axisLabel: { hideOverlap: true } },
    // Those of the window are many more than those of a day: they stand in the tooltip and the table.
    yAxis: [
      { type: 'value', splitNumber: small ? 3 : 4, minInterval: 1, axisLabel: { formatter: (v: number) => formatShort(v) } },
      { type: 'value', splitNumber: small ? 3 : 4, min: 0, splitLine: { show: false }, axisLabel: { formatter: (v: number) => formatShare(v, 0) } },
    ],
    series: [
      { type: 'bar', name: activeName(a.unit), data: points.map((p) => ({ value: p.active, itemStyle: { opacity: p.complete ? 1 : 0.5 } })), color: token('chart-1'), barMaxWidth: 32 },
      // What still goes on would look like a fall.
      { type: 'line', name: ratio, yAxisIndex: 1, data: points.map((p) => (p.complete ? ratioOf(p) : null)), color: token('chart-2'), lineStyle: { width: 2.4 } },
    ],
  }
}
export const activityOption = (a: Activity, group: ActivityGroup, small = false): ChartOption => (a.kind === 'life' ? lifeOption : a.shape === 'days' ? daysOption : courseOption)(a, group, small)

export interface Named {
  name: string
  group: ActivityGroup
}
/** Lines of shares, one of each group. */
const WHOLE = 0.8 // from here on the axis ends with the whole
const lines = (some: Named[], at: string[], share: (group: ActivityGroup, at: number) => number | null): ChartOption => ({
  aria: { enabled: false },
  legend: { show: true, top: 0, type: 'scroll' },
  grid: { left: 4, right: 16, top: 40, bottom: 4, containLabel: true },
  tooltip: { trigger: 'axis', confine: true, valueFormatter: (v: unknown) => (typeof v === 'number' ? formatShare(v) : '—') },
  xAxis: { type: 'category', data: at, axisLabel: { hideOverlap: true } },
  yAxis: { type: 'value', splitNumber: 4, min: 0, max: some.some(({ group }) => at.some((_, n) => (share(group, n) ?? 0) > WHOLE)) ? 1 : undefined, axisLabel: { formatter: (v: number) => formatShare(v, 0) } },
  series: some.map(({ name, group }, i) => ({ type: 'line', name, color: token(`chart-${i + 1}`), data: at.map((_, n) => share(group, n)), showSymbol: at.length <= 14 })),
})
/** Groups beside each other: of a life cycle as they are in the period that begins at `start`. */
export function besideOption(a: Activity, all: Named[], start: string): ChartOption {
  const some = all.slice(0, SERIES_MAX)
  if (a.kind === 'life') {
    const there = some.flatMap(({ name, group }) => {
      const point = pointAt(group, start)
      return point ? [{ name, point }] : []
    })
    return stacks(there.map((g) => g.point), (at) => there[at]!.name, (at) => `${there[at]!.name} · ${periodLong(a.unit, start)}`, { lying: true })
  }
  if (a.shape === 'days') {
    const most = Math.max(0, ...some.map(({ group }) => daysShown(group).length))
    return lines(some, Array.from({ length: most }, (_, i) => spanOf(a.unit, i + 1)), (group, at) => (daysPeople(group) ? (group.days?.[at] ?? 0) / daysPeople(group) : null))
  }
  const points = some[0]?.group.points ?? []
  // What still goes on would look like a fall.
  return lines(some, points.map((p) => periodName(a.unit, p.start)), (group, at) => {
    const p = group.points[at]
    return p?.complete ? ratioOf(p) : null
  })
}
