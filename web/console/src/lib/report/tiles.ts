/* Saved reports drawn small, for dashboards: of each kind which questions it asks, and its picture with the numbers that matter most.
 * The pages draw more; a kind without a row here is a link. */
import { say, type Words } from '@/i18n'
import { formatNumber, formatShare, formatShort } from '@/i18n/format'
import type { useCatalogue } from '@/lib/catalogue'
import type { ChartOption } from '@/lib/chart'
import { instantWords } from '@/lib/days'
import { aarrrIsWhole, aarrrPlan, readAarrr, signedShare, stageRows, stageWords, type Aarrr } from './aarrr'
import { aarrrOption } from './aarrrPicture'
import { activityIsWhole, activityQuestion, daysEach, netOf, partOf, parts, ratioOf, readActivity, spanOf, type Activity, type ActivityAnswer } from './activity'
import { activityOption } from './activityPicture'
import type { Answer } from './ask'
import { attributionIsWhole, attributionQuestion, channelName, modelNames, partOf as creditOf, readAttribution, type Attribution, type AttributionAnswer } from './attribution'
import { SERIES_MAX, token } from './colour'
import { funnelIsWhole, funnelQuestion, readFunnel, type Funnel, type FunnelAnswer } from './funnel'
import { propName } from './kinds'
import { endedWords, nodeName, pathsIsWhole, pathsQuestion, readPaths, type Paths, type PathsAnswer } from './paths'
import { cellName, readRetention, retentionIsWhole, retentionQuestion, type Cohort, type Retention, type RetentionAnswer } from './retention'
import { measuresOf, readRfm, rfmIsWhole, rfmQuestion, totalOf, type Rfm, type RfmAnswer } from './rfm'
import { rfmOption } from './rfmPicture'
import { safe } from './safe'
import { dividedBy, figureOf, measureName, readTrend, trendIsWhole, trendPlan, valueText, type Trend, type TrendAnswer, type TrendGroup } from './trend'
import type { Question } from './types'
import { amountText, groupName } from './values'
import { matchInWords } from './where'

type Book = ReturnType<typeof useCatalogue>
export interface Drawn {
  option: ChartOption
  /** In a sentence, for those who do not see it */
  says: string
  empty: boolean
  figures: Array<{ label: string; value: string }>
}
export interface Tile {
  /** What is asked of a saved report; null: it is not whole */
  questions(raw: Record<string, unknown>): Question[] | null
  draw(raw: Record<string, unknown>, answers: Answer<unknown>[], book: Book): Drawn
}
interface Kind<S, R> {
  read(raw: Record<string, unknown>): S
  whole(state: S): boolean
  questions(state: S): Question[]
  draw(state: S, answers: Answer<R>[], book: Book): Omit<Drawn, 'says'>
}
const w = (zh: string, en: string): Words => ({ zh, en })
function tile<S, R>(kind: Kind<S, R>): Tile {
  return {
    questions: (raw) => (kind.whole(kind.read(raw)) ? kind.questions(kind.read(raw)) : null),
    draw: (raw, answers, book) => {
      const drawn = kind.draw(kind.read(raw), answers as Answer<R>[], book)
      return { ...drawn, says: drawn.figures.map((f) => `${f.label} ${f.value}`).join(say(w('，', ', '))) }
    },
  }
}
const share = (part: number, whole: number): string => (whole ? formatShare(part / whole) : '—')
const grid = { left: 4, right: 12, top: 28, bottom: 4, containLabel: true }
const axis = (text: (v: number) => string): object => ({ type: 'value', splitNumber: 3, axisLabel: { formatter: text } })

