/* Permissions in the groups of the navigation, so that a long list is read in parts. Their names come from the API. */
import type { PermissionName } from '@api/client.mjs'
import type { NavGroup } from '@/app/page'

const groupOf: Record<string, NavGroup> = {
  dashboard: 'overview', customer: 'customers', tag: 'customers', order: 'customers', rfm: 'customers', task: 'customers', lifecycle: 'customers',
  event: 'data', import: 'data', export: 'data', token: 'connections', webhook: 'connections',
}
const order: NavGroup[] = ['overview', 'customers', 'data', 'connections', 'admin']

export interface PermissionGroup {
  group: NavGroup
  permissions: PermissionName[]
}
export function permissionGroups(permissions: PermissionName[]): PermissionGroup[] {
  return order
    .map((group) => ({ group, permissions: permissions.filter((p) => (groupOf[p.key.split('.')[0]!] ?? 'admin') === group) }))
    .filter((g) => g.permissions.length)
}
