import { expect, it } from 'vitest'
import { LineReader } from '../../src/stdio/line-reader.ts'

/** Returns the lines of `bytes`, cut at the given positions. */
function read(bytes: Buffer, cuts: readonly number[], maxBytes: number): readonly string[] {
  const seen: string[] = []
  const reader = new LineReader(maxBytes, {
    onLine: (line) => seen.push(`line ${line}`),
    onOverlong: () => seen.push('overlong'),
  })
  const positions = [0, ...cuts, bytes.length]
  for (const [index, from] of positions.entries()) {
    const to = positions[index + 1]
    if (to !== undefined && to > from) reader.push(bytes.subarray(from, to))
  }
  return seen
}

it('returns the same lines wherever the stream is cut', () => {
  const lines = ['{"a":1}', '', '{"b":2}\r', 'é€😀', 'more than ten bytes', '\r', '{"c":3}', 'ten bytes!']
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
  const expected = ['line {"a":1}', 'line ', 'line {"b":2}', 'line é€😀', 'overlong', 'line ', 'line {"c":3}']
  for (let one = 0; one < bytes.length; one++) {
    for (let other = one; other < bytes.length; other++) {
      expect(read(bytes, [one, other], 10)).toEqual([...expected, 'line ten bytes!'])
    }
  }
  const everywhere = Array.from({ length: bytes.length }, (_, at) => at)
  expect(read(bytes, everywhere, 10)).toEqual([...expected, 'line ten bytes!'])
})

it('returns no line before its end arrives', () => {
  expect(read(Buffer.from('a\nb'), [], 10)).toEqual(['line a'])
})

const reading = (maxBytes: number, chunks: readonly string[]) => {
  const seen: string[] = []
  const reader = new LineReader(maxBytes, {
    onLine: (line) => seen.push(line),
    onOverlong: (head, tail) => seen.push(`${head.slice(0, 3)}...${tail.slice(-3)}`),
  })
  for (const chunk of chunks) reader.push(Buffer.from(chunk))
  return seen
}

it('splits lines wherever the chunks are cut, even inside a character', () => {
  expect(reading(100, ['{"a":', '1}\r\n{"b"', ':2}\n\n{"c":3}\n{"d'])).toEqual(['{"a":1}', '{"b":2}', '', '{"c":3}'])
  const seen: string[] = []
  const reader = new LineReader(100, { onLine: (line) => seen.push(line), onOverlong: () => undefined })
  const bytes = Buffer.from('héé\n')
  for (const byte of bytes) reader.push(Buffer.from([byte]))
  expect(seen).toEqual(['héé'])
})

it('skips a line that is too long, and reads the next one', () => {
  expect(reading(10, ['short\n', 'abcdefgh', 'ijklm', 'nopqrs', 'tuvwxyz\nnext\n'])).toEqual([
    'short',
    'abc...xyz',
    'next',
  ])
})
