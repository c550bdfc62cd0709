/* What the page at hand is called: in the breadcrumb, in the window's title, and said aloud when it opens. The title of a detail
 * page is what it shows: useTitle(() => customer.value?.name) */
import { onScopeDispose, ref, watchEffect } from 'vue'

export const detailTitle = ref('')

export function useTitle(title: () => string | undefined): void {
  watchEffect(() => (detailTitle.value = title() ?? ''))
  onScopeDispose(() => (detailTitle.value = ''))
}
