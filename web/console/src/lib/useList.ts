/* A list of the API, page after page: loading, empty, failed, more, refreshed; filtered by what stands in the address.
 *
 *   const filters = useQuery({ q: text() })
 *   const list = useList({
 *     load: (page, signal) => api.customer.list({ ...page, q: filters.values.q }, { signal }),
 *     watch: () => filters.values,
 *   })
 *   <DataTable id="customers" v-bind="list.table" :columns="columns" />
 *
 * A change of what is watched loads from the start (answers that come too late are dropped); `items` keeps what was there until
 * the new ones are in, so that nothing jumps. After a change made here: list.replace(item), list.remove(id), list.prepend(item);
 * for what others may have changed: list.refresh(). */
import { computed, onScopeDispose, reactive, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { explain, isAbort, type Trouble } from '@/api/problem'

export interface Loaded<T> {
  items: T[]
  next: string | null
  total?: number
}
export type ListState = 'loading' | 'ready' | 'failed'

export interface ListOptions<T> {
  load(page: { cursor?: string; limit: number }, signal: AbortSignal): Promise<Loaded<T>>
  watch?: () => unknown
  /** What makes an item itself; its id */
  key?: (item: T) => string | number
  /** Rows a page; at most 200 */
  limit?: number
}

/** What DataTable is given with v-bind. */
export interface TableBinding<T> {
  items: T[]
  state: ListState
  trouble: Trouble | null
  more: boolean
  loadingMore: boolean
  total: number | null
  onMore: () => void
  onRetry: () => void
}

export interface List<T> {
  items: ShallowRef<T[]>
  state: Ref<ListState>
  trouble: Ref<Trouble | null>
  total: Ref<number | null>
  empty: ComputedRef<boolean>
  table: TableBinding<T>
  refresh(): Promise<void>
  more(): Promise<void>
  replace(item: T): void
  remove(key: string | number): void
  prepend(item: T): void
}

const WAIT_MS = 220 // of typing into a filter

export function useList<T>(options: ListOptions<T>): List<T> {
  const keyOf = options.key ?? ((item: T) => (item as { id: string | number }).id)
  const limit = options.limit ?? 100
  const items = shallowRef<T[]>([])
  const state = ref<ListState>('loading')
  const trouble = ref<Trouble | null>(null)
  const total = ref<number | null>(null)
  const next = ref<string | null>(null)
  const loadingMore = ref(false)
  let asked: AbortController | null = null
  let known = new Set<string | number>()
  let knownOf: T[] | null = null // the list whose keys these are

  async function page(cursor: string | undefined, use: (loaded: Loaded<T>) => void): Promise<void> {
    asked?.abort()
    const mine = (asked = new AbortController())
    try {
      const loaded = await options.load(cursor === undefined ? { limit } : { cursor, limit }, mine.signal)
      if (asked !== mine) return
      use(loaded)
      next.value = loaded.next
      if (loaded.total !== undefined) total.value = loaded.total
      state.value = 'ready'
      trouble.value = null
    } catch (e) {
      if (asked !== mine || isAbort(e)) return
      trouble.value = explain(e)
      if (cursor === undefined) state.value = 'failed'
    }
  }

  async function refresh(): Promise<void> {
    loadingMore.value = false
    if (!items.value.length || state.value === 'failed') state.value = 'loading'
    await page(undefined, (loaded) => (items.value = loaded.items))
  }

  async function more(): Promise<void> {
    if (!next.value || loadingMore.value || state.value !== 'ready') return
    loadingMore.value = true
    // Something added meanwhile can push a row from one page onto the next. Of a long list only what is new is looked at: the keys
    // known are kept, unless the list was changed otherwise.
    await page(next.value, (loaded) => {
      if (knownOf !== items.value) known = new Set(items.value.map(keyOf))
      knownOf = items.value = items.value.concat(loaded.items.filter((i) => !known.has(keyOf(i))))
      for (const i of loaded.items) known.add(keyOf(i))
    })
    loadingMore.value = false
  }

  let timer: ReturnType<typeof setTimeout> | undefined
  if (options.watch)
    watch(options.watch, () => {
      clearTimeout(timer)
      timer = setTimeout(() => void refresh(), WAIT_MS)
    }, { deep: true })
  onScopeDispose(() => {
    clearTimeout(timer)
    asked?.abort()
    asked = null
  })
  void refresh()

  const table = reactive({
    items, state, trouble, loadingMore, total,
    more: computed(() => next.value !== null),
    onMore: () => void more(),
    onRetry: () => void (state.value === 'failed' ? refresh() : more()),
  }) as unknown as TableBinding<T>

  return {
    items, state, trouble, total, table, refresh, more,
    empty: computed(() => state.value === 'ready' && items.value.length === 0),
    replace: (item) => (items.value = items.value.map((i) => (keyOf(i) === keyOf(item) ? item : i))),
    remove: (key) => (items.value = items.value.filter((i) => keyOf(i) !== key)),
    prepend: (item) => (items.value = [item, ...items.value]),
  }
}
