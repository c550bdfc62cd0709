/* What is computed by a job now and then: the last result, whether a run is under way, starting one. JobProgress shows how far it is. */
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { explain, type Trouble } from '@/api/problem'
import { toast } from '@/lib/toast'
import type { JobState } from '@/ui/JobProgress.vue'

interface Job {
  state: string
  done: number
  total: number
  error?: string | null
}
interface RunOf<View> {
  load: () => Promise<View>
  /** Which run `view` is of: by another one a run is known to have ended well */
  id: (view: View | null) => number | undefined
  /** The job under way; null: none is */
  job: () => Promise<Job | null>
  /** Whether one is under way when `view` was read; without it, as `running` was at first */
  busy?: (view: View) => boolean
  running?: boolean
  begin: () => Promise<unknown>
  ended: () => string
  notEnded: () => string
}
interface Run<View> {
  view: ShallowRef<View | null>
  ready: Ref<boolean>
  trouble: Ref<Trouble | null>
  running: Ref<boolean>
  starting: Ref<boolean>
  load: () => Promise<void>
  start: () => Promise<void>
  progress: () => Promise<JobState>
  ended: () => Promise<void>
}

export function useRun<View>(of: RunOf<View>): Run<View> {
  const view = shallowRef<View | null>(null)
  const ready = ref(false)
  const trouble = ref<Trouble | null>(null)
  const running = ref(of.running ?? false)
  const starting = ref(false)

  async function load(): Promise<void> {
    try {
      const now = await of.load()
      view.value = now
      if (of.busy) running.value = of.busy(now)
      ready.value = true
      trouble.value = null
    } catch (e) {
      trouble.value = explain(e)
    }
  }
  async function start(): Promise<void> {
    starting.value = true
    try {
      await of.begin()
      running.value = true
    } catch (e) {
      toast.trouble(e)
    } finally {
      starting.value = false
    }
  }
  async function progress(): Promise<JobState> {
    const job = await of.job()
    return job ? { state: job.state === 'running' ? 'running' : 'waiting', done: job.done, total: job.total, message: job.error } : { state: 'done', done: 0, total: 0 }
  }
  async function ended(): Promise<void> {
    const before = of.id(view.value)
    await load()
    if (!of.busy || trouble.value) running.value = false
    if (of.id(view.value) !== before) toast.done(of.ended())
    else toast.note(of.notEnded())
  }
  void load()
  return { view, ready, trouble, running, starting, load, start, progress, ended }
}
