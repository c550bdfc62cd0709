/* RFM as a picture: for dashboards, and to be taken away. */
import { say, type Words } from '@/i18n'
import { formatNumber } from '@/i18n/format'
import type { ChartOption } from '@/lib/chart'
import { depths, rangeOf, SCORES } from '@/lib/rfm'
import { mixed, token } from './colour'
import { gridOf, measuresOf, type Rfm, type RfmAnswer } from './rfm'

const w = (zh: string, en: string): Words => ({ zh, en })
const nobody = w('无人', 'nobody')

export function rfmOption(x: Rfm, answer: RfmAnswer, small = false): ChartOption {
  const cells = gridOf(answer)
  const shade = x.value ? x.shade : 'people'
  const depth = depths(cells, shade)
  const measures = measuresOf(x)
  const name = (axis: 'r' | 'f', score: number): string => {
    const short = `${axis.toUpperCase()} ${score}`
    return small ? short : `${short}\n${rangeOf(measures[axis], axis, answer.cuts[axis], score) ?? say(nobody)}`
  }
  const worth = (i: number): string => (x.value ? measures.m.short(cells[i]!.worth) : '')
  const label = (i: number): string => {
    const c = cells[i]!
    if (!c.people) return ''
    if (small) return shade === 'worth' ? worth(i) : formatNumber(c.people)
    return [formatNumber(c.people), worth(i)].filter(Boolean).join('\n')
  }
  return {
    aria: { enabled: false },
    grid: { left: 4, right: 4, top: 4, bottom: 4, containLabel: true },
    tooltip: { trigger: 'item', confine: true, formatter: ({ dataIndex }: { dataIndex: number }) => {
      const c = cells[dataIndex]!
      return `R ${c.r} · F ${c.f}<br><b>${formatNumber(c.people)}</b>${x.value ? ` · <b>${measures.m.sum(c.worth)}</b>` : ''}`
    } },
    xAxis: { type: 'category', data: SCORES.map((s) => name('f', s)), axisLine: { show: false }, axisLabel: { interval: 0, lineHeight: 16 } },
    yAxis: { type: 'category', data: SCORES.map((s) => name('r', s)), axisLine: { show: false }, axisLabel: { interval: 0, lineHeight: 16 } },
    series: [{
      type: 'heatmap',
      data: cells.map((c, i) => ({ value: [c.f - 1, c.r - 1, c[shade]], itemStyle: { color: c.people ? mixed('surface', 'brand', depth[i]! / 100) : token('sunken'), borderColor: token('surface'), borderWidth: small ? 2 : 4 } })),
      label: { show: true, color: token('text'), lineHeight: small ? 14 : 18, formatter: ({ dataIndex }: { dataIndex: number }) => label(dataIndex) },
    }],
  }
}
