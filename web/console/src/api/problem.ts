/* From a failure to words: what happened, what to do, and the number to give to the administrator. Never a code.
 *
 * The server says what happened in the reader's language (src/base/err.def); what to do depends on the kind, and is the table
 * below. A failure that names a field belongs onto that field: lib/useForm.ts puts it there. */
import { ApiError, Unreachable } from './index'
import { word } from '@/i18n'

export interface Trouble {
  title: string
  advice: string
  /** The input that was refused, as the contract names it */
  field?: string
  /** For the administrator, who finds it in the log */
  request?: string
  status?: number
}

/** Only where the server's words do not already say what to do. */
const adviceByCode: Record<string, string> = {
  forbidden: 'adviceAsk', not_found: 'adviceGone', no_route: 'adviceReload', in_use: 'adviceUse', taken: 'adviceForm', in_progress: 'adviceWait',
  wrong_state: 'adviceReload', conflict: 'adviceReload', unavailable: 'adviceRetry',
}
const adviceByStatus: Record<number, string> = { 400: 'adviceReport', 413: 'adviceCheck', 415: 'adviceReport', 422: 'adviceForm' }

/** A call that the page itself gave up (another filter, another page) is no trouble. */
export function isAbort(e: unknown): boolean {
  return e instanceof DOMException && e.name === 'AbortError'
}

export function explain(e: unknown): Trouble {
  if (e instanceof Unreachable) return { title: word('trouble.network'), advice: word('trouble.networkAdvice') }
  if (!(e instanceof ApiError)) {
    console.error(e)
    return { title: word('trouble.script'), advice: word('trouble.scriptAdvice') }
  }
  const { problem, status } = e
  if (!problem.request_id) return { title: word('trouble.server'), advice: word('trouble.serverAdvice'), status }
  const key = adviceByCode[problem.code] ?? adviceByStatus[status]
  const advice = [problem.detail, key && word(`trouble.${key}`)].filter(Boolean).join(' ')
  return { title: problem.title, advice, field: problem.field, request: problem.request_id, status }
}
