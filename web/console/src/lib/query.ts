/* Filters that live in the address, so that a list can be sent to a colleague, reloaded, and found again with "back".
 *
 *   const filters = useQuery({ q: text(), stage: texts(), owner: number(), lost: flag(), show: choice(['all', 'mine'], 'all') })
 *   filters.values.q = '王'      // the address becomes ?q=王
 *   filters.any.value            // something differs from the default
 *   filters.clear()
 */
import { computed, reactive, watch, type ComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

interface Codec<T> {
  otherwise: T
  read(text: string): T
  write(value: T): string
}
export const text = (otherwise = ''): Codec<string> => ({ otherwise, read: (s) => s, write: (v) => v })
export const number = (otherwise: number | null = null): Codec<number | null> => ({
  otherwise, read: (s) => (s !== '' && Number.isFinite(Number(s)) ? Number(s) : otherwise), write: (v) => (v === null ? '' : String(v)),
})
export const flag = (otherwise = false): Codec<boolean> => ({ otherwise, read: (s) => s === '1', write: (v) => (v ? '1' : '0') })
export const texts = (): Codec<string[]> => ({ otherwise: [], read: (s) => (s ? s.split(',') : []), write: (v) => v.join(',') })
export const choice = <const C extends string>(choices: readonly C[], otherwise: NoInfer<C>): Codec<C> => ({
  otherwise, read: (s) => choices.find((c) => c === s) ?? otherwise, write: (v) => v,
})

// Codecs of different types stand in one object.
type Spec = Record<string, Codec<any>>
export type Values<S extends Spec> = { [K in keyof S]: S[K]['otherwise'] }
export interface Query<S extends Spec> {
  values: Values<S>
  any: ComputedRef<boolean>
  clear(): void
}

export function useQuery<S extends Spec>(spec: S): Query<S> {
  const route = useRoute()
  const router = useRouter()
  const here = route.path
  const names = Object.keys(spec)
  const inAddress = (name: string): string | null => {
    const value = route.query[name]
    return Array.isArray(value) ? (value[0] ?? null) : (value ?? null)
  }
  const read = (name: string): unknown => {
    const value = inAddress(name)
    const codec = spec[name]!
    return value === null ? structuredClone(codec.otherwise) : codec.read(value)
  }
  const values = reactive(Object.fromEntries(names.map((n) => [n, read(n)]))) as Record<string, unknown>
  const written = (name: string): string => spec[name]!.write(values[name])
  const isDefault = (name: string): boolean => written(name) === spec[name]!.write(spec[name]!.otherwise)

  watch(values, () => {
    if (route.path !== here) return
    const query = { ...route.query }
    for (const n of names)
      if (isDefault(n)) delete query[n]
      else query[n] = written(n)
    void router.replace({ query, hash: route.hash })
  })
  watch(() => route.query, () => {
    if (route.path !== here) return
    for (const n of names) {
      const fresh = read(n)
      if (spec[n]!.write(fresh) !== written(n)) values[n] = fresh
    }
  })
  return {
    values: values as Values<S>,
    any: computed(() => names.some((n) => !isDefault(n))),
    clear: () => names.forEach((n) => (values[n] = structuredClone(spec[n]!.otherwise))),
  }
}
