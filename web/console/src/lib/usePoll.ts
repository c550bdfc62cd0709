/* Asks again while something is under way, not while the tab is hidden; ends with the component.
 *
 *   const poll = usePoll(load, () => item.value?.state === 'running')
 *   poll.soon()          now, and from now on, as something was begun here */
import { onScopeDispose } from 'vue'

const EVERY_MS = 900

export function usePoll(load: () => Promise<void>, goesOn: () => boolean): { soon(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined
  let over = false
  function soon(ms = 0): void {
    clearTimeout(timer)
    timer = setTimeout(() => void again(), ms)
  }
  async function again(): Promise<void> {
    if (!document.hidden) await load()
    if (!over && goesOn()) soon(EVERY_MS)
  }
  onScopeDispose(() => {
    over = true
    clearTimeout(timer)
  })
  return { soon: () => soon() }
}
