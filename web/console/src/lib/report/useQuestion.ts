/* What a report's page asks, in the address: back and forward go through the questions asked, and an address can be sent to a
 * colleague. ?q= holds what differs from the page's beginning; ?report= names the saved report it began with.
 *
 *   const { state, report } = useQuestion(read, whole)      (a page takes it by lib/report/useReport.ts)
 *
 * What is not whole yet (nothing chosen, nothing filled in) was not asked and does not get there. `read` makes the page's state of whatever is there ({} gives the beginning); it must not fail on anything. */
import { ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

const WAIT_MS = 500

export interface Asked<S> {
  state: Ref<S>
  /** Number of the saved report, as it stands in the address */
  report: ShallowRef<number | null>
  /** The beginning again, or what a saved report says; the address names it */
  begin(raw: unknown, report: number | null): void
  /** JSON of the beginning, or of the saved report: what the address need not say */
  base: Ref<string>
}

function parsed(text: unknown): unknown {
  if (typeof text !== 'string') return null
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x)

export function useQuestion<S extends object>(read: (raw: Record<string, unknown>) => S, whole: (state: S) => boolean): Asked<S> {
  const route = useRoute()
  const router = useRouter()
  const here = route.path
  const make = (raw: unknown): S => read(isObject(raw) ? raw : {})
  const numbered = (): number | null => (/^\d+$/.test(String(route.query.report ?? '')) ? Number(route.query.report) : null)

  const report = shallowRef(numbered())
  const base = ref(JSON.stringify(make({})))
  const state = ref(make(parsed(route.query.q))) as Ref<S>
  const written = (): string | undefined => {
    const now = JSON.stringify(state.value)
    return now === base.value ? undefined : now
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  const write = (): void => {
    if (route.path !== here || !whole(state.value) || (route.query.q ?? undefined) === written()) return
    const { q: _, ...rest } = route.query
    const q = written()
    void router.push({ query: q === undefined ? rest : { ...rest, q } })
  }
  watch(state, () => {
    clearTimeout(timer)
    timer = setTimeout(write, WAIT_MS)
  }, { deep: true })
  // Back, forward, or a link: what the address says now.
  watch(() => [route.query.q, route.query.report], ([q]) => {
    if (route.path !== here) return
    report.value = numbered()
    if ((q ?? undefined) === written()) return
    state.value = make(q === undefined ? JSON.parse(base.value) : parsed(q))
  })
  function begin(raw: unknown, number: number | null): void {
    const q = route.query.q
    base.value = JSON.stringify(make(raw))
    report.value = number
    state.value = make(q === undefined ? raw : parsed(q))
  }
  return { state, report, begin, base }
}
