/* What this browser remembers: small choices of a person (theme, columns …), under names beginning with "hetang.".
 * A browser may refuse to remember (private windows): then nothing is kept and nothing breaks. */

export function kept(name: string): string | null {
  try {
    return localStorage.getItem(`hetang.${name}`)
  } catch {
    return null
  }
}

export function keep(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`hetang.${name}`)
    else localStorage.setItem(`hetang.${name}`, value)
  } catch {
    // refused, see above
  }
}

/** The same for what is not a text; `otherwise` when there is none or it cannot be read. */
export function keptJson<T>(name: string, otherwise: T): T {
  try {
    const text = kept(name)
    return text === null ? otherwise : (JSON.parse(text) as T)
  } catch {
    return otherwise
  }
}

export function keepJson(name: string, value: unknown): void {
  keep(name, JSON.stringify(value))
}
