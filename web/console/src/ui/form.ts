/* What FormBody, FormDialog and FormDrawer tell the FormFields inside. */
import type { InjectionKey } from 'vue'
import type { Form } from '@/lib/useForm'

export const formKey: InjectionKey<Form> = Symbol('form')

/** To be bound to the control of a field: <el-input v-bind="control" …> */
export interface Control {
  id: string
  'aria-describedby': string | undefined
  'aria-invalid': 'true' | undefined
}
