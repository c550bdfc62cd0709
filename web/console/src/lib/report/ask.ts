/* The answer to a question, kept up with it: asked again when it changes, the stale call given up, the old answer kept until the new
 * one is in.
 *
 *   const report = useAnswer(() => (whole.value ? { about: state.value, questions: [question.value] } : null))
 *
 * Several questions make one answer (this stretch and the one before; two measures). null: nothing can be asked yet. `about` is what
 * the page knows of the question; report.about is that of the answer at hand. */
import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { api, ApiError } from '@/api'
import { explain, isAbort, type Trouble } from '@/api/problem'
import type { Question } from './types'

export interface Answer<R> {
  result: R
  /** People, where the answer is people */
  count: number | null
  /** What it answers */
  question: Question
  upto_at: string
  took_us: number
}
/** What is wrong with the question: the place in it, "steps[1].where[0]". */
export interface Wrong {
  at: string
  text: string
}
export interface Asking<S> {
  about: S
  questions: Question[]
}
export interface Report<R, S = unknown> {
  about: ShallowRef<S | null>
  answers: ShallowRef<Answer<R>[] | null>
  busy: Ref<boolean>
  trouble: Ref<Trouble | null>
  wrong: Ref<Wrong | null>
  took: ComputedRef<number>
  upto: ComputedRef<string>
  again(): void
}

const WAIT_MS = 250
const BUILDING_MS = 2000
const BUILDING = 'unavailable'
const PREFIX = 'query'

export async function askOnce<R>(question: Question, signal?: AbortSignal): Promise<Answer<R>> {
  const { result, count, upto_at, took_us } = await api.insight.ask({ query: question }, { signal })
  return { result: result as R, count, question, upto_at, took_us }
}

export function useAnswer<R, S>(asking: () => Asking<S> | null): Report<R, S> {
  const about = shallowRef<S | null>(null)
  const answers = shallowRef<Answer<R>[] | null>(null)
  const busy = ref(false)
  const trouble = ref<Trouble | null>(null)
  const wrong = ref<Wrong | null>(null)
  let asked: AbortController | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  async function ask(): Promise<void> {
    asked?.abort()
    const now = asking()
    if (!now) {
      busy.value = false
      return
    }
    const mine = (asked = new AbortController())
    const then = JSON.parse(JSON.stringify(now.about)) as S
    busy.value = true
    try {
      const all = await Promise.all(now.questions.map((q) => askOnce<R>(q, mine.signal)))
      if (asked !== mine) return
      about.value = then
      answers.value = all
      trouble.value = wrong.value = null
    } catch (e) {
      if (asked !== mine || isAbort(e)) return
      mine.abort()
      const field = e instanceof ApiError && e.status === 422 ? (e.problem.field ?? '') : ''
      const said = explain(e)
      wrong.value = field.startsWith(PREFIX) ? { at: field.slice(PREFIX.length + 1), text: [said.title, said.advice].filter(Boolean).join(' ') } : null
      trouble.value = wrong.value ? null : said
      // The index is still being made of the log: the answer comes by itself.
      if (e instanceof ApiError && e.problem.code === BUILDING) timer = setTimeout(() => void ask(), BUILDING_MS)
    } finally {
      if (asked === mine) busy.value = false
    }
  }
  watch(() => JSON.stringify(asking()?.questions), (_, before) => {
    clearTimeout(timer)
    wrong.value = null
    if (asking()) busy.value = true
    timer = setTimeout(() => void ask(), answers.value === null && before === undefined ? 0 : WAIT_MS)
  }, { immediate: true })
  onScopeDispose(() => {
    clearTimeout(timer)
    asked?.abort()
    asked = null
  })
  return {
    about, answers, busy, trouble, wrong,
    took: computed(() => (answers.value ?? []).reduce((sum, a) => sum + a.took_us, 0)),
    upto: computed(() => answers.value?.[0]?.upto_at ?? ''),
    again: () => void ask(),
  }
}
