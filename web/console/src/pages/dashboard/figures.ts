/* What the tiles show, and how a value of a unit is written. */
import type { DashboardFigure, FigureDefinition } from '@api/client.mjs'
import { formatMoney, formatNumber, formatShare, formatShort } from '@/i18n/format'

export type FigureKey = DashboardFigure['key']
export type Unit = FigureDefinition['unit']
/** A figure, what it means, in the language of the console */
export interface Shown extends DashboardFigure {
  unit: Unit
  name: string
  definition: string
}

/** The large tiles; all others follow in the order of their definitions. */
export const large: FigureKey[] = ['sales', 'orders', 'buyers', 'new_customers']
/** Of which less is better; of those not named here, more is. */
export const lessIsBetter: FigureKey[] = ['refunds', 'lost_customers', 'non_member_share']

const WHOLE_FROM_FEN = 1_000_000 // an amount of which nobody reads the cents
export const unitText: Record<Unit, (value: number) => string> = {
  count: (v) => formatNumber(v),
  money_fen: (v) => formatMoney(Math.round(v), { whole: Math.abs(v) >= WHOLE_FROM_FEN || v % 100 === 0 }),
  share: (v) => formatShare(v),
}
export const figureText = (unit: Unit, value: number | null): string => (value === null ? '—' : unitText[unit](value))
/** On an axis, where there is no room. */
export const axisText: Record<Unit, (value: number) => string> = {
  count: (v) => formatShort(v),
  money_fen: (v) => formatShort(v / 100),
  share: (v) => formatShare(v, 0),
}
