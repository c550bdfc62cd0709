/** Names of groups and events come from outside: into a tooltip they go as texts. */
export function safe(text: string): string {
  const box = document.createElement('span')
  box.textContent = text
  return box.innerHTML
}
