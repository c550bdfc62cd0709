/* How jobs stand, and what a person can do then. */
import type { JobEntry } from '@api/client.mjs'

export type State = JobEntry['state']
export const states: State[] = ['waiting', 'running', 'paused', 'done', 'dead', 'cancelled']
export const tones: Record<State, 'good' | 'busy' | 'warning' | 'bad' | 'calm'> = { waiting: 'calm', running: 'busy', paused: 'warning', done: 'good', dead: 'bad', cancelled: 'calm' }
export type Act = 'retry' | 'pause' | 'resume' | 'cancel'
/** Of those that run by themselves, again and again, none is given up for good; the server has the last word. */
export function acts(job: JobEntry): Act[] {
  const byState: Record<State, Act[]> = { waiting: ['pause', 'cancel'], running: ['pause', 'cancel'], paused: ['resume', 'cancel'], done: [], dead: ['retry', 'cancel'], cancelled: [] }
  return byState[job.state].filter((a) => a !== 'cancel' || !job.recurring)
}
