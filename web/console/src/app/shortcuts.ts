/* Keys of the console and of the page at hand; `?` lists them (shell/ShortcutHelp.vue).
 *
 *   useShortcut('n', () => t('newTag'), () => (open.value = true))
 *
 * Keys: 'n', '/', '?', '[', 'ctrl+k' (⌘ on a Mac). A key without ctrl does nothing while somebody types, or a dialog or menu is
 * open. Named keys of a page end with it. */
import { onScopeDispose, shallowReactive } from 'vue'

export interface Shortcut {
  keys: string
  label: () => string
  run: () => void
  everywhere: boolean
}
export const shortcuts = shallowReactive<Shortcut[]>([])
export const isMac = /Mac|iPhone|iPad/.test(navigator.platform)

/** 'ctrl+k' as it stands on this keyboard. */
export function keyNames(keys: string): string[] {
  return keys.split('+').map((k) => (k === 'ctrl' ? (isMac ? '⌘' : 'Ctrl') : k.length === 1 ? k.toUpperCase() : k))
}

function typing(target: EventTarget | null): boolean {
  return target instanceof Element && !!target.closest('input, textarea, select, [contenteditable="true"], [role="dialog"], [role="menu"], [role="listbox"]')
}

window.addEventListener('keydown', (e) => {
  if (e.defaultPrevented || e.altKey || e.isComposing) return
  const ctrl = isMac ? e.metaKey : e.ctrlKey
  if (!ctrl && (e.ctrlKey || e.metaKey || typing(e.target))) return
  const pressed = `${ctrl ? 'ctrl+' : ''}${e.key.toLowerCase()}`
  // The latest wins: a page may use a key of the house for itself.
  const found = shortcuts.findLast((s) => s.keys.toLowerCase() === pressed)
  if (!found) return
  e.preventDefault()
  found.run()
})

export function useShortcut(keys: string, label: () => string, run: () => void, everywhere = false): void {
  const shortcut: Shortcut = { keys, label, run, everywhere }
  shortcuts.push(shortcut)
  onScopeDispose(() => shortcuts.splice(shortcuts.indexOf(shortcut), 1))
}
