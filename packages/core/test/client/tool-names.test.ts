import { describe, expect, it } from 'vitest'
import { ConnectorError, createToolNames } from '@mcpclient/core'
import type { NamedTool } from '@mcpclient/core'

const named = (...tools: readonly (readonly [string, string])[]) =>
  createToolNames(tools.map(([serverId, name]): NamedTool => ({ serverId, name })))

describe('the name of a tool', () => {
  it('joins its server and its own name, and is parsed back into both', () => {
    const names = named(['docs', 'search'], ['slack', 'search'])
    expect(names.all).toEqual(['docs__search', 'slack__search'])
    expect(names.toolOf('slack__search')).toEqual({ serverId: 'slack', name: 'search' })
    expect(names.nameOf('docs', 'search')).toBe('docs__search')
    expect(names.toolOf('docs__find')).toBeUndefined()
  })

  it('is a string for every listed tool, and an error for any other', () => {
    const names = named(['docs', 'search'])
    expect(names.nameOf('docs', 'search').length).toBe(12)
    expect(() => names.nameOf('docs', 'find')).toThrow(ConnectorError)
    expect(() => names.nameOf('docs', 'x'.repeat(1_000_000))).toThrow('The list has no tool')
  })

  it('is never that of another tool, whatever the servers are named: silent shadowing is an attack', () => {
    const names = named(['a', 'b__c'], ['a__b', 'c'], ['a_', 'x'], ['a', '_x'])
    expect(new Set(names.all).size).toBe(4)
    for (const [serverId, name] of [
      ['a', 'b__c'],
      ['a__b', 'c'],
      ['a_', 'x'],
      ['a', '_x'],
    ] as const) {
      expect(names.toolOf(names.nameOf(serverId, name))).toEqual({ serverId, name })
    }
  })

  it('cannot be taken over by a tool that is named like its hash', () => {
    const long = 'x'.repeat(100)
    const [hashed = ''] = named(['docs', long]).all
    const impostor = hashed.slice('docs__'.length)
    const names = named(['docs', impostor], ['docs', long])
    expect(names.toolOf(hashed)).toEqual({ serverId: 'docs', name: long })
    expect(names.nameOf('docs', impostor)).not.toBe(hashed)
  })

  it('follows the limits of AI providers', () => {
    const odd = ['x'.repeat(100), 'päth/to.tool', '', ' ', 'a'.repeat(58), 'a'.repeat(59), '名前']
    const names = createToolNames(odd.map((name) => ({ serverId: 'docs', name })))
    expect(names.all).toHaveLength(odd.length)
    for (const name of names.all) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/)
    expect(odd.map((name) => names.toolOf(names.nameOf('docs', name))?.name)).toEqual(odd)
  })

  it('does not depend on other tools, nor on their order', () => {
    const tools = [
      ['docs', 'a.b'],
      ['docs', 'a/b'],
      ['docs', 'search'],
      ['other', 'x'.repeat(80)],
    ] as const
    const all = named(...tools)
    const reversed = named(...tools.toReversed())
    for (const tool of tools) {
      const [serverId, name] = tool
      expect(reversed.nameOf(serverId, name)).toBe(all.nameOf(serverId, name))
      expect(named(tool).nameOf(serverId, name)).toBe(all.nameOf(serverId, name))
    }
  })

  it('is the same for a tool that is listed twice', () => {
    expect(named(['docs', 'search'], ['docs', 'search']).all).toEqual(['docs__search'])
  })
})