const funnel = tile<Funnel, FunnelAnswer>({
  read: readFunnel,
  whole: funnelIsWhole,
  questions: (f) => [{ ...funnelQuestion(f), breakdown: undefined }],
  draw(f, [answer], book) {
    const reached = answer!.result.groups[0]?.steps.map((s) => s.reached) ?? []
    const names = f.steps.map((m, i) => `${i + 1}. ${matchInWords(m, book)}`)
    const [first, last] = [reached[0] ?? 0, reached.at(-1) ?? 0]
    return {
      empty: !first,
      figures: [{ label: say(w('走完全程', 'All the way')), value: share(last, first) }, { label: say(w('第一步', 'First step')), value: formatNumber(first) }],
      option: {
        aria: { enabled: false }, grid: { ...grid, top: 8, right: 52 },
        tooltip: { trigger: 'axis', confine: true, axisPointer: { type: 'shadow' }, formatter: ([p]: Array<{ dataIndex: number }>) => `${safe(names[p!.dataIndex]!)}<br><b>${formatNumber(reached[p!.dataIndex]!)}</b> · ${share(reached[p!.dataIndex]!, first)}` },
        // Lying, since names of steps are long and tiles narrow.
        xAxis: axis(formatShort),
        yAxis: { type: 'category', inverse: true, data: names, axisLabel: { interval: 0, width: 110, overflow: 'truncate' } },
        series: [{ type: 'bar', data: reached, color: token('chart-1'), barMaxWidth: 28, itemStyle: { borderRadius: [0, 3, 3, 0] }, label: { show: true, position: 'right', color: token('text-soft'), formatter: ({ dataIndex }: { dataIndex: number }) => share(reached[dataIndex]!, first) } }],
      },
    }
  },
})

const retention = tile<Retention, RetentionAnswer>({
  read: readRetention,
  whole: retentionIsWhole,
  questions: (r) => [{ ...retentionQuestion(r), breakdown: undefined }],
  draw(r, [answer]) {
    const c: Cohort | undefined = answer!.result.groups[0]?.overall
    const rate = (i: number): number | null => (c?.base[i] ? c.cells[i]! / c.base[i]! : null)
    const text = (v: number | null | undefined): string => (v == null ? '—' : r.value ? amountText(r.value, Math.round(v)) : formatShare(v))
    const cells = Array.from({ length: r.periods }, (_, i) => cellName(r, i))
    const last = (c?.base ?? []).findLastIndex((b) => b > 0)
    return {
      empty: !c?.people,
      figures: [1, last].filter((i, n) => i >= 1 && (n === 0 || i > 1)).map((i) => ({ label: cellName(r, i), value: text(rate(i)) })),
      option: {
        aria: { enabled: false }, grid,
        tooltip: { trigger: 'axis', confine: true, valueFormatter: (v: unknown) => text(typeof v === 'number' ? v : null) },
        xAxis: { type: 'category', data: cells, axisLabel: { hideOverlap: true } },
        yAxis: { max: !r.value && cells.some((_, i) => (rate(i) ?? 0) > 0.8) ? 1 : undefined, ...axis((v) => (r.value ? formatShort(r.value.endsWith('_fen') ? v / 100 : v) : formatShare(v, 0))) },
        series: [{ type: 'line', name: say(w('整体', 'Overall')), data: cells.map((_, i) => rate(i)), color: token('chart-1'), showSymbol: true, smooth: 0.2, areaStyle: { opacity: 0.12 } }],
      },
    }
  },
})

