/* The departments a person may see, and the tree they make. */
import type { Department } from '@api/client.mjs'
import { api } from '@/api'

export interface DepartmentNode {
  id: number
  name: string
  department: Department
  children: DepartmentNode[]
}

/** All pages of them. */
export async function fetchDepartments(signal?: AbortSignal): Promise<Department[]> {
  const all: Department[] = []
  let cursor: string | undefined
  do {
    const page = await api.department.list(cursor === undefined ? {} : { cursor }, { signal })
    all.push(...page.items)
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return all
}

/** In their order. What stands under something that is not among them stands at the top. */
export function departmentTree(departments: Department[]): DepartmentNode[] {
  const nodes = new Map(departments.map((d) => [d.id, { id: d.id, name: d.name, department: d, children: [] as DepartmentNode[] }]))
  const roots: DepartmentNode[] = []
  for (const d of [...departments].sort((a, b) => a.sort - b.sort || a.id - b.id)) {
    const above = d.parent_id === null ? undefined : nodes.get(d.parent_id)
    ;(above ? above.children : roots).push(nodes.get(d.id)!)
  }
  return roots
}

/** A department and all above it, the highest first: where it stands. */
export function departmentPath(departments: Department[], id: number): Department[] {
  const byId = new Map(departments.map((d) => [d.id, d]))
  const path: Department[] = []
  for (let d = byId.get(id); d; d = d.parent_id === null ? undefined : byId.get(d.parent_id)) path.unshift(d)
  return path
}
