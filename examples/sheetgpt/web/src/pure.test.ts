import { expect, test } from 'vitest'
import { address, fields, letters } from './addresses'
import { COMPLETE, events } from './events'

test('columns have letters as in other spreadsheets', () => {
  expect([1, 26, 27, 52, 703, 16_384].map(letters)).toEqual(['A', 'Z', 'AA', 'AZ', 'AAA', 'XFD'])
  expect(address(10, 3)).toBe('C10')
})

test('a table from the clipboard, with quotes, empty fields and line ends of each kind', () => {
  expect(fields('a\tb\r\n\t2\n"x\ty"\t"say ""hi""\nthere"')).toEqual([
    ['a', 'b'], ['', '2'], ['x\ty', 'say "hi"\nthere'],
  ])
  expect(fields('one')).toEqual([['one']])
  expect(fields('a\t')).toEqual([['a', '']])
  expect(fields('a\nb\n')).toEqual([['a'], ['b']])
})

test('events come whole however the stream is cut, and heartbeats are no events', async () => {
  const text = ': heartbeat\n\ndata: {"text": "a\\nü"}\n\ndata: __STREAM_COMPLETE__\n\n'
  const bytes = new TextEncoder().encode(text)
  for (let size = 1; size < 9; size += 1) {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size))
        controller.close()
      },
    })
    const found: unknown[] = []
    for await (const event of events(body)) found.push(event)
    expect(found).toEqual([{ text: 'a\nü' }, COMPLETE])
  }
})
