import { describe, expect, it } from 'vitest'
import type { McpToolResult } from '@mcpclient/mcp'
import { jsonBytes, textBytes, textWithin } from '../../src/results/measure.ts'
import { limitResult } from '../../src/results/size-policy.ts'

const truncate = (maxBytes: number) => ({ maxBytes, onLarge: 'truncate' as const })
const text = (length: number) => ({ type: 'text' as const, text: 'x'.repeat(length) })

describe('a result', () => {
  it('is unchanged if it is within the limit', () => {
    const result: McpToolResult = { content: [text(10)], structured: { a: 1 } }
    expect(limitResult(result, truncate(1000))).toBe(result)
  })

  it('has its text cut if it is too large', () => {
    const result = limitResult({ content: [text(60), text(60), text(60)] }, truncate(100))
    expect(result).toEqual({ content: [text(60), text(40)], truncated: { bytes: 180 } })
  })

  it('keeps its structured data as a whole or not at all', () => {
    const structured = { rows: 'y'.repeat(50) }
    const both = limitResult({ content: [text(500)], structured }, truncate(100))
    expect(both.structured).toEqual(structured)
    expect(both.content[0]).toMatchObject({ type: 'text' })
    const large = limitResult({ content: [text(50)], structured: { rows: 'y'.repeat(500) } }, truncate(100))
    expect(large).not.toHaveProperty('structured')
    expect(large.content).toEqual([text(50)])
    expect(large.truncated?.bytes).toBeGreaterThan(100)
  })

  it('replaces an image that it drops with a note', () => {
    const image = { type: 'image' as const, mimeType: 'image/png', data: 'A'.repeat(5000) }
    const resource = {
      type: 'resource' as const,
      resource: { uri: 'a://b', mimeType: 'audio/ogg', blob: 'B'.repeat(5000) },
    }
    expect(limitResult({ content: [image, resource, text(3)] }, truncate(200)).content).toEqual([
      { type: 'text', text: '[image/png, 5000 bytes: left out]' },
      { type: 'text', text: '[audio/ogg, 5000 bytes: left out]' },
      text(3),
    ])
  })

  it('has the text of a resource cut as well', () => {
    const resource = { type: 'resource' as const, resource: { uri: 'a://b', text: 'z'.repeat(500) } }
    const result = limitResult({ content: [resource] }, truncate(20))
    expect(result.content).toEqual([{ type: 'resource', resource: { uri: 'a://b', text: 'z'.repeat(20) } }])
  })

  it('is refused with onLarge: refuse', () => {
    expect(() => limitResult({ content: [text(20)] }, { maxBytes: 10, onLarge: 'refuse' })).toThrow(
      'more than 10 bytes',
    )
  })

  it('never exceeds the limit, whatever it contains', () => {
    const parts = ['é'.repeat(90), '💬'.repeat(40), 'plain'].map((each) => ({ type: 'text' as const, text: each }))
    for (let maxBytes = 1; maxBytes < 300; maxBytes++) {
      const { content } = limitResult({ content: parts }, truncate(maxBytes))
      const bytes = content.reduce((sum, part) => sum + (part.type === 'text' ? Buffer.byteLength(part.text) : 0), 0)
      expect(bytes).toBeLessThanOrEqual(maxBytes)
      for (const part of content) if (part.type === 'text') expect(part.text.isWellFormed()).toBe(true)
    }
  })
})

describe('the size of JSON and text', () => {
  it.each(['', 'plain', 'é', 'ह', '💬', 'a💬é', '💬💬'])('equals the size of the encoding of %j', (sample) => {
    expect(textBytes(sample)).toBe(Buffer.byteLength(sample))
    expect(textWithin(sample, Buffer.byteLength(sample))).toBe(sample)
  })

  it('is measured at any depth, and only up to the limit', () => {
    let deep: unknown = 'end'
    for (let level = 0; level < 100_000; level++) deep = [deep]
    expect(jsonBytes(deep, Number.POSITIVE_INFINITY)).toBeGreaterThan(200_000)
    expect(jsonBytes(deep, 100)).toBeLessThan(200)
    expect(jsonBytes({ a: 'xyz', b: [1, true, null] }, 1000)).toBeGreaterThan(20)
  })
})
