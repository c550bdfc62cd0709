/* The way from a number to the people behind it: the list of customers, with a condition in its address. Who may not read customers
 * gets no way there. */
import type { RouteLocationRaw } from 'vue-router'
import { may } from '@/app/session'

/** A condition of the language of lists and rules (docs/reference: condition). */
export type Condition = Record<string, unknown>

export function peopleWith(condition: Condition | null | undefined): RouteLocationRaw | null {
  return condition && may('customer.read') ? { path: '/customers', query: { condition: JSON.stringify(condition) } } : null
}
