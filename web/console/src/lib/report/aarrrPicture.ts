/* The five stages as bars, beside the stretch before. */
import { say, type Words } from '@/i18n'
import { formatNumber, formatShare, formatShort } from '@/i18n/format'
import type { ChartOption } from '@/lib/chart'
import { signedShare, stageWords, type StageRow } from './aarrr'
import { token } from './colour'

const w = (zh: string, en: string): Words => ({ zh, en })
export function aarrrOption(rows: StageRow[], small = false): ChartOption {
  const compared = rows.some((r) => r.before !== null)
  const names = rows.map((r) => say(stageWords[r.key]))
  const now = say(w('本段', 'Now'))
  const then = say(w('上一段', 'Stretch before'))
  const label = (r: StageRow): string => formatNumber(r.people) + (r.change === null || small ? '' : `  ${signedShare(r.change)}`)
  return {
    aria: { enabled: false },
    legend: { show: compared && !small, top: 0, right: 0, data: [now, then] },
    grid: { left: 4, right: small ? 64 : 116, top: compared && !small ? 32 : 8, bottom: 4, containLabel: true },
    tooltip: { trigger: 'axis', confine: true, axisPointer: { type: 'shadow' }, formatter: (shown: Array<{ dataIndex: number }>) => {
      const r = rows[shown[0]?.dataIndex ?? 0]
      if (!r) return ''
      return [
        `${say(stageWords[r.key])} <b>${formatNumber(r.people)}</b>`,
        ...(r.before === null ? [] : [`${then} <b>${formatNumber(r.before)}</b>${r.change === null ? '' : ` · ${signedShare(r.change)}`}`]),
        ...(r.share === null ? [] : [say(w(`是上一阶段的 <b>${formatShare(r.share)}</b>`, `<b>${formatShare(r.share)}</b> of the stage before`))]),
      ].join('<br>')
    } },
    xAxis: { type: 'value', splitNumber: 4, axisLabel: { formatter: (v: number) => formatShort(v) } },
    yAxis: { type: 'category', inverse: true, data: names, axisLabel: { interval: 0 } },
    series: [
      { type: 'bar', name: now, data: rows.map((r) => r.people), color: token('chart-1'), barMaxWidth: 30, barGap: '15%', itemStyle: { borderRadius: [0, 3, 3, 0] }, label: { show: true, position: 'right', color: token('text-soft'), formatter: ({ dataIndex }: { dataIndex: number }) => label(rows[dataIndex]!) } },
      ...(compared ? [{ type: 'bar', name: then, data: rows.map((r) => r.before ?? 0), color: token('chart-8'), barMaxWidth: 12, itemStyle: { opacity: 0.45, borderRadius: [0, 3, 3, 0] } }] : []),
    ],
  }
}
