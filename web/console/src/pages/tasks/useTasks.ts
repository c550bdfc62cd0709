/* What can be done with a task, each with its undo; whoever shows tasks is told what became of it. */
import type { Task } from '@api/client.mjs'
import { api, newKey } from '@/api'
import { formatInstant } from '@/i18n/format'
import { toast, undoable } from '@/lib/toast'

type Say = (key: string, values?: Record<string, unknown>) => string

export function useTasks(t: Say, changed: (task: Task) => void) {
  const attempt = async (what: () => Promise<Task>): Promise<Task | null> => {
    try {
      const task = await what()
      changed(task)
      return task
    } catch (e) {
      toast.trouble(e)
      return null
    }
  }
  const reopen = (id: number) => attempt(() => api.task.reopen({ id }, { key: newKey() }))
  return {
    async complete(task: Task, note?: string): Promise<void> {
      if (await attempt(() => api.task.complete({ id: task.id, note: note?.trim() || null }, { key: newKey() }))) undoable(t('completed', { what: task.what }), async () => void (await reopen(task.id)))
    },
    async dismiss(task: Task, note?: string): Promise<void> {
      if (await attempt(() => api.task.dismiss({ id: task.id, note: note?.trim() || null }, { key: newKey() }))) undoable(t('dismissed', { what: task.what }), async () => void (await reopen(task.id)))
    },
    async reopen(task: Task): Promise<void> {
      if (await reopen(task.id)) toast.done(t('reopened', { what: task.what }))
    },
    async postpone(task: Task, to: string): Promise<void> {
      const before = task.due_at
      const now = await attempt(() => api.task.change({ id: task.id, due_at: to }, { version: task.version }))
      if (now) undoable(t('postponed', { time: formatInstant(to) }), async () => void (await attempt(() => api.task.change({ id: task.id, due_at: before }, { version: now.version }))))
    },
    async handOver(task: Task, to: { id: number; name: string }): Promise<void> {
      // It may be out of one's sight then: there is no answer but that it went.
      const given = async (): Promise<Task> => {
        await api.task.handOver({ id: task.id, staff_id: to.id }, { key: newKey() })
        return { ...task, staff_id: to.id, staff_name: to.name }
      }
      if (await attempt(given)) toast.done(t('handedOver', { name: to.name }))
    },
  }
}
export type TaskMoves = ReturnType<typeof useTasks>
