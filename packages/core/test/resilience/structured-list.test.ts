import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseList } from '../../src/resilience/structured-list.ts'

const plain = (text: string) =>
  parseList(text)?.map(({ value, parameters }) => [value, Object.fromEntries(parameters)] as const)

describe('parseList', () => {
  it('reads items with parameters', () => {
    expect(plain('"permin";q=50;w=60,"perhr";q=1000;w=3600;qu="content-bytes";pk=:cHsdsRa894==:')).toEqual([
      ['permin', { q: 50, w: 60 }],
      ['perhr', { q: 1000, w: 3600, qu: 'content-bytes', pk: ':cHsdsRa894==:' }],
    ])
  })

  it('reads every kind of item', () => {
    expect(plain('a/b, "x \\"y\\" \\\\", -7, 1.250, ?1, ?0, :YQ==:, @1659578233, %"f%c3%bc", *t')).toEqual(
      ['a/b', 'x "y" \\', -7, 1.25, true, false, ':YQ==:', '@1659578233', '%"f%c3%bc"', '*t'].map((value) => [
        value,
        {},
      ]),
    )
  })

  it('reads a parameter without a value as true, and the last of repeated names', () => {
    expect(plain('a;b;  c=1;c=2')).toEqual([['a', { b: true, c: 2 }]])
  })

  it('reads an empty field as an empty list', () => {
    expect(parseList('  ')).toEqual([])
  })

  it.each([
    'a,',
    ',a',
    'a b',
    '"unclosed',
    '"a";q=',
    '"a";Q=1',
    '"a";=1',
    'limit=100, remaining=50',
    '1.',
    '1.2345',
    '1234567890123456',
    '?2',
    ':not base64:',
    '"\u00fc"',
    '(a b)',
    "'a'",
    '"bad \\escape"',
  ])('rejects a malformed list as a whole: %j', (text) => {
    expect(parseList(text)).toBeUndefined()
  })

  it('never throws or hangs, for any string', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 300 }),
          fc.string({ unit: fc.constantFrom(...'";=,:\\ab1.?@%*() '.split('')) }),
        ),
        (text) => {
          const items = parseList(text)
          expect(items === undefined || Array.isArray(items)).toBe(true)
        },
      ),
      { numRuns: 500 },
    )
  })
})
