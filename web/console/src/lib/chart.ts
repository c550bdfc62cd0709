/* ECharts with the parts that Hetang's pages draw with, and our tokens as its theme. Loaded by ui/Chart.vue when a page draws; a
 * page that needs another kind of chart adds it here. */
import { BarChart, FunnelChart, HeatmapChart, LineChart, PieChart, SankeyChart, ScatterChart } from 'echarts/charts'
import { AriaComponent, DatasetComponent, DataZoomComponent, GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, MarkPointComponent, TitleComponent, TooltipComponent, VisualMapComponent } from 'echarts/components'
import { init, use, type EChartsCoreOption, type EChartsType } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'

use([BarChart, FunnelChart, HeatmapChart, LineChart, PieChart, SankeyChart, ScatterChart])
use([AriaComponent, DatasetComponent, DataZoomComponent, GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, MarkPointComponent, TitleComponent, TooltipComponent, VisualMapComponent, CanvasRenderer])

export type { EChartsCoreOption as ChartOption, EChartsType }

/** The theme of this moment, out of the custom properties. */
export function chartTheme(): object {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim()
  const axis = {
    axisLine: { lineStyle: { color: token('line') } },
    axisTick: { show: false },
    axisLabel: { color: token('text-faint'), fontSize: 12 },
    splitLine: { lineStyle: { color: token('line') } },
    nameTextStyle: { color: token('text-faint') },
  }
  return {
    color: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => token(`chart-${n}`)),
    backgroundColor: 'transparent',
    textStyle: { fontFamily: token('font'), color: token('text-soft') },
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: { ...axis, axisLine: { show: false } },
    timeAxis: { ...axis, splitLine: { show: false } },
    logAxis: axis,
    legend: { textStyle: { color: token('text-soft') }, inactiveColor: token('control'), itemWidth: 14, itemHeight: 8, icon: 'roundRect' },
    tooltip: {
      backgroundColor: token('raised'), borderColor: token('line'), borderWidth: 1, padding: [8, 12], textStyle: { color: token('text'), fontSize: 13 },
      // The shadow lies over the bars: what is pointed at must be seen through it.
      axisPointer: { lineStyle: { color: token('control') }, shadowStyle: { color: token('text-faint'), opacity: 0.12 } },
    },
    title: { textStyle: { color: token('text-faint'), fontSize: 13, fontWeight: 400 } },
    line: { symbol: 'circle', symbolSize: 6, showSymbol: false, lineStyle: { width: 2 } },
    bar: { itemStyle: { borderRadius: [3, 3, 0, 0] } },
    visualMap: { textStyle: { color: token('text-faint') }, inRange: { color: [token('brand-soft'), token('brand')] } },
    grid: { left: 8, right: 16, top: 40, bottom: 8, containLabel: true },
  }
}

export function draw(element: HTMLElement): EChartsType {
  return init(element, chartTheme(), { renderer: 'canvas' })
}

/** What is on the page as something else than a chart, as a picture to be taken away: a PNG (a data URL). */
export function imageOf(option: EChartsCoreOption, width: number, height: number): string {
  const chart = init(document.createElement('div'), chartTheme(), { renderer: 'canvas', width, height })
  chart.setOption({ ...option, animation: false })
  const image = pngOf(chart)
  chart.dispose()
  return image
}
export const pngOf = (chart: EChartsType): string => chart.getDataURL({ type: 'png', pixelRatio: 2, backgroundColor: getComputedStyle(document.documentElement).getPropertyValue('--surface').trim() })
