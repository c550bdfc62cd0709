/* The way to the server: `api.tag.create({ … })` as in the contract (web/api is made of it, types included).
 *
 * What a page need not think of: the session cookie, the CSRF token and the language go with each call; a session that has ended
 * is renewed in a window over the page and the call goes on; a call that got no answer is sent once more when that is safe (reads,
 * and writes with `key`, which the server does once however often they arrive). What is left over is thrown: ApiError with the
 * server's problem, or Unreachable. api/problem.ts turns either into words. */
import { ApiError, createClient } from '@api/client.mjs'
import { language, localeOf } from '@/i18n'

export { ApiError }

/** There was no answer: the network, the server stopped, a proxy in between. */
export class Unreachable extends Error {}

/** Set by app/session.ts, which stands above. */
export const gate = {
  csrf: '',
  /** The session has ended: true when the same person is in again */
  signInAgain: (): Promise<boolean> => Promise.resolve(false),
  /** The token is of another session (signed in anew in another tab): true when it was renewed */
  refresh: (): Promise<boolean> => Promise.resolve(false),
  firstPassword: (): void => {},
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function send(url: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers)
  headers.set('accept-language', localeOf[language.value])
  const reads = !init.method || init.method === 'GET'
  if (!reads && gate.csrf) headers.set('x-csrf-token', gate.csrf)
  for (let again = reads || headers.has('idempotency-key'); ; again = false) {
    try {
      // A removal that was put off until the page is left must outlive it (lib/toast.ts).
      return await fetch(url, { ...init, headers, credentials: 'same-origin', keepalive: init.method === 'DELETE' })
    } catch (e) {
      if (init.signal?.aborted) throw e
      if (!again) throw new Unreachable('no answer', { cause: e })
      await pause(700)
    }
  }
}

async function codeOf(reply: Response): Promise<string> {
  if (reply.status !== 401 && reply.status !== 403) return ''
  try {
    return ((await reply.clone().json()) as { code?: string }).code ?? ''
  } catch {
    return ''
  }
}

/** What mends a refusal so that the call can be made again, by its code. */
const cures: Record<string, () => Promise<boolean>> = {
  not_signed_in: () => gate.signInAgain(),
  bad_csrf: () => gate.refresh(),
  password_change: async () => {
    gate.firstPassword()
    return false
  },
}

async function transport(url: string, init: RequestInit): Promise<Response> {
  const reply = await send(url, init)
  if (reply.ok) return reply
  const cure = cures[await codeOf(reply)]
  return cure && (await cure()) ? send(url, init) : reply
}

export const api = createClient(transport)
/** For the session itself, which must not wait for itself. */
export const plainApi = createClient(send)

/** A key for one intention: a second call with it is the same call. (randomUUID needs https, which a shop's own network may lack.) */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('')
}
