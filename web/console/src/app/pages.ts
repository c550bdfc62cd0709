/* All pages, found by their folders; and which of them this person has. */
import { computed } from 'vue'
import type { RouteLocationRaw } from 'vue-router'
import { navGroups, type Page } from './page'
import { may } from './session'

export const pages: Page[] = Object.values(import.meta.glob<Page>('../pages/*/index.ts', { eager: true, import: 'default' }))

/** The navigation of whoever is signed in: groups that have something, items in order. */
export const navigation = computed(() =>
  navGroups
    .map((group) => ({
      group,
      items: pages
        .filter((p) => p.nav?.group === group && may(p.permission))
        .sort((a, b) => a.nav!.order - b.nav!.order),
    }))
    .filter((g) => g.items.length),
)

/** Where "/" leads: the first page in the navigation; null when there is none for this person. */
export const firstPage = computed<RouteLocationRaw | null>(() => {
  const page = navigation.value[0]?.items[0]
  return page ? { name: page.name } : null
})
