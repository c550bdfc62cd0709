/* Uploads in pieces. They belong to the console, not to a page: whoever goes elsewhere meanwhile finds them going on. */
import type { Import } from '@api/client.mjs'
import { reactive } from 'vue'
import { api } from '@/api'
import { explain, type Trouble } from '@/api/problem'

const PIECE = 1 << 20

export interface Upload {
  id: number
  size: number
  sent: number
  busy: boolean
  trouble: Trouble | null
  file: File
}
export const uploads = reactive(new Map<number, Upload>())

/** From where the server has it; resolves when all is there or it has stopped (trouble). */
export async function send(im: Import, file: File): Promise<void> {
  uploads.set(im.id, { id: im.id, size: im.size, sent: im.uploaded, busy: true, trouble: null, file })
  const upload = uploads.get(im.id)!
  try {
    while (upload.sent < upload.size) {
      const piece = file.slice(upload.sent, upload.sent + PIECE)
      const now = await api.import.content({ id: im.id, offset: upload.sent }, { body: piece, headers: { 'content-type': 'application/octet-stream' } })
      upload.sent = now.uploaded
    }
    uploads.delete(im.id)
  } catch (e) {
    upload.trouble = explain(e)
    upload.busy = false
  }
}
window.addEventListener('beforeunload', (e) => [...uploads.values()].some((u) => u.busy) && e.preventDefault())