const trend = tile<Trend, TrendAnswer>({
  read: (raw) => ({ ...readTrend(raw), marks: false }),
  whole: trendIsWhole,
  questions: (t) => trendPlan(t).questions,
  draw(t, answers, book) {
    const plan = trendPlan(t).parts
    const groups = (part: (typeof plan)[number]): TrendGroup[] => answers[plan.indexOf(part)]?.result.groups ?? []
    const upto = answers[0]!.upto_at
    const valuesOf = (g: TrendGroup, over: TrendGroup[]): { values: Array<number | null>; total: number | null } => {
      const other = over.find((o) => JSON.stringify(o.keys) === JSON.stringify(g.keys))
      const value = (p: TrendGroup['total'] | undefined, q: TrendGroup['total'] | undefined): number | null => (t.over ? dividedBy(figureOf(t.figure, p), figureOf(t.over.figure, q)) : figureOf(t.figure, p))
      return { values: g.points.map((p, i) => (p.start > upto ? null : value(p, other?.points[i]))), total: value(g.total, other?.total) }
    }
    const name = measureName(t, book)
    const nameOf = (g: TrendGroup): string => (t.breakdown.length ? t.breakdown.map((b, i) => groupName(b, g.keys[i] ?? null, book)).join(' · ') : name)
    const now = groups('main').slice(0, SERIES_MAX).map((g) => ({ name: nameOf(g), ...valuesOf(g, groups('over')) }))
    const [then] = groups('before').map((g) => valuesOf(g, groups('beforeOver')))
    const starts = groups('main')[0]?.points.map((p) => p.start) ?? []
    const total = now[0]?.total ?? null
    const change = then?.total && total !== null ? (total - then.total) / Math.abs(then.total) : null
    const parts_: Intl.DateTimeFormatOptions = t.unit === 'month' ? { year: 'numeric', month: 'short' } : t.unit === 'hour' ? { month: 'numeric', day: 'numeric', hour: '2-digit' } : { month: 'short', day: 'numeric' }
    const line = (values: Array<number | null>, more: object): object => ({ type: t.shape === 'bar' ? 'bar' : 'line', data: values, barMaxWidth: 30, connectNulls: false, ...more })
    return {
      empty: !now.some((s) => s.values.some((v) => v)),
      figures: t.breakdown.length ? [] : [{ label: name, value: valueText(t, total) }, ...(change === null ? [] : [{ label: say(w('与上一段相比', 'Against the stretch before')), value: signedShare(change) }])],
      option: {
        aria: { enabled: false }, grid,
        legend: { show: t.breakdown.length > 0, type: 'scroll', top: 0 },
        tooltip: { trigger: 'axis', confine: true, valueFormatter: (v: unknown) => valueText(t, typeof v === 'number' ? v : null) },
        xAxis: { type: 'category', data: starts.map((s) => instantWords(s, parts_)), boundaryGap: t.shape === 'bar', axisLabel: { hideOverlap: true } },
        yAxis: axis((v) => valueText(t, v, true)),
        series: [
          ...now.map((s, i) => line(s.values, { name: s.name, color: token(`chart-${i + 1}`), lineStyle: { width: 2 } })),
          ...(then ? [line(then.values, { name: say(w('上一段', 'Stretch before')), color: token('chart-8'), lineStyle: { width: 1.4, type: 'dashed', opacity: 0.8 }, itemStyle: { opacity: 0.55 } })] : []),
        ],
      },
    }
  },
})

const activity = tile<Activity, ActivityAnswer>({
  read: readActivity,
  whole: activityIsWhole,
  questions: (a) => [{ ...activityQuestion(a), breakdown: undefined }],
  draw(a, [answer]) {
    const group = answer!.result.groups[0] ?? { people: 0, points: [] }
    const last = group.points.findLast((p) => p.complete) ?? group.points.at(-1)
    const net = last ? netOf(last) : 0
    const each = daysEach(group.days ?? [])
    const ratio = last ? ratioOf(last) : null
    return {
      empty: !group.people,
      figures: a.kind === 'life'
        ? [{ label: say(w('活跃', 'Active')), value: formatNumber(last?.active ?? 0) }, { label: say(parts[1]!.name), value: formatNumber(partOf(last, 'new')) }, { label: say(w('净增', 'Net')), value: `${net > 0 ? '+' : ''}${formatNumber(net)}` }]
        : [{ label: say(w('粘性', 'Stickiness')), value: ratio === null ? '—' : formatShare(ratio) }, { label: say(w('人均活跃', 'Active on average')), value: each === null ? '—' : `${formatNumber(each, 1)} / ${spanOf(a.unit, a.window)}` }],
      option: activityOption(a, group, true),
    }
  },
})

const aarrr = tile<Aarrr, unknown>({
  read: readAarrr,
  whole: aarrrIsWhole,
  questions: (a) => aarrrPlan(a).questions,
  draw(a, answers) {
    const rows = stageRows(a, answers)
    return {
      empty: !rows.some((r) => r.people || r.before),
      figures: rows.slice(0, 3).map((r) => ({ label: say(stageWords[r.key]), value: r.change === null ? formatNumber(r.people) : `${formatNumber(r.people)} (${signedShare(r.change)})` })),
      option: aarrrOption(rows, true),
    }
  },
})

