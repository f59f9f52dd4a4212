import { describe, expect, it } from 'vitest'
import { memoryStore } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { Pins } from '../../src/tools/pins.ts'

describe('a pin', () => {
  const tool = { name: 'a', description: 'A', inputSchema: { type: 'object', properties: { x: {}, y: {} } } }

  it('ignores the order of members, and detects every other change', async () => {
    const pins = new Pins(memoryStore(), ['docs'])
    await pins.check([tool])
    const shuffled = { inputSchema: { properties: { y: {}, x: {} }, type: 'object' }, description: 'A', name: 'a' }
    expect(await pins.check([shuffled])).toEqual({ drifted: [], newlyDrifted: [] })
    for (const other of [
      { ...tool, description: 'B' },
      { ...tool, inputSchema: { type: 'object' } },
      { ...tool, outputSchema: { type: 'object' } },
      { ...tool, annotations: { readOnlyHint: true } },
      { ...tool, title: 'A' },
    ]) {
      expect((await pins.check([other])).drifted).toEqual(['a'])
    }
    expect((await pins.check([tool])).drifted).toEqual([])
  })

  it('belongs to one session only', async () => {
    const store = memoryStore()
    await new Pins(store, ['docs', 'ada']).check([tool])
    expect((await new Pins(store, ['docs', 'bob']).check([{ ...tool, description: 'B' }])).drifted).toEqual([])
    expect((await new Pins(store, ['docs', 'ada']).check([{ ...tool, description: 'B' }])).drifted).toEqual(['a'])
  })

  it('is stored under a valid key, whatever the name of the tool', async () => {
    const keys: string[] = []
    const inner = memoryStore()
    const store: Store = { ...inner, put: (key, ...rest) => (keys.push(key), inner.put(key, ...rest)) }
    await new Pins(store, ['docs']).check([
      { ...tool, name: '名'.repeat(200) },
      { ...tool, name: 'a/b' },
    ])
    expect(Math.max(...keys.map(({ length }) => length))).toBeLessThan(200)
    expect(new Set(keys).size).toBe(2)
  })
})
