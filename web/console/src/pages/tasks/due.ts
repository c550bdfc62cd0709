/* When things are due: the groups of the list, and where postponing leads. */
import { addDays, dayStart, monday, today } from '@/lib/days'

export type Group = 'overdue' | 'today' | 'coming'
export const groups: Group[] = ['overdue', 'today', 'coming']

/** The span of a group, for lists that are asked by instants. */
export const spanOf: Record<Group, () => { due_from_at?: string; due_before_at?: string }> = {
  overdue: () => ({ due_before_at: dayStart(today()) }),
  today: () => ({ due_from_at: dayStart(today()), due_before_at: dayStart(today(), 1) }),
  coming: () => ({ due_from_at: dayStart(today(), 1) }),
}

const MORNING = 10
const later = (due: string, days: number): string => new Date(Math.max(Date.now(), Date.parse(due)) + days * 86_400_000).toISOString()
export const postponements = {
  tomorrow: (due: string) => later(due, 1),
  three: (due: string) => later(due, 3),
  monday: () => dayStart(addDays(monday(today()), 7), 0, MORNING),
}
