/* Languages: Chinese first, English by a switch, the choice kept on this machine.
 *
 * Words of the whole console stand in zh.ts and en.ts. A page has words of its own in pages/<name>/messages.ts:
 *     export const messages = defineMessages({ zh: { add: '新建' }, en: { add: 'New' } })
 *     const { t } = useI18n({ useScope: 'local', messages })     // t('add'), and t('common.save') of the whole console
 * Both languages must have the same keys (the compiler says so), every key used must exist and every key must be used
 * (tools/words.mjs says so). Figures, dates and money: i18n/format.ts. */
import { computed } from 'vue'
import { createI18n } from 'vue-i18n'
import en from './en'
import zh from './zh'
import { keep, kept } from '@/lib/kept'

export type Language = 'zh' | 'en'
export interface Words {
  zh: string
  en: string
}
/** The same tree of keys, with other texts. */
export type Same<T> = { [K in keyof T]: T[K] extends string ? string : Same<T[K]> }

export function defineMessages<T extends object>(messages: { zh: T; en: Same<NoInfer<T>> }): { zh: T; en: Same<T> } {
  return messages
}

export const i18n = createI18n({
  legacy: false,
  locale: kept('language') === 'en' ? 'en' : 'zh',
  fallbackLocale: 'zh',
  messages: { zh, en },
  // A page's words fall back to those of the console; what is in neither is found by tools/words.mjs.
  missingWarn: false,
  fallbackWarn: false,
})

export const language = computed<Language>(() => (i18n.global.locale.value === 'en' ? 'en' : 'zh'))
/** For Intl and the lang attribute. English dates are written day month year: nobody reads them the other way round. */
export const localeOf = { zh: 'zh-CN', en: 'en-GB' } as const

export function setLanguage(to: Language): void {
  i18n.global.locale.value = to
  keep('language', to)
  document.documentElement.lang = to === 'en' ? 'en' : 'zh-CN'
}

/** Of a table that has both languages in each row (page titles, navigation). */
export const say = (words: Words): string => words[language.value]

/** The words of the whole console, outside of components. */
export const word = (key: string, values: Record<string, unknown> = {}): string => i18n.global.t(key, values)

/** What has a name in Chinese and may have one in English (roles). */
export const nameOf = (named: { name: string; name_en: string | null }): string => (language.value === 'en' && named.name_en) || named.name
