/* A form: what is filled in, what is wrong with it, whether it is on its way.
 *
 *   const form = useForm({ name: '' }, {
 *     check: (m) => ({ name: m.name.trim() ? '' : t('nameMissing') }),       // before it is sent; the server checks in any case
 *     send: (m, key) => api.tag.create({ ...m, group_id: 1 }, { key }),
 *     done: (tag) => list.prepend(tag),
 *   })
 *   <FormDialog v-model:open="open" :form="form" :title="t('add')"> <FormField name="name" …> … </FormDialog>
 *
 * A refusal that names a field of the model stands at that field; any other stands above the form (form.trouble). Sending the same
 * content again after no answer came is the same request (`key`), so nothing is made twice. */
import { computed, reactive, watch, type ComputedRef } from 'vue'
import type { Problem } from '@api/client.mjs'
import { ApiError, newKey, Unreachable } from '@/api'
import { explain, type Trouble } from '@/api/problem'

export interface Form<M extends object = Record<string, unknown>> {
  model: M
  errors: Record<string, string>
  trouble: Trouble | null
  busy: boolean
  readonly dirty: boolean
  /** Counts refusals: FormBody moves the focus to the first wrong field when it grows */
  refused: number
  /** True when it was accepted */
  submit(): Promise<boolean>
  /** Back to the beginning, or to these values; nothing is dirty then */
  reset(values?: Partial<M>): void
}

export interface FormOptions<M extends object, R> {
  check?: (model: M) => Partial<Record<keyof M & string, string>>
  send: (model: M, key: string) => Promise<R>
  done?: (result: R, model: M) => void
  /** Where a refusal belongs, when the problem itself does not say it by `field`, or should say it in other words here */
  refuse?: (problem: Problem) => Partial<Record<keyof M & string, string>> | undefined
}

export function useForm<M extends object, R = unknown>(start: M, options: FormOptions<M, R>): Form<M> {
  let base = JSON.stringify(start)
  const text: ComputedRef<string> = computed(() => JSON.stringify(form.model))
  let unanswered: { content: string; key: string } | null = null

  async function submit(): Promise<boolean> {
    if (form.busy) return false
    const model = form.model as M
    form.trouble = null
    form.errors = Object.fromEntries(Object.entries(options.check?.(model) ?? {}).filter(([, wrong]) => wrong)) as Record<string, string>
    if (Object.keys(form.errors).length) {
      form.refused++
      return false
    }
    form.busy = true
    const content = text.value
    const key = unanswered?.content === content ? unanswered.key : newKey()
    unanswered = null
    try {
      const result = await options.send(model, key)
      base = content
      form.settled++
      options.done?.(result, model)
      return true
    } catch (e) {
      if (e instanceof Unreachable) unanswered = { content, key }
      const known = e instanceof ApiError ? options.refuse?.(e.problem) : undefined
      const trouble = explain(e)
      if (known) form.errors = known as Record<string, string>
      else if (trouble.field && trouble.field in model) form.errors = { [trouble.field]: trouble.title }
      else form.trouble = trouble
      form.refused++
      return false
    } finally {
      form.busy = false
    }
  }

  function reset(values: Partial<M> = {}): void {
    Object.assign(form.model as M, JSON.parse(JSON.stringify({ ...start, ...values })))
    form.errors = {}
    form.trouble = null
    base = text.value
    form.settled++
  }

  const form = reactive({
    model: JSON.parse(base) as M,
    errors: {} as Record<string, string>,
    trouble: null as Trouble | null,
    busy: false,
    refused: 0,
    settled: 0, // base is no reactive value; this tells `dirty` that it moved
    dirty: computed((): boolean => form.settled >= 0 && text.value !== base),
    submit,
    reset,
  })
  // What was wrong is being mended.
  for (const name of Object.keys(start)) watch(() => (form.model as Record<string, unknown>)[name], () => delete form.errors[name], { deep: true })
  return form as unknown as Form<M>
}
