/* Departments and roles, which the parts of the page share. */
import type { Department, Role } from '@api/client.mjs'
import { computed, ref, shallowRef } from 'vue'
import { api } from '@/api'
import { explain, type Trouble } from '@/api/problem'
import { nameOf } from '@/i18n'
import { departmentPath, departmentTree, fetchDepartments } from '@/lib/departments'

/** Which kind may stand under which; the server has the last word. */
const under: Record<Department['kind'], Department['kind'][]> = {
  head: ['head', 'region', 'store', 'team'], region: ['region', 'store', 'team'], store: ['team'], team: ['team'],
}
export const kindsUnder = (parent: Department['kind']): Department['kind'][] => under[parent]

export function useOrganisation() {
  const departments = shallowRef<Department[]>([])
  const roles = shallowRef<Role[]>([])
  const state = ref<'loading' | 'ready' | 'failed'>('loading')
  const trouble = ref<Trouble | null>(null)

  async function load(): Promise<void> {
    if (state.value === 'failed') state.value = 'loading'
    try {
      const [all, known] = await Promise.all([fetchDepartments(), api.role.list()])
      departments.value = all
      roles.value = known.items
      state.value = 'ready'
    } catch (e) {
      trouble.value = explain(e)
      state.value = 'failed'
    }
  }
  void load()

  const names = computed(() => new Map(roles.value.map((r) => [r.id, nameOf(r)])))
  return {
    departments, roles, state, trouble, load,
    tree: computed(() => departmentTree(departments.value)),
    path: (id: number): Department[] => departmentPath(departments.value, id),
    roleNames: (ids: number[]): string[] => ids.map((id) => names.value.get(id) ?? '').filter(Boolean),
    departmentName: (id: number): string => departments.value.find((d) => d.id === id)?.name ?? '—',
    put: (d: Department): void => void (departments.value = [...departments.value.filter((o) => o.id !== d.id), d]),
  }
}
export type Organisation = ReturnType<typeof useOrganisation>
