/* Saved reports on their way out: off every list at once, and gone for good when the message that offers to undo it goes. Until then they
 * and their places on dashboards stand as they were; afterwards a dashboard says what is gone. */
import type { Report } from '@api/client.mjs'
import { shallowReactive } from 'vue'
import { api } from '@/api'
import { removal } from '@/lib/toast'

/** By number; those that are gone stay, since numbers never come again. */
export const leaving = shallowReactive(new Set<number>())
export function removeReport({ id }: Pick<Report, 'id'>, text: string): void {
  removal({ text, hide: () => leaving.add(id), restore: () => leaving.delete(id), commit: () => api.report.remove({ id }) })
}
