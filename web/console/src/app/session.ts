/* Who uses the console, and what that person may do.
 *
 * The session itself is a cookie that no script can read. So that a visitor who is not signed in is not asked about (and the log not
 * filled with refusals), the number of whoever signed in here last is kept; it also tells the other tabs of a sign-out. */
import { reactive } from 'vue'
import type { AccountSignInInput, Me, Permission } from '@api/client.mjs'
import { ApiError, gate, plainApi } from '@/api'
import { business } from '@/i18n/format'
import { keep, kept } from '@/lib/kept'

export const session = reactive({
  me: null as Me | null,
  /** The session has ended under an open page: shell/SignInAgain.vue asks for the password over it */
  again: false,
  /** Signed out in another tab */
  elsewhere: false,
})

/** No permission named: everybody who is signed in. */
export function may(permission?: Permission): boolean {
  return !permission || (session.me?.permissions.includes(permission) ?? false)
}

function enter(me: Me): Me {
  session.me = me
  session.elsewhere = false
  gate.csrf = me.csrf ?? ''
  business.currency = me.currency
  business.zone = me.zone
  keep('staff', String(me.staff_id ?? 0))
  return me
}

function leave(): void {
  release(false)
  session.me = null
  session.again = false
  gate.csrf = ''
  keep('staff', null)
}

/** Calls that were refused and wait for the person to come back. */
let waiting: Array<(again: boolean) => void> = []
function release(again: boolean): void {
  for (const resolve of waiting) resolve(again)
  waiting = []
}

let begun: Promise<void> | null = null
/** Once, before the first page: is somebody signed in? Throws Unreachable; may then be called again. */
export function startSession(): Promise<void> {
  begun ??= (async () => {
    if (kept('staff') === null) return
    try {
      enter(await plainApi.account.me())
    } catch (e) {
      if (!(e instanceof ApiError && e.status === 401)) throw e
      leave()
    }
  })().catch((e: unknown) => {
    begun = null
    throw e
  })
  return begun
}

export async function refreshMe(): Promise<Me> {
  return enter(await plainApi.account.me())
}

/** `code`: the one-time code, once the server has asked for it. */
export async function signIn(input: AccountSignInInput & { code?: string }): Promise<Me> {
  const before = session.me
  const me = await plainApi.account.signIn(input)
  // Over an open page of somebody else: nothing of that person may stay on the screen.
  if (before && before.staff_id !== me.staff_id) {
    keep('staff', String(me.staff_id ?? 0))
    location.assign('/')
    return new Promise(() => {})
  }
  return enter(me)
}

export async function signOut(): Promise<void> {
  try {
    await plainApi.account.signOut()
  } catch (e) {
    if (!(e instanceof ApiError && e.status === 401)) throw e
  }
  leave()
}

gate.signInAgain = () => {
  if (!session.me) return Promise.resolve(false)
  session.again = true
  return new Promise((resolve) => waiting.push(resolve))
}
/** From the window over the page: true: the calls that wait go on; false: they fail, and the person is out. */
export function signedInAgain(yes: boolean): void {
  if (!yes) return leave()
  session.again = false
  release(true)
}

gate.refresh = async () => {
  const before = session.me?.staff_id
  try {
    const me = await plainApi.account.me()
    if (me.staff_id !== before) location.assign('/')
    enter(me)
    return me.staff_id === before
  } catch {
    return false
  }
}

/** Another tab signed out or signed somebody else in. */
window.addEventListener('storage', (e) => {
  if (e.key !== 'hetang.staff' || !session.me) return
  if (e.newValue === null) {
    leave()
    session.elsewhere = true
  } else if (e.newValue !== String(session.me.staff_id ?? 0)) location.assign('/')
})
