/* Types of facts by the names people know. */
import type { WebhookEventType } from '@api/client.mjs'
import { computed, shallowRef } from 'vue'
import { api } from '@/api'
import { language } from '@/i18n'
import { toast } from '@/lib/toast'

export interface TypeChoice {
  value: string
  label: string
  /** A whole kind, or everything */
  wide: boolean
}

export function useTypes(words: (key: string, values?: Record<string, unknown>) => string) {
  const types = shallowRef<WebhookEventType[]>([])
  async function load(): Promise<void> {
    const all: WebhookEventType[] = []
    let cursor: string | undefined
    do {
      const page = await api.webhook.eventTypes({ cursor, limit: 200 })
      all.push(...page.items)
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    types.value = all
  }
  void load().catch(toast.trouble)

  const names = computed(() => new Map(types.value.map((x) => [x.name, (language.value === 'zh' ? x.zh : x.en) ?? x.name])))
  const kinds: Record<string, string> = { customer: 'customers', tag: 'tags', order: 'orders', staff: 'staff', webhook: 'webhooks' }
  const nameOf = (type: string): string => {
    if (type === '*') return words('everything')
    if (type.endsWith('.*')) {
      const kind = type.slice(0, -2)
      return words('allOf', { kind: kinds[kind] ? words(`kinds.${kinds[kind]}`) : kind })
    }
    return names.value.get(type) ?? type
  }
  const choices = computed<TypeChoice[]>(() => {
    const count = new Map<string, number>()
    for (const { name, declared } of types.value) {
      const kind = name.split('.')[0]!
      if (declared && name.includes('.')) count.set(kind, (count.get(kind) ?? 0) + 1)
    }
    const wide = ['*', ...[...count].filter(([kind, n]) => n > 1 && kinds[kind]).map(([kind]) => `${kind}.*`)]
    // The house sends a test by itself, and only to the one that is tested.
    const single = types.value.map((x) => x.name).filter((n) => n !== 'webhook.test')
    return [...wide.map((value) => ({ value, label: nameOf(value), wide: true })), ...single.map((value) => ({ value, label: nameOf(value), wide: false }))]
  })
  return { choices, nameOf }
}
export type Types = ReturnType<typeof useTypes>
