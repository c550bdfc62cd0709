/* A media query as a ref: const phone = useMedia('(max-width: 767px)'). What CSS can do alone, CSS does. */
import { onScopeDispose, ref, type Ref } from 'vue'

export function useMedia(query: string): Ref<boolean> {
  const media = window.matchMedia(query)
  const matches = ref(media.matches)
  const listen = (e: MediaQueryListEvent): boolean => (matches.value = e.matches)
  media.addEventListener('change', listen)
  onScopeDispose(() => media.removeEventListener('change', listen))
  return matches
}
