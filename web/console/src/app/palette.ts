/* What the command palette finds: pages of this person, actions of the console, and what pages add by their `search`. */
import type { Component } from 'vue'
import type { RouteLocationRaw } from 'vue-router'
import { Lock, MagicStick, Operation, Sunny, SwitchButton } from '@element-plus/icons-vue'
import { pages } from './pages'
import { may } from './session'
import { setTheme, themes, type Theme } from './theme'
import { language, say, setLanguage, word } from '@/i18n'

export interface Entry {
  id: string
  title: string
  detail?: string
  icon?: Component
  to?: RouteLocationRaw
  run?: () => void
}
export interface Section {
  id: string
  title: string
  entries: Entry[]
}

const has = (text: string, words: Array<string | undefined>): boolean => words.some((w) => w?.toLowerCase().includes(text))

export function pageEntries(text: string): Entry[] {
  return pages
    .filter((p) => p.nav && may(p.permission) && has(text, [p.title.zh, p.title.en, ...(p.keywords ?? [])]))
    .map((p) => ({ id: `page:${p.name}`, title: say(p.title), detail: word(`nav.${p.nav!.group}`), icon: p.nav!.icon, to: { name: p.name } }))
}

export function actionEntries(text: string, house: { help: () => void; signOut: () => void }): Entry[] {
  const themeEntry = (to: Theme): Entry & { words: string[] } => ({
    id: `theme:${to}`, title: `${word('header.theme')}：${word(`header.${to}`)}`, icon: Sunny, run: () => setTheme(to), words: ['theme', to, 'wg'],
  })
  const all: Array<Entry & { words: string[] }> = [
    { id: 'language', title: word('palette.language'), icon: MagicStick, run: () => setLanguage(language.value === 'zh' ? 'en' : 'zh'), words: ['language', '语言', 'yy', 'english', '中文'] },
    ...themes.map(themeEntry),
    { id: 'password', title: word('header.password'), icon: Lock, to: { name: 'account' }, words: ['account', '账号', 'mm', 'zh'] },
    { id: 'help', title: word('header.shortcuts'), icon: Operation, run: house.help, words: ['?', 'kjj'] },
    { id: 'sign-out', title: word('header.signOut'), icon: SwitchButton, run: house.signOut, words: ['exit', 'tc'] },
  ]
  return all.filter((e) => has(text, [e.title, ...e.words]))
}

/** Asks the pages that search. One that fails says so and does not silence the others. */
export async function searchPages(text: string, signal: AbortSignal, each: (section: Section, failed: boolean) => void): Promise<void> {
  await Promise.all(
    pages
      .filter((p) => p.search && may(p.permission))
      .map(async (p) => {
        const section = { id: p.name, title: say(p.title), entries: [] as Entry[] }
        try {
          const { default: source } = await p.search!()
          const found = await source.find(text, signal)
          section.entries = found.slice(0, 8).map((f, i) => ({ id: `${p.name}:${i}`, icon: p.nav?.icon, ...f }))
          if (!signal.aborted) each(section, false)
        } catch {
          if (!signal.aborted) each(section, true)
        }
      }),
  )
}
