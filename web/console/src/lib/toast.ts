/* Short messages at the foot of the window (ui/ToastHost.vue shows them).
 *
 *   toast.done(t('saved'))                    it worked, when that cannot be seen on the page anyway
 *   toast.trouble(e)                          it did not: what happened, what to do, the request number
 *   undoable(t('renamed'), () => …)           it is done; the button takes it back
 *   removal({ text, hide, commit, restore })  it looks done, and is when the message goes: for what cannot be taken back
 */
import { onScopeDispose, shallowReactive } from 'vue'
import { explain, isAbort, type Trouble } from '@/api/problem'
import { word } from '@/i18n'

export interface Toast {
  id: number
  kind: 'done' | 'note' | 'trouble'
  title: string
  advice?: string
  request?: string
  action?: { label: string; run: () => void }
  /** Until it goes by itself; 0: stays. It waits while it is pointed at or has the focus. */
  ms: number
  /** It went, by itself or by hand, and its action was not used */
  gone?: () => void
}
export const toasts = shallowReactive<Toast[]>([])
const SHORT_MS = 4000
export const UNDO_MS = 8000
const SHOWN_MAX = 4

let number = 0
function show(t: Omit<Toast, 'id'>): number {
  const id = ++number
  while (toasts.length >= SHOWN_MAX) dismiss(toasts[0]!.id)
  toasts.push({ ...t, id })
  return id
}

export function dismiss(id: number, acted = false): void {
  const at = toasts.findIndex((t) => t.id === id)
  if (at < 0) return
  const [t] = toasts.splice(at, 1)
  if (!acted) t!.gone?.()
}

export const toast = {
  done: (title: string) => show({ kind: 'done', title, ms: SHORT_MS }),
  note: (title: string, advice?: string) => show({ kind: 'note', title, advice, ms: SHORT_MS * 2 }),
  trouble(e: unknown): void {
    if (isAbort(e)) return
    const t = explain(e)
    // The same thing failing five times is one message.
    if (toasts.some((o) => o.kind === 'trouble' && o.title === t.title)) return
    show(troubleToast(t))
  },
}
const troubleToast = (t: Trouble): Omit<Toast, 'id'> => ({ kind: 'trouble', title: t.title, advice: t.advice, request: t.request, ms: t.request ? 0 : SHORT_MS * 3 })

/** As by the button of the latest message that has one. */
export const takeBackLatest = (): void => toasts.findLast((t) => t.action)?.action?.run()

async function takeBack(undo: () => Promise<unknown> | unknown): Promise<void> {
  try {
    await undo()
    toast.done(word('common.undone'))
  } catch (e) {
    toast.trouble(e)
  }
}

/** The change is made; `undo` makes the opposite one. */
export function undoable(title: string, undo: () => Promise<unknown> | unknown): void {
  const id = show({ kind: 'done', title, ms: UNDO_MS, action: { label: word('common.undo'), run: () => {
    dismiss(id, true)
    void takeBack(undo)
  } } })
}

export interface Removal {
  text: string
  /** Takes it from the page at once */
  hide: () => void
  /** Does it for good */
  commit: () => Promise<unknown>
  /** Puts it back: undone, or the commit failed */
  restore: () => void
  /** Takes more than a request: who closes the window is asked to wait */
  long?: boolean
}
const pending = new Set<() => Promise<void>>()
let longOnes = 0

/** What cannot be taken back is done late instead: when the message goes, or the page is left. */
export function removal({ text, hide, commit, restore, long = false }: Removal): void {
  const weight = long ? 1 : 0
  longOnes += weight
  hide()
  const finish = async (): Promise<void> => {
    if (!pending.delete(finish)) return
    dismiss(id, true)
    try {
      await commit()
    } catch (e) {
      restore()
      toast.trouble(e)
    } finally {
      longOnes -= weight
    }
  }
  pending.add(finish)
  const id = show({ kind: 'done', title: text, ms: UNDO_MS, gone: () => void finish(), action: { label: word('common.undo'), run: () => {
    if (!pending.delete(finish)) return
    longOnes -= weight
    dismiss(id, true)
    restore()
  } } })
}

/** Does now what still waits; a page that shows what a removal touches calls it when it is left. */
export async function finishRemovals(): Promise<void> {
  await Promise.all([...pending].map((finish) => finish()))
}
export function finishRemovalsOnLeave(): void {
  onScopeDispose(() => void finishRemovals())
}
window.addEventListener('beforeunload', (e) => {
  if (!longOnes) return
  void finishRemovals()
  e.preventDefault()
})
// The requests outlive the page (api/index.ts sends removals with `keepalive`).
window.addEventListener('pagehide', () => void finishRemovals())
