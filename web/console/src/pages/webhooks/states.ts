/* How webhooks and deliveries stand, in words and colours. */
import type { Delivery, Webhook } from '@api/client.mjs'

type Tone = 'good' | 'busy' | 'warning' | 'bad' | 'calm'
export const webhookTones: Record<Webhook['state'], Tone> = { active: 'good', off: 'calm', paused: 'bad' }
export const deliveryTones: Record<Delivery['state'], Tone> = { queued: 'calm', waiting: 'warning', sending: 'busy', done: 'good', dead: 'bad' }
const errors = ['status', 'name', 'connect', 'private', 'tls', 'timeout', 'broken', 'expired', 'erased']

/** Why it failed: "status 500" and the like, as a sentence. */
export function failure(words: (key: string, values?: Record<string, unknown>) => string, error: string | null, status: number | null): string {
  if (!error) return ''
  const [kind, said] = error.split(' ')
  if (!errors.includes(kind!)) return error
  const number = status ?? Number(said)
  return kind === 'status' && !number ? words('errors.refused') : words(`errors.${kind}`, { status: number })
}
