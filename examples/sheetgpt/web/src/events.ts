// text/event-stream, read with fetch: EventSource cannot send an Authorization header.

export const COMPLETE = '__STREAM_COMPLETE__'

/** The values of `data:` lines as they come; heartbeats are left out. */
export async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<unknown> {
  const reader = body.pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>).getReader()
  let waiting = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    waiting += value
    const lines = waiting.split('\n')
    waiting = lines.pop()!
    for (const line of lines) {
      if (!line.startsWith('data: ')) continue
      const data = line.slice(6)
      yield data === COMPLETE ? COMPLETE : JSON.parse(data)
    }
  }
}
