/** One message of a stream of server-sent events. */
export interface ServerSentEvent {
  id: string | null
  event: string
  data: string
}

/** Reads `text/event-stream` (WHATWG HTML, 9.2.6) until it ends, breaks or is aborted; never throws for either. */
export async function* readServerSentEvents(response: Response, signal?: AbortSignal): AsyncGenerator<ServerSentEvent, void, undefined> {
  if (!response.body) return
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  const stop = () => void reader.cancel().catch(() => undefined)
  signal?.addEventListener('abort', stop, { once: true })
  let text = ''
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => ({ done: true as const, value: undefined }))
      if (done || signal?.aborted) return
      text += decoder.decode(value as Uint8Array, { stream: true }).replaceAll('\r', '')
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const message = readBlock(block)
        if (message) yield message
      }
    }
  } finally {
    signal?.removeEventListener('abort', stop)
    stop()
  }
}

/** `null` for a comment. A block of an id alone is a place without an event: its data is empty (9.2.6). */
function readBlock(block: string): ServerSentEvent | null {
  const message: ServerSentEvent = { id: null, event: 'message', data: '' }
  const data: string[] = []
  for (const line of block.split('\n')) {
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? []
    if (field === 'data') data.push(value)
    else if (field === 'id') message.id = value
    else if (field === 'event') message.event = value
  }
  return data.length === 0 && message.id === null ? null : { ...message, data: data.join('\n') }
}
