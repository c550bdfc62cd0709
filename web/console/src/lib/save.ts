/* A file that the server answers with, into the browser's downloads. */
export async function saveReply(reply: Response, otherwise: string): Promise<void> {
  const named = /filename="?([^";]+)"?/.exec(reply.headers.get('content-disposition') ?? '')
  const url = URL.createObjectURL(await reply.blob())
  const link = document.createElement('a')
  link.href = url
  link.download = named?.[1] ?? otherwise
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
