/* What the page shows and what can be done with it. Every change is made on the server first and then here, except removals, which
 * look done at once and are done when they can no longer be undone (lib/toast.ts). */
import type { Tag, TagGroup } from '@api/client.mjs'
import { computed, ref, shallowRef } from 'vue'
import { api, ApiError, newKey } from '@/api'
import { explain, type Trouble } from '@/api/problem'
import { finishRemovalsOnLeave, removal, toast, undoable } from '@/lib/toast'
import { fetchTags } from './fetch'
import { inOrder, moved, sortAfter } from './order'

const AT_ONCE = 4 // requests side by side when many tags are touched

/** Each of `items`, a few at a time; how many are done is told. Ends with the first failure that `may` does not take. */
async function each<T>(items: T[], work: (item: T) => Promise<void>, done: (n: number) => void = () => {}): Promise<void> {
  let next = 0
  let finished = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      await work(items[next++]!)
      done(++finished)
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker))
}

export function useTags(words: (key: string, values?: Record<string, unknown>) => string) {
  const allGroups = shallowRef<TagGroup[]>([])
  const allTags = shallowRef<Tag[]>([])
  const state = ref<'loading' | 'ready' | 'failed'>('loading')
  const trouble = ref<Trouble | null>(null)
  // Removed for the eye; gone for good when the message goes.
  const hiddenGroups = ref(new Set<number>())
  const hiddenTags = ref(new Set<number>())

  const groups = computed(() => inOrder(allGroups.value.filter((g) => !hiddenGroups.value.has(g.id))))
  const tagsByGroup = computed(() => {
    const map = new Map<number, Tag[]>()
    for (const tag of allTags.value) {
      if (hiddenTags.value.has(tag.id)) continue
      const list = map.get(tag.group_id)
      if (list) list.push(tag)
      else map.set(tag.group_id, [tag])
    }
    for (const [id, list] of map) map.set(id, inOrder(list))
    return map
  })
  const tagsOf = (group: number): Tag[] => tagsByGroup.value.get(group) ?? []

  async function load(): Promise<void> {
    if (state.value === 'failed') state.value = 'loading'
    try {
      const all = await fetchTags()
      allGroups.value = all.groups
      allTags.value = all.tags
      state.value = 'ready'
    } catch (e) {
      trouble.value = explain(e)
      state.value = 'failed'
    }
  }

  const putGroup = (g: TagGroup): void => void (allGroups.value = [...allGroups.value.filter((o) => o.id !== g.id), g])
  const putTags = (fresh: Tag[]): void => {
    const ids = new Set(fresh.map((f) => f.id))
    allTags.value = [...allTags.value.filter((o) => !ids.has(o.id)), ...fresh]
  }
  const tagNow = (id: number): Tag => allTags.value.find((o) => o.id === id)!
  const groupNow = (id: number): TagGroup => allGroups.value.find((o) => o.id === id)!

  type GroupInput = Pick<TagGroup, 'name' | 'color' | 'single'>
  async function saveGroup(id: number | null, input: GroupInput, key: string): Promise<TagGroup> {
    if (id === null) {
      const made = await api.tagGroup.create({ ...input, sort: sortAfter(groups.value) }, { key })
      putGroup(made)
      return made
    }
    const before = groupNow(id)
    const after = await api.tagGroup.change({ id, ...input }, { version: before.version, key })
    putGroup(after)
    undoable(words('changed'), async () => {
      const { name, color, single } = before
      putGroup(await api.tagGroup.change({ id, name, color, single }, { version: groupNow(id).version }))
    })
    return after
  }

  async function renameTag(tag: Tag, name: string, key: string): Promise<void> {
    putTags([await api.tag.change({ id: tag.id, name }, { version: tagNow(tag.id).version, key })])
    undoable(words('renamed', { name }), async () => putTags([await api.tag.change({ id: tag.id, name: tag.name }, { version: tagNow(tag.id).version })]))
  }

  /** Adds each name; those that exist or are refused are told, the others stay added. */
  async function addTags(group: number, names: string[], progress: (n: number) => void): Promise<void> {
    const made: Tag[] = []
    const refused: string[] = []
    const first = sortAfter(tagsOf(group))
    try {
      await each(names.map((name, i) => ({ name, sort: Math.min(9999, first + i * 10) })), async ({ name, sort }) => {
        try {
          made.push(await api.tag.create({ group_id: group, name, sort }, { key: newKey() }))
        } catch (e) {
          if (!(e instanceof ApiError && (e.problem.code === 'taken' || e.status === 422))) throw e
          refused.push(name)
          if (names.length === 1) toast.trouble(e)
        }
      }, progress)
    } finally {
      putTags(made)
    }
    if (names.length === 1) return
    if (refused.length) toast.note(words('addedSome', { done: made.length, failed: refused.length }), words('addedNames', { names: refused.slice(0, 5).join('、') }))
    else toast.done(words('added', { n: made.length }))
  }

  async function moveTag(group: number, from: number, to: number): Promise<void> {
    const before = tagsOf(group)
    const set = (sorts: Array<{ id: number; sort: number }>): Promise<void> =>
      each(sorts, async ({ id, sort }) => putTags([await api.tag.change({ id, sort }, { version: tagNow(id).version })]))
    const changes = moved(before, from, to)
    if (!changes.length) return
    await set(changes.map(({ item, sort }) => ({ id: item.id, sort })))
    undoable(words('moved'), () => set(changes.map(({ item }) => ({ id: item.id, sort: item.sort }))))
  }

  async function moveGroup(from: number, to: number): Promise<void> {
    const set = (sorts: Array<{ id: number; sort: number }>): Promise<void> =>
      each(sorts, async ({ id, sort }) => putGroup(await api.tagGroup.change({ id, sort }, { version: groupNow(id).version })))
    const changes = moved(groups.value, from, to)
    if (!changes.length) return
    await set(changes.map(({ item, sort }) => ({ id: item.id, sort })))
    undoable(words('groupMoved'), () => set(changes.map(({ item }) => ({ id: item.id, sort: item.sort }))))
  }

  const without = (set: Set<number>, ids: number[]): Set<number> => new Set([...set].filter((id) => !ids.includes(id)))
  const gone = (e: unknown): boolean => e instanceof ApiError && e.status === 404 // somebody else was quicker

  async function destroyTags(ids: number[]): Promise<void> {
    await each(ids, (id) => api.tag.delete({ id }).catch((e: unknown) => {
      if (!gone(e)) throw e
    }))
    allTags.value = allTags.value.filter((x) => !ids.includes(x.id))
  }
  function removeTags(tags: Tag[]): void {
    const ids = tags.map((x) => x.id)
    removal({
      text: tags.length === 1 ? words('deletedTag', { name: tags[0]!.name }) : words('deletedTags', { n: tags.length }),
      hide: () => (hiddenTags.value = new Set([...hiddenTags.value, ...ids])),
      restore: () => {
        hiddenTags.value = without(hiddenTags.value, ids)
        void load()
      },
      long: ids.length > AT_ONCE,
      commit: () => destroyTags(ids),
    })
  }
  function removeGroup(group: TagGroup): void {
    // Also those that are hidden: a group that has any cannot go.
    const ids = allTags.value.filter((x) => x.group_id === group.id).map((x) => x.id)
    removal({
      text: words('deletedGroup', { name: group.name }),
      hide: () => (hiddenGroups.value = new Set([...hiddenGroups.value, group.id])),
      restore: () => {
        hiddenGroups.value = without(hiddenGroups.value, [group.id])
        void load()
      },
      long: ids.length > 0,
      commit: async () => {
        await destroyTags(ids)
        await api.tagGroup.delete({ id: group.id }).catch((e: unknown) => {
          if (!gone(e)) throw e
        })
        allGroups.value = allGroups.value.filter((g) => g.id !== group.id)
      },
    })
  }

  finishRemovalsOnLeave()
  void load()
  return { groups, tagsOf, state, trouble, load, saveGroup, renameTag, addTags, moveTag, moveGroup, removeTags, removeGroup }
}
export type Tags = ReturnType<typeof useTags>
