/* How the states of a member look. */
import type { Staff } from '@api/client.mjs'

export const tones: Record<Staff['state'], 'good' | 'warning' | 'calm'> = { active: 'good', suspended: 'warning', left: 'calm' }
