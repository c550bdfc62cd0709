/* Which values stand out among those of a segment. */

export interface Trait {
  attr?: string
  set?: string
  value: string | number | boolean
  /** In the segment, and of everybody */
  people: number
  all: number
}
export interface Standing extends Trait {
  /** Shares */
  here: number
  there: number
  /** How many times as large the share is here */
  lift: number
}
/** Standard errors beyond which a difference is hardly by chance. */
const SURE = 2

/**
 * The values of one attribute or family of sets whose share differs from what it is of everybody by more than chance would make it,
 * the most surely different first, and larger shares before smaller ones.
 */
export function standingOut(answer: { people: number; all: number; values: Trait[] }, key: string, most: number): Standing[] {
  const { people, all } = answer
  if (!people || !all) return []
  const rows = answer.values.filter((v) => (v.attr ?? v.set) === key).map((v) => {
    const [here, there] = [v.people / people, v.all / all]
    const error = Math.sqrt((there * (1 - there)) / people)
    return { ...v, here, there, lift: there ? here / there : 1, z: error ? (here - there) / error : 0 }
  })
  return rows.filter((r) => Math.abs(r.z) > SURE).sort((a, b) => b.z - a.z || a.people - b.people).slice(0, most).map(({ z: _, ...r }) => r)
}
