/* JSON that a person writes: what it says and where each part stands, or where it cannot be read. Places are named as the server
 * names them: "all[1].count". */

export interface Range {
  from: number
  to: number
}
export interface Placed {
  value?: unknown
  /** The end of the text: something is missing there */
  error?: Range
  places: Map<string, Range>
}

const literals: Record<string, unknown> = { true: true, false: false, null: null }
const number = /-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y
const text = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const DEPTH_MAX = 64

export function placesOfJson(source: string): Placed {
  const places = new Map<string, Range>()
  let at = 0
  const wrong = (): never => {
    throw new RangeError()
  }
  const space = (): void => {
    while (at < source.length && ' \t\r\n'.includes(source[at]!)) at++
  }
  const expect = (c: string): void => {
    space()
    if (source[at] !== c) wrong()
    at++
  }
  const matched = (pattern: RegExp): string => {
    pattern.lastIndex = at
    const found = pattern.exec(source)?.[0] ?? wrong()
    at += found.length
    return found
  }
  /** Between the brackets, one after the other. */
  const list = (end: string, one: () => void): void => {
    at++
    space()
    if (source[at] === end) return void at++
    for (;;) {
      one()
      space()
      if (source[at] === end) return void at++
      expect(',')
    }
  }
  const object = (path: string, depth: number): Record<string, unknown> => {
    const made: Record<string, unknown> = {}
    list('}', () => {
      space()
      const key = JSON.parse(matched(text)) as string
      expect(':')
      // A name such as __proto__ is a name.
      Object.defineProperty(made, key, { value: any(path ? `${path}.${key}` : key, depth + 1), enumerable: true, configurable: true, writable: true })
    })
    return made
  }
  const array = (path: string, depth: number): unknown[] => {
    const made: unknown[] = []
    list(']', () => void made.push(any(`${path}[${made.length}]`, depth + 1)))
    return made
  }
  const any = (path: string, depth: number): unknown => {
    space()
    const from = at
    if (depth > DEPTH_MAX || at >= source.length) wrong()
    const c = source[at]!
    const word = /^(true|false|null)/.exec(source.slice(at, at + 5))?.[0]
    let value: unknown
    if (c === '{') value = object(path, depth)
    else if (c === '[') value = array(path, depth)
    else if (c === '"') value = JSON.parse(matched(text))
    else if (word) [value, at] = [literals[word], at + word.length]
    else value = Number(matched(number))
    places.set(path, { from, to: at })
    return value
  }
  try {
    const value = any('', 0)
    space()
    if (at < source.length) wrong()
    return { value, places }
  } catch (e) {
    if (!(e instanceof RangeError)) throw e
    return { error: { from: at, to: Math.min(source.length, at + 1) }, places }
  }
}

/** The place, or of what has none of its own the nearest around it. */
export function nearest(places: Map<string, Range>, path: string): Range | undefined {
  for (let p = path; p; p = p.replace(/(\.?[^.[\]]+|\[\d+\])$/, '')) if (places.has(p)) return places.get(p)
  return places.get('')
}
export const lineOf = (source: string, at: number): number => source.slice(0, at).split('\n').length
