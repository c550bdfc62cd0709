/* What a report is taken away as: its table as CSV (with the mark by which spreadsheets know UTF-8), its picture as PNG. */

export type Cell = string | number | null | undefined

/** A spreadsheet takes a text that begins like this for a formula. */
const FORMULA = /^[=+\-@\t\r]/
function cell(value: Cell): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const safe = FORMULA.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
export const csvText = (rows: Cell[][]): string => '\ufeff' + rows.map((r) => r.map(cell).join(',') + '\r\n').join('')

function save(name: string, href: string): void {
  const a = document.createElement('a')
  a.href = href
  a.download = name
  a.click()
}
/** Names of files: what file systems do not take is left out. */
const named = (name: string, ending: string): string => `${name.replace(/[\\/:*?"<>|\n]/g, ' ').trim()}.${ending}`

export function saveCsv(name: string, rows: Cell[][]): void {
  const url = URL.createObjectURL(new Blob([csvText(rows)], { type: 'text/csv;charset=utf-8' }))
  save(named(name, 'csv'), url)
  setTimeout(() => URL.revokeObjectURL(url), 1000)
}
export const savePng = (name: string, dataUrl: string): void => save(named(name, 'png'), dataUrl)
