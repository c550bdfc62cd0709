/* What a page tells the house about itself. A page is a folder:
 *
 *   pages/customers/index.ts       export default definePage({ … })      read at start: keep it small, import nothing heavy
 *   pages/customers/Customers.vue  the page, loaded when it is opened
 *   pages/customers/messages.ts    its words (i18n/index.ts)
 *
 * Nothing else needs to be edited: app/pages.ts finds the folder, and routes, navigation, command palette and permission checks
 * follow. Folders do not import from each other; what two pages need goes to ui/ or lib/. */
import type { Component } from 'vue'
import type { RouteLocationRaw } from 'vue-router'
import type { Permission } from '@api/client.mjs'
import type { Words } from '@/i18n'

export type NavGroup = 'overview' | 'customers' | 'insight' | 'data' | 'connections' | 'admin'
/** The groups of the navigation from top to bottom; their names are words `nav.<group>`. */
export const navGroups: NavGroup[] = ['overview', 'customers', 'insight', 'data', 'connections', 'admin']

export interface Found {
  title: string
  detail?: string
  to: RouteLocationRaw
}
/** Adds what the page holds to the command palette: customers by name, tags … At most 8 are shown. */
export interface SearchSource {
  find(text: string, signal: AbortSignal): Promise<Found[]>
}

export interface Page {
  /** Of the route; the folder's name */
  name: string
  path: string
  /** () => import('./Tags.vue') */
  component: () => Promise<unknown>
  title: Words
  /** Absent: not in the navigation. Smaller `order` first; tens, so that others fit between. */
  nav?: { group: NavGroup; order: number; icon: Component }
  /** Who lacks it sees neither the item nor the page. Absent: everybody signed in. */
  permission?: Permission
  /** Other words people look for, and pinyin initials (标签: bq) */
  keywords?: string[]
  /** Absent: as its title. () => import('./search') */
  search?: () => Promise<{ default: SearchSource }>
  /** Pages below it, reached from it: one customer. `useTitle()` names what is shown. */
  details?: Array<{ name: string; path: string; component: () => Promise<unknown>; title: Words; permission?: Permission }>
  /** Seen without a session (sign-in) */
  open?: boolean
  /** Without navigation and header */
  bare?: boolean
}

export function definePage(page: Page): Page {
  return page
}
