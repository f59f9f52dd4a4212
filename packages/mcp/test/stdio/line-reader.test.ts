import { expect, it } from 'vitest'
import { LineReader } from '../../src/stdio/line-reader.ts'

/** Returns the lines of `bytes`, cut at the given positions. */
function read(bytes: Buffer, cuts: readonly number[], most: number): readonly string[] {
  const told: string[] = []
  const reader = new LineReader(most, {
    onLine: (line) => told.push(`line ${line}`),
    onOverlong: () => told.push('overlong'),
  })
  const places = [0, ...cuts, bytes.length]
  for (const [index, from] of places.entries()) {
    const to = places[index + 1]
    if (to !== undefined && to > from) reader.push(bytes.subarray(from, to))
  }
  return told
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
