/* Saved views: one's own and those that colleagues share. */
import type { View } from '@api/client.mjs'
import { computed, ref, shallowRef } from 'vue'
import { api } from '@/api'
import { session } from '@/app/session'
import type { Condition } from '@/lib/condition/tree'
import { toast, undoable } from '@/lib/toast'
import { sorts, type SortKey } from './query'

export interface Shown {
  who: Condition
  sort: SortKey
}
export const sortOf = (view: View): SortKey => sorts.find((s) => s === (view.options as { sort?: string } | null)?.sort) ?? 'newest'

export function useViews() {
  const all = shallowRef<View[]>([])
  const ready = ref(false)
  const mine = (v: View): boolean => v.staff_id === session.me?.staff_id
  async function load(): Promise<void> {
    try {
      all.value = (await api.view.list()).items
    } catch (e) {
      toast.trouble(e)
    } finally {
      ready.value = true
    }
  }
  const put = (v: View): void => void (all.value = [...all.value.filter((o) => o.id !== v.id), v])
  async function create(name: string, shared: boolean, shown: Shown, key: string): Promise<View> {
    const made = await api.view.create({ name, shared, condition: shown.who, options: { sort: shown.sort } }, { key })
    put(made)
    return made
  }
  async function change(view: View, more: { name?: string; shared?: boolean } | Shown, key?: string): Promise<View> {
    const input = 'who' in more ? { condition: more.who, options: { sort: more.sort } } : more
    const made = await api.view.change({ id: view.id, ...input }, { version: all.value.find((v) => v.id === view.id)!.version, key })
    put(made)
    return made
  }
  async function remove(view: View, said: string): Promise<void> {
    await api.view.remove({ id: view.id })
    all.value = all.value.filter((v) => v.id !== view.id)
    undoable(said, async () => put(await api.view.create({ name: view.name, shared: view.shared, condition: view.condition, options: view.options })))
  }
  void load()
  return { all: computed(() => [...all.value].sort((a, b) => Number(mine(b)) - Number(mine(a)) || a.name.localeCompare(b.name, 'zh-CN'))), ready, mine, create, change, remove }
}
export type Views = ReturnType<typeof useViews>
