/* Addresses to pages: made of the page definitions. Who is not signed in is sent to sign-in and comes back; a first password is
 * changed before anything else; what a person may not see is said by shell/NotAllowed.vue in its place, the address kept. */
import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteRecordRaw } from 'vue-router'
import { ref } from 'vue'
import type { Page } from './page'
import { firstPage, pages } from './pages'
import { may, session, startSession } from './session'
import { gate } from '@/api'

const routesOf = (page: Page): RouteRecordRaw[] => {
  const meta = { page, open: page.open ?? false, bare: page.bare ?? false }
  const { path, name, component } = page
  const details = (page.details ?? []).map((d) => ({
    path: d.path, name: d.name, component: d.component,
    meta: { ...meta, page: { ...page, ...d, nav: undefined }, parent: page },
  }))
  return [{ path, name, component, meta }, ...details]
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    ...pages.flatMap(routesOf),
    { path: '/', name: 'home', component: () => import('@/shell/NoPage.vue') },
    { path: '/:rest(.*)*', name: 'not-found', component: () => import('@/shell/NotFound.vue') },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

/** Somewhere is being gone to: the line at the top (shell/Progress.vue). */
export const going = ref(false)
/** The server could not be asked who is signed in. */
export const startTrouble = ref<unknown>(null)

/** Only an address of our own: `to` comes from the address bar. */
export function safeTarget(to: unknown): string {
  return typeof to === 'string' && /^\/(?![/\\])/.test(to) && !to.startsWith('/sign-in') ? to : '/'
}

function forWhom(to: RouteLocationNormalized) {
  if (!session.me) return to.meta.open ? true : { name: 'sign-in', query: to.fullPath === '/' ? {} : { to: to.fullPath } }
  if (session.me.password_change) return to.name === 'first-password' ? true : { name: 'first-password', query: { to: safeTarget(to.query.to ?? to.fullPath) } }
  if (to.name === 'sign-in' || to.name === 'first-password') return safeTarget(to.query.to)
  if (to.name === 'home' && firstPage.value) return { ...(firstPage.value as object), replace: true }
  return true
}

router.beforeEach(async (to, from) => {
  if (to.path !== from.path) going.value = true
  try {
    await startSession()
    startTrouble.value = null
  } catch (e) {
    startTrouble.value = e
    return false
  }
  return forWhom(to)
})
router.afterEach(() => {
  going.value = false
})

// After an upgrade the files of the old console are gone: the new one is fetched by opening the page anew, once.
router.onError((e: unknown, to) => {
  going.value = false
  if (!/dynamically imported module|Importing a module|module script|preload CSS/i.test(String(e))) throw e
  const before = Number(sessionStorage.getItem('hetang.renewed') ?? 0)
  if (Date.now() - before < 10_000) throw e
  sessionStorage.setItem('hetang.renewed', String(Date.now()))
  location.assign(to.fullPath)
})

gate.firstPassword = () => {
  if (session.me) session.me.password_change = true
  void router.push({ name: 'first-password', query: { to: router.currentRoute.value.fullPath } })
}

/** May this person see where we are? */
export function allowedHere(to: RouteLocationNormalized): boolean {
  return may(to.meta.page?.permission)
}
