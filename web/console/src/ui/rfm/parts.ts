import type { RouteLocationRaw } from 'vue-router'

/** A part of the people who have scores: a tier, a class. */
export interface RfmPart {
  key: string
  name: string
  color: string
  people: number
  share: number | null
  /** In words: which share of what all are worth, and how much it is */
  ofWorth?: string
  worth?: string
  note?: string
  letters?: Array<{ letter: string; high: boolean }>
  to?: RouteLocationRaw | null
  /** What the name leads to */
  link?: string
}
/** "101": whether R, F and M are above the mean. */
export const lettersOf = (key: string): Array<{ letter: string; high: boolean }> => [...key].map((d, i) => ({ letter: 'RFM'[i]!, high: d === '1' }))
