/* Paths as a picture of columns: which blocks and which bands. A column is a level; who goes no further is a block of the next column. Of
 * paths that lead to an event the columns stand the other way about, so that time runs to the right in both. */
import type { PathLevel } from './paths'

/** What stands for people: a node of a level (from 0), where it goes on to (a node of the next), or that it ends there. */
export interface Place {
  level: number
  node?: number
  to?: number
  ends?: boolean
}
export interface Block {
  name: string
  depth: number
  value: number
  at: Place
}
export interface Band {
  source: string
  target: string
  value: number
  at: Place
}
export interface Flow {
  columns: number
  /** Blocks of the fullest column */
  most: number
  blocks: Block[]
  bands: Band[]
}

const blockName = (level: number, node: number): string => `${level}:${node}`
const endName = (level: number): string => `${level}:end`

export function flowOf(levels: PathLevel[], backwards: boolean): Flow {
  const columns = Math.max(0, ...levels.map((l, i) => i + 1 + Number(l.nodes.some((n) => n.ends > 0))))
  const depth = (column: number): number => (backwards ? columns - 1 - column : column)
  const flow: Flow = { columns, most: 0, blocks: [], bands: [] }
  const band = (from: string, to: string, value: number, at: Place): void => void flow.bands.push(backwards ? { source: to, target: from, value, at } : { source: from, target: to, value, at })
  const counts = Array.from({ length: columns }, () => 0)
  levels.forEach((l, level) => {
    l.nodes.forEach((n, node) => {
      flow.blocks.push({ name: blockName(level, node), depth: depth(level), value: n.paths, at: { level, node } })
      counts[level]!++
      if (n.ends) band(blockName(level, node), endName(level), n.ends, { level, node, ends: true })
    })
    for (const k of l.links) band(blockName(level, k.from), blockName(level + 1, k.to), k.paths, { level, node: k.from, to: k.to })
  })
  // Behind the nodes of their column: they stand below them.
  levels.forEach((l, level) => {
    const ended = l.nodes.reduce((sum, n) => sum + n.ends, 0)
    if (!ended) return
    flow.blocks.push({ name: endName(level), depth: depth(level + 1), value: ended, at: { level, ends: true } })
    counts[level + 1]!++
  })
  flow.most = Math.max(0, ...counts)
  return flow
}
