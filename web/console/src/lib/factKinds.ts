/* The kinds of facts in the log, which segments and reports speak of, with their properties. Fetched once and again when they are older
 * than a minute; for those who may read insight.
 *
 *   const kinds = useFactKinds()      kinds.state, kinds.all */
import type { InsightType } from '@api/client.mjs'
import { computed, reactive } from 'vue'
import { api } from '@/api'
import { explain, type Trouble } from '@/api/problem'
import { language } from '@/i18n'
import type { EventChoice, PropKind } from './condition/fields'
import { propLabel } from './props'

const FRESH_MS = 60_000
const kept = reactive({ types: [] as InsightType[], state: 'loading' as 'loading' | 'ready' | 'failed', trouble: null as Trouble | null })
let at = 0
let under: Promise<void> | null = null

async function fetchAll(): Promise<void> {
  try {
    const types = await api.insight.events()
    kept.types = types.items
    kept.state = 'ready'
    kept.trouble = null
    // While the index is being built there are none yet.
    at = types.items.some((e) => e.facts) ? Date.now() : 0
  } catch (e) {
    kept.trouble = explain(e)
    if (kept.state !== 'ready') kept.state = 'failed'
  } finally {
    under = null
  }
}
export function loadFactKinds(force = false): Promise<void> {
  if (!force && (under || Date.now() - at < FRESH_MS)) return under ?? Promise.resolve()
  return (under = fetchAll())
}

const named = (e: InsightType): EventChoice => ({
  name: e.name, label: (language.value === 'en' ? e.en : e.zh) ?? e.name, own: e.zh !== null, facts: e.facts, props: e.props.map((p) => ({ name: p.name, label: propLabel(p.name), kinds: p.kinds as PropKind[] })),
})
/** Without asking for them. */
export const factKinds = reactive({
  state: computed(() => kept.state),
  trouble: computed(() => kept.trouble),
  all: computed(() => kept.types.filter((e) => e.facts).map(named)),
  /** Also those that nobody has seen */
  names: computed(() => new Map(kept.types.map((e) => [e.name, named(e).label]))),
  reload: () => loadFactKinds(true),
})

export function useFactKinds(): typeof factKinds {
  void loadFactKinds()
  return factKinds
}
