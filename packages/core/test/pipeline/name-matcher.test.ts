import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NameMatcher, createMatcherCache } from '../../src/pipeline/name-matcher.ts'

const matches = (patterns: readonly string[], name: string) => new NameMatcher(patterns).matches(name)

/** Matches a pattern naively. */
function means(pattern: string, name: string): boolean {
  if (pattern === '') return name === ''
  if (pattern.startsWith('*')) {
    return means(pattern.slice(1), name) || (name !== '' && means(pattern, name.slice(1)))
  }
  return name !== '' && pattern[0] === name[0] && means(pattern.slice(1), name.slice(1))
}

describe('a list of name patterns', () => {
  it.each([
    ['slack.*', 'slack.send', true],
    ['slack.*', 'slack.', true],
    ['slack.*', 'slack', false],
    ['slack.*', 'slackXsend', false],
    ['*', '', true],
    ['**', 'anything', true],
    ['*.list_*', 'slack.list_users', true],
    ['*.list_*', 'slack.unlist', false],
    ['*.get', 'slack.get', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['*a*b*', 'xbxaxbx', true],
    ['*ab*ab', 'ab', false],
    ['slack.send', 'slack.send', true],
    ['s+ack.(x)', 's+ack.(x)', true],
    ['', '', true],
    ['', 'x', false],
    ['line*end', 'line\nend', true],
  ])('%j and %j: %s', (pattern, name, expected) => {
    expect(matches([pattern], name)).toBe(expected)
  })

  it('matches the same names as a naive matcher', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 10 })
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 8 })
    fc.assert(
      fc.property(pattern, text, (each, name) => {
        expect(matches([each], name)).toBe(means(each, name))
      }),
      { numRuns: 3000 },
    )
  })

  it('does not backtrack on a long name with many stars', () => {
    expect(matches([`${'*a'.repeat(40)}b`], 'a'.repeat(100_000))).toBe(false)
  })

  it('matches any of its patterns', () => {
    const patterns = Array.from({ length: 5000 }, (_, index) => [
      `s${index}.tool`,
      `p${index}.*`,
      `*.t${index}*`,
    ]).flat()
    const matcher = new NameMatcher(patterns)
    for (const name of ['s4999.tool', 'p4999.x', 'y.t4999x']) expect(matcher.matches(name)).toBe(true)
    expect(matcher.matches('other')).toBe(false)
  })

  it.each(['slack.*', null, {}, [1], ['slack.*', undefined], 5])('throws for %j', (patterns) => {
    const refused = expect.objectContaining({ code: 'CONFIGURATION_ERROR' }) as Error
    expect(() => new NameMatcher(patterns as never)).toThrow(refused)
    expect(() => createMatcherCache()(patterns as never)).toThrow(refused)
  })
})

describe('cached matchers', () => {
  it('are shared by lists with the same elements', () => {
    const matcherOf = createMatcherCache()
    const list = ['a.*', 'b.c']
    expect(matcherOf(list)).toBe(matcherOf(list))
    expect(matcherOf([...list])).toBe(matcherOf(list))
    expect(matcherOf([])).toBe(matcherOf([]))
    expect(matcherOf(['a.*'])).not.toBe(matcherOf(list))
    expect(matcherOf(['b.c', 'a.*'])).not.toBe(matcherOf(list))
  })

  it.each([
    ['shortened', (list: string[]) => list.pop(), false],
    ['changed in its middle', (list: string[]) => (list[1] = 'x'), false],
    ['emptied', (list: string[]) => list.splice(0), false],
    ['extended', (list: string[]) => list.push('z'), true],
  ])('detect a list that was %s in place', (_how, change, expected) => {
    const matcherOf = createMatcherCache()
    const list = ['a', 'b', 'c'].map((each) => `${each}.*`)
    const [, second = '', third = ''] = list
    expect(matcherOf(list).matches('b.x') && matcherOf(list).matches('c.x')).toBe(true)
    change(list)
    const now = matcherOf(list)
    expect(now.matches('b.x') && now.matches('c.x')).toBe(list.includes(second) && list.includes(third))
    expect(expected).toBe(list.includes('z'))
  })

  it('are dropped together beyond 1000', () => {
    const matcherOf = createMatcherCache()
    const first = matcherOf(['first'])
    for (let index = 0; index < 999; index += 1) matcherOf([`role${index}`])
    expect(matcherOf(['first'])).toBe(first)
    const last = matcherOf(['last'])
    expect(matcherOf(['first'])).not.toBe(first)
    for (let index = 0; index < 998; index += 1) matcherOf([`role${index}`])
    expect(matcherOf(['last'])).toBe(last)
    matcherOf(['one too many'])
    expect(matcherOf(['last'])).not.toBe(last)
  })

  it('are different for lists that begin alike', () => {
    const matcherOf = createMatcherCache()
    const [one, two] = [matcherOf(['a', 'b']), matcherOf(['a', 'c'])]
    expect(matcherOf(['a', 'b'])).toBe(one)
    expect(matcherOf(['a', 'c'])).toBe(two)
  })

  it('read a list once, however many lists begin alike', () => {
    const matcherOf = createMatcherCache()
    const common = Array.from({ length: 100 }, (_, index) => `server${index}.*`)
    const roles = Array.from({ length: 900 }, (_, index) => [...common, `role${index}.*`])
    const matchers = roles.map(matcherOf)
    const last = roles.at(-1) ?? []
    let reads = 0
    const counting = new Proxy([...last], {
      get(list, property) {
        if (property !== 'length') reads += 1
        return Reflect.get(list, property) as unknown
      },
    })
    expect(matcherOf(counting)).toBe(matchers.at(-1))
    expect(reads).toBeLessThan(2 * last.length)
  })

  it('stay correct when more lists are used than cached', () => {
    const matcherOf = createMatcherCache()
    for (let index = 0; index < 2500; index += 1) {
      const matcher = matcherOf([`role${index}.*`, 'all'])
      expect([matcher.matches(`role${index}.x`), matcher.matches('role.x')]).toEqual([true, false])
    }
  })
})
