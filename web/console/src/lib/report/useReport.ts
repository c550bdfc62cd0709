/* A page of reports and the saved report it may show: ?report= opens one, what is changed after that stands in ?q=, and saving it
 * keeps the question (checked by the server) beside the page's own state, from which it is opened again.
 *
 *   const page = useReport(readFunnel, funnelQuestion, funnelIsWhole)
 *   page.state.value, page.ready.value … and <ReportSave :page="page" /> */
import type { Report as Saved } from '@api/client.mjs'
import { computed, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { useRouter } from 'vue-router'
import { api } from '@/api'
import { explain, type Trouble } from '@/api/problem'
import { may, session } from '@/app/session'
import { addDays } from '@/lib/days'
import { fixedRange } from './range'
import type { Question } from './types'
import { useQuestion } from './useQuestion'

export interface SavedPage<S = unknown> {
  state: Ref<S>
  saved: ShallowRef<Saved | null>
  /** Of the saved report, which could not be opened */
  trouble: Ref<Trouble | null>
  /** The state is what is to be shown: a saved report has been opened */
  ready: ComputedRef<boolean>
  /** It differs from what was saved */
  changed: ComputedRef<boolean>
  /** This person may change the saved one */
  mine: ComputedRef<boolean>
  load(): Promise<void>
  save(): Promise<void>
  create(name: string, shared: boolean, key?: string): Promise<Saved>
  rename(name: string, shared: boolean, key?: string): Promise<Saved>
}

const DAY = /^\d{4}-\d\d-\d\d$/
const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x)
/** What a page's state is read from: of one that a machine saved, the days are those of its question. */
export function stateOf(saved: Pick<Saved, 'query' | 'options'>): Record<string, unknown> {
  const q = isObject(saved.query) ? saved.query : {}
  const days = typeof q.since === 'string' && typeof q.until === 'string' && DAY.test(q.since) && DAY.test(q.until)
  return { ...q, ...(days ? { range: fixedRange(q.since as string, addDays(q.until as string, -1)) } : {}), ...(isObject(saved.options) ? saved.options : {}) }
}
export const mayChange = (r: Saved): boolean => r.staff_id === session.me?.staff_id || (r.shared && may('segment.write'))

export function useReport<S extends object>(read: (raw: Record<string, unknown>) => S, question: (state: S) => Question, whole: (state: S) => boolean): SavedPage<S> {
  const { state, report, begin, base } = useQuestion(read, whole)
  const router = useRouter()
  const saved = shallowRef<Saved | null>(null)
  const trouble = ref<Trouble | null>(null)

  async function load(): Promise<void> {
    const id = report.value
    trouble.value = null
    if (id === null) {
      if (saved.value) begin({}, null)
      saved.value = null
      return
    }
    if (saved.value?.id === id) return
    try {
      const found = await api.report.get({ id })
      if (report.value !== id) return
      saved.value = found
      begin(stateOf(found), id)
    } catch (e) {
      if (report.value === id) trouble.value = explain(e)
    }
  }
  watch(report, () => void load(), { immediate: true })

  const content = () => ({ query: question(state.value), options: JSON.parse(JSON.stringify(state.value)) as unknown })
  /** The saved one is what is shown now: nothing more stands in the address. */
  async function shown(now: Saved): Promise<Saved> {
    saved.value = now
    base.value = JSON.stringify(state.value)
    report.value = now.id
    await router.push({ query: { report: String(now.id) } })
    return now
  }
  return {
    state, saved, trouble, load,
    ready: computed(() => report.value === null || saved.value?.id === report.value),
    changed: computed(() => JSON.stringify(state.value) !== base.value),
    mine: computed(() => saved.value !== null && mayChange(saved.value)),
    save: async () => void (await shown(await api.report.change({ id: saved.value!.id, ...content() }, { version: saved.value!.version }))),
    create: async (name, shared, key) => shown(await api.report.create({ name, shared, ...content() }, { key })),
    rename: async (name, shared, key) => (saved.value = await api.report.change({ id: saved.value!.id, name, shared }, { version: saved.value!.version, key })),
  }
}

/** Where a saved report is shown. */
export const pageOfKind: Record<string, string> = { funnel: '/funnel', retention: '/retention', trend: '/trend', life: '/activity', stickiness: '/activity', aarrr: '/aarrr', paths: '/paths', attribution: '/attribution', rfm: '/event-rfm' }
