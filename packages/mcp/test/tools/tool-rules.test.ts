import { describe, expect, it } from 'vitest'
import { factsByRule, toolFilter } from '../../src/tools/tool-rules.ts'

describe('the effect of a tool', () => {
  const facts = factsByRule({
    'get_*': 'read',
    get_secret: 'write',
    'delete_*': 'destroy',
    '*_all': { effect: 'destroy', reconcile: 'Look at the list.' },
    put: { effect: 'write', idempotent: true },
  })

  it.each([
    ['get_page', { effect: 'read' }],
    ['get_secret', { effect: 'write' }],
    ['delete_page', { effect: 'destroy' }],
    ['drop_all', { effect: 'destroy', reconcile: 'Look at the list.' }],
    ['put', { effect: 'write', idempotent: true }],
    ['forget_page', { effect: 'write' }],
    ['', { effect: 'write' }],
  ])('%s: %o', (tool, expected) => {
    expect(facts(tool)).toEqual(expected)
  })

  it('matches a pattern of many stars without backtracking, however long the name', () => {
    const starred = factsByRule({ [`${'*a'.repeat(20)}b`]: 'read' })
    expect(starred('a'.repeat(3000)).effect).toBe('write')
    expect(starred(`${'a'.repeat(3000)}b`).effect).toBe('read')
  })

  it('is write without a rule', () => {
    expect(factsByRule()('anything')).toEqual({ effect: 'write' })
  })

  it('treats no character of a pattern but * as special', () => {
    const dotted = factsByRule({ 'a.b*': 'read', '(x)': 'read' })
    expect([dotted('a.bc').effect, dotted('axbc').effect, dotted('(x)').effect, dotted('x').effect]).toEqual([
      'read',
      'write',
      'read',
      'write',
    ])
  })
})

describe('the tools that are offered', () => {
  it.each([
    [undefined, ['a', 'b']],
    [{ allow: ['a*'] }, ['a']],
    [{ deny: ['a'] }, ['b']],
    [{ allow: ['*'], deny: ['b'] }, ['a']],
    [{ allow: [] }, []],
  ])('%o: %o', (filter, offered) => {
    expect(['a', 'b'].filter(toolFilter(filter))).toEqual(offered)
  })
})
