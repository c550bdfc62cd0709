/* Which days are out of the ordinary: outside the band of the same weekday of the eight weeks before, mean ± two standard deviations
 * of the population of those values. A band needs four of them; days that are unusual themselves count in later bands like any other. */

export interface Band {
  low: number
  high: number
  mean: number
}
const WEEK = 7
export const WEEKS = 8
const LEAST = 4
const DEVIATIONS = 2

/** Of the day at `at` in values of consecutive days; null where nothing is known. */
export function bandOf(values: Array<number | null>, at: number): Band | null {
  const before: number[] = []
  for (let weeks = 1; weeks <= WEEKS; weeks++) {
    const v = values[at - weeks * WEEK]
    if (typeof v === 'number') before.push(v)
  }
  if (before.length < LEAST) return null
  const mean = before.reduce((sum, v) => sum + v, 0) / before.length
  const deviation = Math.sqrt(before.reduce((sum, v) => sum + (v - mean) ** 2, 0) / before.length)
  return { low: mean - DEVIATIONS * deviation, high: mean + DEVIATIONS * deviation, mean }
}

export interface Anomaly {
  at: number
  value: number
  band: Band
}
export function anomalies(values: Array<number | null>, from = 0): Anomaly[] {
  const found: Anomaly[] = []
  for (let at = from; at < values.length; at++) {
    const value = values[at]
    const band = bandOf(values, at)
    // What a computer adds up differently is no difference.
    const slack = band ? Math.abs(band.mean) * 1e-9 : 0
    if (typeof value === 'number' && band && (value < band.low - slack || value > band.high + slack)) found.push({ at, value, band })
  }
  return found
}
