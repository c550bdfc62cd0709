/* What the parts of a report's page share: where the question is wrong, and the table. */
import type { InjectionKey, Ref } from 'vue'
import type { Wrong } from '@/lib/report/ask'
import type { Cell } from '@/lib/report/file'
import type { Question } from '@/lib/report/types'

export interface WrongPlace {
  wrong: Ref<Wrong | null>
  /** Places that show what is wrong with them; what is wrong elsewhere is said above the report */
  places: Set<string>
}
export const wrongKey: InjectionKey<WrongPlace> = Symbol('wrong')

/** Who is behind a number: the same question, and which bar of it (src/engine/query.h, struct behind); without one the answer is people already. */
export interface Picked {
  question: Question
  behind?: Record<string, unknown>
  title: string
  /** Kept as a segment they follow this condition, unless a list is chosen; null: no condition says who they are */
  live?: { condition: Record<string, unknown> | null; says: string }
}
export interface TableCell {
  text: string
  /** In a file: the bare number */
  raw?: Cell
  /** Not complete, or nothing to say */
  faint?: boolean
  /** A share that is painted behind the figure, 0 … 1 */
  heat?: number
  title?: string
  picked?: Picked
}
export interface Table {
  head: string[]
  /** Leading columns that name the row */
  names: number
  rows: TableCell[][]
}
export const rawRows = (table: Table): Cell[][] => [table.head, ...table.rows.map((r) => r.map((c) => (c.raw === undefined ? c.text : c.raw)))]
