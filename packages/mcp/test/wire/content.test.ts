import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { mcpServer } from '@mcpclient/mcp'
import { rawHttpServer } from '../support/raw-http.ts'

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

const call = (result: unknown, extra: Parameters<typeof rawHttpServer>[0] = {}) => {
  const server = rawHttpServer({ 'tools/call': () => result, ...extra })
  const { docs } = createMcpClient({
    connectors: { docs: mcpServer({ url: 'https://docs.example/mcp', fetch: server.fetch }) },
  }).as('ada')
  return docs.call('a', {})
}
const text = { type: 'text', text: 'done' }

describe('the content of a result', () => {
  it.each([
    ['a part of an unknown type', { type: 'hologram', data: 'x' }, { type: 'hologram', reason: 'its type is unknown' }],
    ['a part without a type', { text: 'x' }, { reason: 'its type is unknown' }],
    ['a part that is no object', 7, { reason: 'it is not an object' }],
    ['an image without data', { type: 'image', mimeType: 'image/png' }, { type: 'image', reason: 'it has no data' }],
    ['an image of unknown type', { type: 'image', data: 'AAAA' }, { type: 'image', reason: 'it has no mimeType' }],
    [
      'an image that is not base64',
      { type: 'image', data: '***', mimeType: 'image/png' },
      { type: 'image', reason: 'it is malformed' },
    ],
    ['a text without text', { type: 'text' }, { type: 'text', reason: 'it has no text' }],
    ['a link without a uri', { type: 'resource_link', name: 'x' }, { type: 'resource_link', reason: 'it has no uri' }],
    [
      'a resource without contents',
      { type: 'resource', resource: { uri: 'a://b' } },
      { type: 'resource', reason: 'it is malformed' },
    ],
  ])('survives %s, which is listed in omitted', async (_name, part, omitted) => {
    const result = await call({ content: [text, part, { type: 'text', text: 'more' }], structuredContent: { a: 1 } })
    expect(result).toEqual({
      content: [text, { type: 'text', text: 'more' }],
      structured: { a: 1 },
      omitted: [{ index: 1, ...omitted }],
    })
  })

  it.each([
    [
      'an unknown audience',
      { ...text, annotations: { audience: ['developer'], priority: 1 } },
      { ...text, annotations: { priority: 1 } },
    ],
    [
      'an audience with an unknown role',
      { ...text, annotations: { audience: ['user', 'x'] } },
      { ...text, annotations: { audience: ['user'] } },
    ],
    ['a priority out of range', { ...text, annotations: { priority: 7 } }, text],
    ['annotations that are no object', { ...text, annotations: 'x' }, text],
    ['an image without a type', { type: 'image', data: PNG }, { type: 'image', data: PNG, mimeType: 'image/png' }],
    [
      'an image as a data URL',
      { type: 'image', data: `data:image/webp;base64,${PNG}` },
      { type: 'image', data: PNG, mimeType: 'image/webp' },
    ],
    [
      'base64 in the alphabet of URLs',
      { type: 'image', data: '_-__AAAA', mimeType: 'image/png' },
      { type: 'image', data: '/+//AAAA', mimeType: 'image/png' },
    ],
    ['a text that is an object', { type: 'text', text: { a: 1 } }, { type: 'text', text: '{"a":1}' }],
    ['a bare string', 'done', text],
    [
      'a link without a name',
      { type: 'resource_link', uri: 'a://b' },
      { type: 'resource_link', uri: 'a://b', name: 'a://b' },
    ],
    ['a _meta that is no object', { ...text, _meta: 'x' }, text],
  ])('keeps %s', async (_name, part, expected) => {
    expect(await call({ content: [part] })).toEqual({ content: [expected] })
  })

  it('can be one part without a list', async () => {
    expect(await call({ content: text })).toEqual({ content: [text] })
    expect(await call({ content: 'done' })).toEqual({ content: [text] })
  })

  it('carries the _meta of the result and of its parts', async () => {
    const part = { ...text, _meta: { a: 1 } }
    expect(await call({ content: [part], _meta: { b: 2, 'mcpclient/notes': { omitted: [{}] } } })).toEqual({
      content: [{ ...text, meta: { a: 1 } }],
      meta: { b: 2 },
    })
  })

  it('keeps structured output that a legacy revision does not define', async () => {
    expect(await call({ content: [], structuredContent: [1, 2] })).toEqual({ content: [], structured: [1, 2] })
  })

  it.each([true, 'true', 1])('is an error if isError is %s', async (isError) => {
    await expect(call({ content: [text, { type: 'hologram' }], isError })).rejects.toMatchObject({
      code: 'MCP_CLIENT_ERROR',
      message: expect.stringContaining('done') as string,
    })
  })

  it('is available if a tool reports an error as data', async () => {
    const structuredContent = { code: 'E42', password: 'hunter2' }
    await expect(call({ content: [text], isError: true, structuredContent })).rejects.toMatchObject({
      details: { providerData: { code: 'E42', password: '[redacted]' } },
    })
  })
})
