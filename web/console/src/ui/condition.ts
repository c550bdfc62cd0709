/* What the parts of the ConditionBuilder share: how the tree is changed, and what is known of each row. */
import type { InjectionKey } from 'vue'
import type { Field } from '@/lib/condition/fields'
import type { Item, Match } from '@/lib/condition/tree'

export interface Editing {
  readonly fields: Field[]
  /** Groups may go so deep */
  readonly depth: number
  /** Rows are numbered through, as they are read aloud */
  number(id: number): number
  /** People for whom the row or group holds, once counted */
  count(id: number): number | undefined
  /** What the server has against it */
  wrong(id: number): string
  put(item: Item): void
  join(id: number, match: Match): void
  remove(id: number): void
  /** At the end of this group; 0: of the whole */
  addRow(group: number): void
  addGroup(group: number): void
}
export const editingKey: InjectionKey<Editing> = Symbol('editing')