const BARS = 7
/** Bars that lie, each with its share of the whole. */
const shares = (rows: Array<{ name: string; share: number; colour: string; tip: string }>): ChartOption => ({
  aria: { enabled: false }, grid: { ...grid, top: 8, right: 52 },
  tooltip: { trigger: 'axis', confine: true, axisPointer: { type: 'shadow' }, formatter: ([p]: Array<{ dataIndex: number }>) => `${safe(rows[p!.dataIndex]!.name)}<br><b>${safe(rows[p!.dataIndex]!.tip)}</b>` },
  xAxis: { max: rows.some((r) => r.share > 0.8) ? 1 : undefined, ...axis((v) => formatShare(v, 0)) },
  yAxis: { type: 'category', inverse: true, data: rows.map((r) => r.name), axisLabel: { interval: 0, width: 110, overflow: 'truncate' } },
  series: [{ type: 'bar', barMaxWidth: 22, itemStyle: { borderRadius: [0, 3, 3, 0] }, data: rows.map((r) => ({ value: r.share, itemStyle: { color: r.colour } })), label: { show: true, position: 'right', color: token('text-soft'), formatter: ({ value }: { value: number }) => formatShare(value) } }],
})

/** The first step of a path, which says most: all of them are on the page. */
const paths = tile<Paths, PathsAnswer>({
  read: readPaths,
  whole: pathsIsWhole,
  questions: (p) => [pathsQuestion(p)],
  draw(p, [answer], book) {
    const { paths: all, people, levels } = answer!.result
    const next = levels[1]?.nodes ?? []
    const ended = (levels[0]?.nodes ?? []).reduce((sum, n) => sum + n.ends, 0)
    const row = (name: string, n: number, colour: string) => ({ name, share: all ? n / all : 0, colour: token(colour), tip: `${formatNumber(n)} · ${share(n, all)}` })
    return {
      empty: !all,
      figures: [{ label: say(w('人数', 'People')), value: formatNumber(people) }, { label: say(p.end === 'from' ? w('之后还做了别的', 'Did more after it') : w('之前还做过别的', 'Did more before it')), value: share(all - ended, all) }],
      option: shares([...next.slice(0, BARS).map((n) => row(nodeName(p, n, book), n.paths, 'chart-1')), ...(ended ? [row(say(endedWords[p.end]), ended, 'control')] : [])]),
    }
  },
})

const attribution = tile<Attribution, AttributionAnswer>({
  read: readAttribution,
  whole: attributionIsWhole,
  questions: (a) => [attributionQuestion(a)],
  draw(a, [answer], book) {
    const { conversions, channels } = answer!.result
    const most = [...channels].sort((x, y) => creditOf(y, a.model, 'share') - creditOf(x, a.model, 'share')).slice(0, BARS)
    return {
      empty: !channels.length,
      figures: [{ label: say(w('有触点的转化', 'Conversions with touches')), value: formatNumber(conversions) }, { label: say(w('模型', 'Model')), value: say(modelNames[a.model]) }],
      option: shares(most.map((c) => ({ name: channelName(a, c, book), share: creditOf(c, a.model, 'share'), colour: token('chart-1'), tip: `${formatNumber(creditOf(c, a.model, 'conversions'), 1)} · ${formatShare(creditOf(c, a.model, 'share'))}` }))),
    }
  },
})

const rfm = tile<Rfm, RfmAnswer>({
  read: readRfm,
  whole: rfmIsWhole,
  questions: (x) => [rfmQuestion(x)],
  draw(x, [answer]) {
    const { result } = answer!
    return {
      empty: !result.people,
      figures: [{ label: say(w('打了分的人', 'People scored')), value: formatNumber(result.people) }, ...(x.value ? [{ label: propName(x.value), value: measuresOf(x).m.sum(totalOf(result, 'value')) }] : [])],
      option: rfmOption(x, result, true),
    }
  },
})

export const tiles: Record<string, Tile> = { funnel, retention, trend, life: activity, stickiness: activity, aarrr, paths, attribution, rfm }
