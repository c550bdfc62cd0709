/* Server-sent events with a connection that comes back by itself.
 *
 *   const live = useEvents('/api/v1/events/live', { types: ['event'], on: (type, data) => … })
 *   live.state.value     connecting | open | lost | paused
 *   live.pause(), live.resume()
 *
 * `data` is the JSON of the message. Pauses between attempts grow from one second to thirty, with jitter, so that a restarted server
 * is not called by everybody at once; the browser sends Last-Event-ID only when it reconnects by itself, so after a loss of ours the
 * number of the last message is added to the address as `after`, where `after: true` says that the route takes it. Ends with the
 * component. While the tab is hidden nothing is different: who watches in a second window must see. */
import { onScopeDispose, ref, type Ref } from 'vue'
import { api } from '@/api'

export type LiveState = 'connecting' | 'open' | 'lost' | 'paused'
export interface LiveOptions {
  /** Names of events beside the unnamed */
  types?: string[]
  on(type: string, data: unknown): void
  after?: boolean
}
export interface Live {
  state: Ref<LiveState>
  pause(): void
  resume(): void
}

export function useEvents(url: string | (() => string), options: LiveOptions): Live {
  const state = ref<LiveState>('connecting')
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0
  let last = ''

  function address(): string {
    const plain = typeof url === 'string' ? url : url()
    if (!options.after || !last) return plain
    return `${plain}${plain.includes('?') ? '&' : '?'}after=${encodeURIComponent(last)}`
  }

  function receive(e: MessageEvent<string>): void {
    if (e.lastEventId) last = e.lastEventId
    let data: unknown
    try {
      data = JSON.parse(e.data)
    } catch {
      data = e.data
    }
    options.on(e.type, data)
  }

  function close(): void {
    clearTimeout(timer)
    source?.close()
    source = null
  }

  function connect(): void {
    close()
    const mine = (source = new EventSource(address()))
    mine.onopen = () => {
      failures = 0
      state.value = 'open'
    }
    for (const type of ['message', ...(options.types ?? [])]) mine.addEventListener(type, receive)
    mine.onerror = () => {
      if (mine !== source) return
      state.value = 'lost'
      // CONNECTING: the browser tries again by itself. CLOSED: it was refused for good.
      if (mine.readyState !== EventSource.CLOSED) return
      close()
      const wait = Math.min(30_000, 1000 * 2 ** failures++) * (0.75 + Math.random() / 2)
      timer = setTimeout(() => void again(), wait)
    }
  }

  // An event source cannot say why it was refused; a session that has ended is the usual reason, and asking renews it.
  async function again(): Promise<void> {
    try {
      await api.account.me()
    } catch {
      // the next attempt will tell
    }
    if (state.value === 'lost') connect()
  }

  onScopeDispose(() => {
    state.value = 'paused'
    close()
  })
  connect()
  return {
    state,
    pause() {
      state.value = 'paused'
      close()
    },
    resume() {
      if (state.value !== 'paused') return
      state.value = 'connecting'
      connect()
    },
  }
}
