/* What FormDialog and FormDrawer have in common: closing asks when something was changed, opening goes to the first field. */
import { nextTick, type ModelRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { confirm } from '@/lib/confirm'
import type { Form } from '@/lib/useForm'

export function useFormWindow<M extends object>(open: ModelRef<boolean>, form: () => Form<M>) {
  const { t } = useI18n({ useScope: 'global' })
  async function close(): Promise<void> {
    if (form().busy) return
    const leave =
      !form().dirty ||
      (await confirm({ title: t('form.discardTitle'), text: t('form.discardText'), yes: t('form.discard'), no: t('form.stay') }))
    if (leave) open.value = false
  }
  async function opened(id: string): Promise<void> {
    await nextTick()
    const first = document.querySelector<HTMLElement>(`#${CSS.escape(id)} :is(input, textarea, select):not([type="hidden"], :disabled)`)
    first?.focus()
  }
  return { close, opened, t }
}
