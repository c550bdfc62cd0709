/* The columns of a DataTable, and what it remembers about them. */
import { computed, ref, type ComputedRef } from 'vue'
import { keep, keepJson, keptJson } from '@/lib/kept'

export interface Column<T> {
  /** Names the slot #cell-<key>, and the field shown without one */
  key: string
  title: string
  /** Pixels. Without: shares what is left, and is at least `least` wide */
  width?: number
  least?: number
  align?: 'left' | 'right' | 'center'
  /** Can the list be ordered by it? The page does it (v-model:sort) */
  sortable?: boolean
  /** Shown only when asked for */
  hidden?: boolean
  /** Cannot be hidden: the one by which a row is known */
  always?: boolean
  /** Instead of the field of that name */
  text?: (item: T) => string | number | null | undefined
}
export interface Sort {
  key: string
  down: boolean
}

const LEAST = 120
const CHECK_WIDTH = 44

export interface Columns<T> {
  shown: ComputedRef<Column<T>[]>
  isShown(column: Column<T>): boolean
  toggle(column: Column<T>, show: boolean): void
  reset(): void
  changed: ComputedRef<boolean>
  /** Below this the table scrolls sideways */
  width: ComputedRef<number>
}

/** Kept per table and browser are only the differences from the default, so that columns added later appear. */
export function useColumns<T>(id: string, columns: () => Column<T>[], checks: () => boolean): Columns<T> {
  const name = `columns.${id}`
  const choice = ref(keptJson<Record<string, boolean>>(name, {}))
  const isShown = (c: Column<T>): boolean => c.always || (choice.value[c.key] ?? !c.hidden)
  const shown = computed(() => columns().filter(isShown))
  return {
    shown, isShown,
    toggle(c, show) {
      const rest = { ...choice.value }
      if (show === !c.hidden) delete rest[c.key]
      else rest[c.key] = show
      choice.value = rest
      keepJson(name, rest)
    },
    reset() {
      choice.value = {}
      keep(name, null)
    },
    changed: computed(() => Object.keys(choice.value).length > 0),
    width: computed(() => shown.value.reduce((sum, c) => sum + (c.width ?? c.least ?? LEAST), checks() ? CHECK_WIDTH : 0)),
  }
}

/** What a click on a column's head makes of the order: up, down, none. */
export function nextSort(now: Sort | null, key: string): Sort | null {
  if (now?.key !== key) return { key, down: false }
  return now.down ? null : { key, down: true }
}
