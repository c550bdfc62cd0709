/* Which column is what, while it is being decided: begun with the guess of the server, or with what was set before. */
import type { Import, ImportField, ImportLooked, Mapping } from '@api/client.mjs'
import { computed, reactive, shallowRef } from 'vue'
import { api } from '@/api'

export type Options = Omit<Mapping, 'columns'>
const optionsOf = ({ source, refund_prefix, skip_prefix, negative, unverified, charset, separator, sheet, headless, first_line }: Mapping): Options => ({ source, refund_prefix, skip_prefix, negative, unverified, charset, separator, sheet, headless, first_line })

export function useMapping() {
  const looked = shallowRef<ImportLooked | null>(null)
  const fields = shallowRef<ImportField[]>([])
  /** By column, from 0: the field, or '' */
  const chosen = reactive<Record<number, string>>({})
  const options = reactive<Options>({ source: null, refund_prefix: null, skip_prefix: null, negative: null, unverified: false, charset: null, separator: null, sheet: null, headless: false, first_line: null })

  /** How the API names a column: its header, or its number where that says nothing or stands twice. */
  function columnName(i: number): string {
    const header = looked.value!.columns[i] ?? ''
    const plain = header && !header.startsWith('#') && !options.headless && looked.value!.columns.filter((c) => c === header).length === 1
    return plain ? header : `#${i + 1}`
  }
  function take(columns: Mapping['columns']): void {
    const count = looked.value?.columns.length ?? 0
    for (let i = 0; i < count; i++) chosen[i] = columns.find((c) => c.column === columnName(i) || c.column === `#${i + 1}` || c.column === looked.value!.columns[i])?.field ?? ''
  }
  async function look(id: number): Promise<void> {
    const { charset, separator, sheet, headless, first_line } = options
    looked.value = await api.import.look({ id, charset: charset ?? undefined, separator: separator ?? undefined, sheet: sheet ?? undefined, headless: headless || undefined, first_line: first_line ?? undefined })
  }
  async function begin(im: Import): Promise<void> {
    fields.value = (await api.importKind.list()).items.find((k) => k.key === im.kind)?.fields ?? []
    Object.assign(options, optionsOf(im.mapping))
    await look(im.id)
    take(im.mapping.columns.length ? im.mapping.columns : looked.value!.guess)
  }
  async function lookAgain(id: number): Promise<void> {
    await look(id)
    take(looked.value!.guess)
  }
  async function apply(id: number, mapping: Mapping): Promise<void> {
    Object.assign(options, optionsOf(mapping))
    await look(id)
    take(mapping.columns)
  }
  const mapping = computed<Mapping>(() => ({
    ...options,
    columns: (looked.value?.columns ?? []).flatMap((_, i) => (chosen[i] ? [{ field: chosen[i]!, column: columnName(i) }] : [])),
  }))
  const missing = computed(() => fields.value.filter((f) => f.required && !mapping.value.columns.some((c) => c.field === f.key)))
  return { looked, fields, chosen, options, begin, lookAgain, apply, mapping, missing }
}
export type MappingState = ReturnType<typeof useMapping>
