/* The kinds of facts (lib/factKinds.ts) as reports speak of them. */
import { computed, reactive } from 'vue'
import type { EventChoice } from '@/lib/condition/fields'
import { factKinds, useFactKinds } from '@/lib/factKinds'
import { propLabel } from '@/lib/props'

export type Kind = EventChoice
export type Prop = Kind['props'][number]

/** Money is in hundredths: the name says it. */
export const isMoney = (prop: string): boolean => prop.endsWith('_fen')
export const propName = propLabel
/** Numbers that name something are no figures: nobody adds them up. */
export const isFigure = (prop: Prop): boolean => prop.kinds.includes('number') && !prop.name.endsWith('_id')

const byName = computed(() => new Map(factKinds.all.map((k) => [k.name, k])))
export const kinds = reactive({
  items: computed(() => factKinds.all),
  state: computed(() => factKinds.state),
  trouble: computed(() => factKinds.trouble),
  of: (name: string): Kind | undefined => byName.value.get(name),
  nameOf: (name: string): string => factKinds.names.get(name) ?? name,
  reload: () => factKinds.reload(),
})
export function useKinds(): typeof kinds {
  useFactKinds()
  return kinds
}
/** For texts made outside of components. */
export const kindName = (name: string): string => kinds.nameOf(name)
