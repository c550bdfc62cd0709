/* Reports on the dashboard of whoever is signed in: those that everybody has there, then their own. */
import type { ReportPin } from '@api/client.mjs'
import { shallowRef, type ShallowRef } from 'vue'
import { api } from '@/api'
import { explain, type Trouble } from '@/api/problem'
import { may } from '@/app/session'

export interface Pins {
  /** null: not read yet */
  items: ShallowRef<ReportPin[] | null>
  trouble: ShallowRef<Trouble | null>
  load(): Promise<void>
  hide(id: number): void
  /** Changed here, and by the server's answer; what fails is read anew */
  widen(pin: ReportPin, width: number): Promise<void>
  /** Before another of the same part; null: behind all */
  move(pin: ReportPin, before: ReportPin | null): Promise<void>
}
/** Who has a dashboard, and reports to put there. */
export const mayPin = (): boolean => may('insight.read') && may('dashboard.read')
/** What everybody has is arranged by who shares reports. */
export const mayArrange = (pin: Pick<ReportPin, 'shared'>): boolean => !pin.shared || may('segment.write')

export function usePins(): Pins {
  const items = shallowRef<ReportPin[] | null>(null)
  const trouble = shallowRef<Trouble | null>(null)
  async function load(): Promise<void> {
    try {
      items.value = (await api.reportPin.list()).items
      trouble.value = null
    } catch (e) {
      trouble.value = explain(e)
    }
  }
  let sent: Promise<unknown> = Promise.resolve()
  /** One after the other: two moves that overtake each other would leave another order than is shown. */
  const change = async (now: ReportPin[], send: () => Promise<unknown>): Promise<void> => {
    items.value = now
    const mine = sent.then(send)
    sent = mine.catch(() => null)
    try {
      await mine
    } catch (e) {
      void load()
      throw e
    }
  }
  return {
    items, trouble, load,
    hide: (id) => void (items.value = (items.value ?? []).filter((p) => p.id !== id)),
    widen: (pin, width) => change((items.value ?? []).map((p) => (p.id === pin.id ? { ...p, width } : p)), () => api.reportPin.change({ id: pin.id, width })),
    move(pin, before) {
      const rest = (items.value ?? []).filter((p) => p.id !== pin.id)
      const at = before ? rest.findIndex((p) => p.id === before.id) : rest.findLastIndex((p) => p.shared === pin.shared) + 1
      return change([...rest.slice(0, at), pin, ...rest.slice(at)], () => api.reportPin.change({ id: pin.id, before: before?.id ?? null }))
    },
  }
}
