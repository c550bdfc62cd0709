/* Life cycle and stickiness as pictures. */
import { say, type Words } from '@/i18n'
import { formatShare, formatShort } from '@/i18n/format'
import type { ChartOption } from '@/lib/chart'
import { activeName, bold, daysShown, identity, parts, partOf, periodLong, periodName, ratioOf, recentName, spanOf, type Activity, type ActivityGroup, type ActivityPoint } from './activity'
import { token } from './colour'

const w = (zh: string, en: string): Words => ({ zh, en })
const tail = (p: ActivityPoint): string => (p.complete ? '' : ` · ${say(w('进行中', 'still running'))}`)

export function lifeOption(a: Activity, group: ActivityGroup, small = false): ChartOption {
  const { points } = group
  return {
    aria: { enabled: false },
    legend: { show: true, top: 0, type: 'scroll', data: parts.map((p) => say(p.name)) },
    grid: { left: 4, right: 12, top: small ? 30 : 40, bottom: 4, containLabel: true },
    tooltip: { trigger: 'axis', confine: true, axisPointer: { type: 'shadow' }, formatter: (shown: Array<{ dataIndex: number }>) => {
      const p = points[shown[0]?.dataIndex ?? 0]
      return p ? [periodLong(a.unit, p.start) + tail(p), ...identity(p)].join('<br>') : ''
    } },
    xAxis: { type: 'category', data: points.map((p) => periodName(a.unit, p.start)), axisLabel: { hideOverlap: true }, axisLine: { onZero: true } },
    yAxis: { type: 'value', splitNumber: small ? 3 : 4, axisLabel: { formatter: (v: number) => formatShort(Math.abs(v)) } },
    series: parts.map((part) => ({
      type: 'bar', name: say(part.name), stack: 'life', barMaxWidth: 44, color: token(part.colour),
      data: points.map((p) => ({ value: part.down ? -partOf(p, part.as) : partOf(p, part.as), itemStyle: { opacity: p.complete ? 1 : 0.5, borderRadius: part.down ? [0, 0, 3, 3] : 0 } })),
    })),
  }
}

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
