/* Questions before something that matters (ui/ConfirmHost.vue asks them).
 *
 *   if (!(await confirmDanger({ title: t('deleteTag', { name }), text: t('deleteTagText'), yes: t('common.delete') }))) return
 *
 * `text` says what will be lost, `yes` is the verb. With `word`, it must be typed first: for what takes a lot with it. What can be
 * taken back is not asked about: lib/toast.ts, undoable(). */
import { shallowRef } from 'vue'

export interface Question {
  title: string
  text?: string
  /** Lines below the text: what exactly is touched */
  points?: string[]
  yes: string
  no?: string
  danger?: boolean
  word?: string
}
export const question = shallowRef<(Question & { answer: (yes: boolean) => void }) | null>(null)

export function confirm(q: Question): Promise<boolean> {
  question.value?.answer(false)
  return new Promise((resolve) => {
    question.value = { ...q, answer: (yes) => {
      question.value = null
      resolve(yes)
    } }
  })
}
export const confirmDanger = (q: Question): Promise<boolean> => confirm({ ...q, danger: true })
