/* All of one row of a list, asked for when the row is chosen: for a drawer, which closing un-chooses it. What comes for a row that is
 * no longer chosen is dropped; what is shown stays until the drawer is gone.
 *
 *   const { open, full, trouble, load } = useOne(job, (j) => j.id, (j) => api.job.get({ id: j.id })) */
import { computed, ref, shallowRef, watch, type Ref, type ShallowRef, type WritableComputedRef } from 'vue'
import { explain, type Trouble } from '@/api/problem'

export interface One<Full> {
  open: WritableComputedRef<boolean>
  full: ShallowRef<Full | null>
  trouble: Ref<Trouble | null>
  load(): Promise<void>
}

export function useOne<Row, Full>(chosen: Ref<Row | null>, keyOf: (row: Row) => number, ask: (row: Row) => Promise<Full>): One<Full> {
  const full = shallowRef<Full | null>(null)
  const trouble = ref<Trouble | null>(null)
  const isChosen = (row: Row | null): boolean => row !== null && chosen.value !== null && keyOf(row) === keyOf(chosen.value)

  async function load(): Promise<void> {
    const row = chosen.value
    if (row === null) return
    trouble.value = null
    try {
      const fresh = await ask(row)
      if (isChosen(row)) full.value = fresh
    } catch (e) {
      if (isChosen(row)) trouble.value = explain(e)
    }
  }
  watch(chosen, (row, before) => {
    if (row !== null && !isChosen(before)) full.value = null
    void load()
  })
  return { open: computed({ get: () => chosen.value !== null, set: (yes) => !yes && (chosen.value = null) }), full, trouble, load }
}
