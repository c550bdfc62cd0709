/* Saved reports in the command palette. */
import { api } from '@/api'
import type { SearchSource } from '@/app/page'
import { everything } from '@/lib/all'
import { pageOfKind } from '@/lib/report/useReport'

const source: SearchSource = {
  async find(text, signal) {
    const word = text.toLowerCase()
    const all = await everything((page) => api.report.list(page, { signal }))
    return all.filter((r) => pageOfKind[r.kind] && r.name.toLowerCase().includes(word)).map((r) => ({ title: r.name, detail: r.staff_name, to: { path: pageOfKind[r.kind]!, query: { report: String(r.id) } } }))
  },
}
export default source
