/* The last events and those that come: the newest first, so many kept. */
import type { ShownEvent } from '@api/client.mjs'
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { api } from '@/api'
import { explain, isAbort, type Trouble } from '@/api/problem'
import { useEvents } from '@/lib/useEvents'

const KEPT = 300
const FIRST = 50

export interface Gap {
  gap: number
  id: number
}
export type Row = ShownEvent | Gap
export const isGap = (row: Row): row is Gap => 'gap' in row

export function useLive(filter: () => { types: string[]; customer: number | null }) {
  const rows = shallowRef<Row[]>([])
  const state = ref<'loading' | 'ready'>('loading')
  const trouble = ref<Trouble | null>(null)
  const input = computed(() => ({ types: filter().types.length ? filter().types : undefined, customer_id: filter().customer ?? undefined }))

  // Many may come at once: they are shown together, once a frame.
  let waiting: Row[] = []
  let frame = 0
  function show(): void {
    frame = 0
    const known = new Set(rows.value.map((r) => r.id))
    rows.value = [...waiting.filter((r) => !known.has(r.id)).reverse(), ...rows.value].slice(0, KEPT)
    waiting = []
  }
  function on(type: string, data: unknown): void {
    if (type === 'end') return
    if (type === 'gap') {
      const { from, to } = data as { from: number; to: number }
      waiting.push({ gap: to - from + 1, id: -to })
    } else waiting.push(data as ShownEvent)
    frame ||= requestAnimationFrame(show)
  }
  const live = useEvents(() => {
    const query = new URLSearchParams()
    if (input.value.types) query.set('types', input.value.types.join(','))
    if (input.value.customer_id) query.set('customer_id', String(input.value.customer_id))
    return `/api/v1/events/live${query.size ? `?${query}` : ''}`
  }, { types: ['gap', 'end'], after: true, on })

  let asked: AbortController | null = null
  async function load(): Promise<void> {
    asked?.abort()
    const mine = (asked = new AbortController())
    state.value = 'loading'
    try {
      const { items } = await api.event.list({ ...input.value, limit: FIRST }, { signal: mine.signal })
      if (asked !== mine) return
      rows.value = items
      state.value = 'ready'
      trouble.value = null
      show()
    } catch (e) {
      if (asked === mine && !isAbort(e)) trouble.value = explain(e)
    }
  }
  watch(input, (now, before) => {
    if (JSON.stringify(now) === JSON.stringify(before)) return
    const paused = live.state.value === 'paused'
    live.pause()
    waiting = []
    void load()
    if (!paused) live.resume()
  })
  onScopeDispose(() => {
    cancelAnimationFrame(frame)
    asked?.abort()
    asked = null
  })
  void load()
  return { rows, state, trouble, live, load }
}
