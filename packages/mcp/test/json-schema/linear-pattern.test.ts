import { describe, expect, it } from 'vitest'
import { Budget, BudgetExceeded } from '../../src/json-schema/budget.ts'
import { LinearPattern } from '../../src/json-schema/linear-pattern.ts'

const STEPS = 2_000_000
const matches = (source: string, text: string) => LinearPattern.of(source)?.test(text, new Budget(STEPS))

const patterns = [
  '',
  'a',
  '^a$',
  'a|bc|d',
  '^(?:a|ab)(?:c|bcd)(?:d*)$',
  '^(a+)+$',
  '^(?<name>x*)*y?$',
  '^[a-z_][\\w-]{0,5}$',
  '^\\d{4}-\\d{2}-\\d{2}$',
  '\\bfoo\\b',
  '\\Boo\\B',
  '^[^\\s@]+@[^\\s@]+\\.[^\\s@]+$',
  '^\\p{Lu}\\p{Ll}*$',
  '^.{2,3}$',
  '^.{2,}?$',
  '^[\\w-.]+$',
  '^\\u0041\\x42\\cJ?$',
  '^(|a)b$',
  '()*x',
  '^(x{0}y){2}$',
  '^[\\]^-]+$',
  '^\\$\\{a\\}$',
  '^👍+$',
  'a{,2}',
]
const texts = [
  '',
  'a',
  'aaab',
  'abcd',
  'xxy',
  'yy',
  'b',
  'foo',
  'a foo b',
  'foobar',
  'xoox',
  'ab',
  'abc',
  'AB',
  'AB\n',
  'Größe',
].concat([
  '2026-01-31',
  '2026-1-31',
  'a@b.co',
  'a@b',
  '👍',
  '👍👍',
  '${a}',
  ']^-',
  'a.b-c',
  'a{,2}',
  '\n',
  'a\nb',
  'Ünlü',
  '_x-1',
])

describe('a pattern of a schema', () => {
  it.each(patterns)('matches what the platform matches: %s', (source) => {
    const flags = source.includes('\\w-.') || source === 'a{,2}' ? '' : 'u'
    const expected = texts.map((text) => new RegExp(source, flags).test(text))
    expect(texts.map((text) => matches(source, text))).toEqual(expected)
  })

  it.each([
    ['^(a+)+$', `${'a'.repeat(50_000)}!`],
    ['^(a|aa)+$', `${'a'.repeat(50_000)}!`],
    ['^(a*)*b$', 'a'.repeat(50_000)],
    ['(x+x+)+y', 'x'.repeat(50_000)],
    ['^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}$', 'a'.repeat(50_000)],
  ])('is refuted in linear time: %s', (source, text) => {
    expect(matches(source, text)).toBe(false)
  })

  it.each(['(?=a)b', '(?!a)b', '(?<=a)b', '(?<!a)b', '(a)\\1', '(?<n>a)\\k<n>', '(', '[', 'a**', 'x'.repeat(5000)])(
    'is not run if it is invalid or needs backtracking: %s',
    (source) => {
      expect(LinearPattern.of(source)).toBeUndefined()
    },
  )

  it.each([
    '(?:a{1000}){1000}',
    '((){9999}){9999}',
    '(?:(?:x{0}){9999}){9999}',
    'a{99999}',
    `${'('.repeat(60)}a${')'.repeat(60)}`,
  ])('is not run if it is too large: %s', (source) => {
    expect(LinearPattern.of(source)).toBeUndefined()
  })

  it('stops when its steps are used up', () => {
    const many = LinearPattern.of('(?:a?){900}b')
    expect(() => many?.test('a'.repeat(100_000), new Budget(STEPS))).toThrow(BudgetExceeded)
  })
})
