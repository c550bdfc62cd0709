/* The figures of a period with their definitions; read anew each minute while the period goes on and the page is looked at. */
import type { DashboardGetInput, DashboardView, FigureDefinition } from '@api/client.mjs'
import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref } from 'vue'
import { api } from '@/api'
import { explain, isAbort, type Trouble } from '@/api/problem'
import { language } from '@/i18n'
import type { Shown } from './figures'

const EVERY_MS = 60_000

export interface Dashboard {
  view: Ref<DashboardView | null>
  figures: ComputedRef<Shown[]>
  busy: Ref<boolean>
  trouble: Ref<Trouble | null>
  /** Grows with each answer: what hangs on the period reads itself anew */
  round: Ref<number>
  load(): Promise<void>
}

export function useDashboard(of: () => DashboardGetInput, goesOn: () => boolean): Dashboard {
  const view = shallowRef<DashboardView | null>(null)
  const definitions = shallowRef<FigureDefinition[]>([])
  const busy = ref(false)
  const trouble = ref<Trouble | null>(null)
  const round = ref(0)
  let asked: AbortController | null = null

  async function load(): Promise<void> {
    asked?.abort()
    const mine = (asked = new AbortController())
    busy.value = true
    try {
      const [meanings, fresh] = await Promise.all([definitions.value.length ? { items: definitions.value } : api.dashboard.figures(), api.dashboard.get(of(), { signal: mine.signal })])
      if (asked !== mine) return
      definitions.value = meanings.items
      view.value = fresh
      trouble.value = null
      round.value++
    } catch (e) {
      if (asked !== mine || isAbort(e)) return
      trouble.value = explain(e)
    } finally {
      if (asked === mine) busy.value = false
    }
  }
  const figures = computed<Shown[]>(() => {
    const meaning = new Map(definitions.value.map((d) => [d.key, d]))
    const english = language.value === 'en'
    return (view.value?.figures ?? []).map((f) => {
      const d = meaning.get(f.key)!
      return { ...f, unit: d.unit, name: english ? d.name_en : d.name, definition: english ? d.definition_en : d.definition }
    })
  })

  const timer = setInterval(() => !document.hidden && goesOn() && !busy.value && void load(), EVERY_MS)
  watch(of, () => void load(), { deep: true })
  onScopeDispose(() => {
    clearInterval(timer)
    asked?.abort()
    asked = null
  })
  void load()
  return { view, figures, busy, trouble, round, load }
}
