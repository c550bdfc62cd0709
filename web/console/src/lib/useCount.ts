/* How many people a condition means, while it is written: asked of the engine as soon as one pauses, answers that come too late are
 * dropped. `everybody` is what it is a share of. While the index is being built it is asked again by itself.
 *
 *   const counted = useCount(() => condition)             counted.people, counted.everybody, counted.trouble
 *   const counted = useCount(() => condition, () => segments)   and counted.nodes: people at each place of it */
import { onScopeDispose, reactive, watch } from 'vue'
import { api } from '@/api'
import { explain, isAbort, type Trouble } from '@/api/problem'
import { byPlace, type KnownSegment } from './condition/nodes'
import type { Condition } from './condition/tree'

const WAIT_MS = 150
const AGAIN_MS = 3000
const UNAVAILABLE = 503
const FIELD = 'query.people'

export interface Count {
  people: number | null
  everybody: number | null
  /** Asked, and not yet answered: `people` is of what stood before */
  busy: boolean
  trouble: Trouble | null
  /** Where in the condition it is wrong: "all[1].count" */
  place: string | null
  /** For whom each part holds by itself, by its place */
  nodes: Map<string, number>
}
interface Answer {
  nodes?: number[]
}

export function useCount(of: () => Condition, segments?: () => KnownSegment[]): Count {
  const count = reactive<Count>({ people: null, everybody: null, busy: true, trouble: null, place: null, nodes: new Map() })
  let asked: AbortController | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  async function ask(): Promise<void> {
    const mine = (asked = new AbortController())
    const people = of()
    try {
      const everybody = count.everybody === null || !Object.keys(people).length ? api.insight.ask({ query: { kind: 'segment', only: 'count' } }, { signal: mine.signal }) : null
      const found = Object.keys(people).length ? await api.insight.ask({ query: { kind: 'segment', only: 'count', people, ...(segments ? { counts: true } : {}) } }, { signal: mine.signal }) : await everybody!
      const all = everybody ? await everybody : null
      if (asked !== mine) return
      if (all) count.everybody = all.count
      const nodes = segments ? byPlace(people, segments(), (found.result as Answer).nodes ?? []) : new Map<string, number>()
      Object.assign(count, { people: found.count, trouble: null, place: null, busy: false, nodes })
    } catch (e) {
      if (asked !== mine || isAbort(e)) return
      const trouble = explain(e)
      Object.assign(count, { people: null, nodes: new Map<string, number>(), trouble, busy: false, place: trouble.field?.startsWith(FIELD) ? trouble.field.slice(FIELD.length).replace(/^\./, '') : null })
      if (trouble.status === UNAVAILABLE) later(AGAIN_MS)
    }
  }
  function later(ms: number): void {
    clearTimeout(timer)
    timer = setTimeout(() => void ask(), ms)
  }
  watch(() => JSON.stringify(of()), () => {
    asked?.abort()
    asked = null
    count.busy = true
    later(WAIT_MS)
  })
  onScopeDispose(() => {
    clearTimeout(timer)
    asked?.abort()
    asked = null
  })
  later(0)
  return count
}
