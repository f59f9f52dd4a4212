import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { mcpServer } from '@mcpclient/mcp'
import { repairMessage } from '../../src/wire/repair-message.ts'
import { repairEvents } from '../../src/wire/repair-events.ts'
import { modernHttpServer } from '../support/modern-http.ts'
import { rawHttpServer } from '../support/raw-http.ts'

const anything = { type: 'object', properties: {} }

const connect = (results: Parameters<typeof rawHttpServer>[0]) => {
  const server = rawHttpServer(results)
  const mcp = createMcpClient({
    connectors: { docs: mcpServer({ url: 'https://docs.example/mcp', fetch: server.fetch }) },
  })
  return { mcp, server, docs: mcp.as('ada').docs }
}

describe('null for an absent member', () => {
  it('is absent in the result of initialize', async () => {
    const { docs } = connect({
      initialize: () => ({
        protocolVersion: '2025-11-25',
        capabilities: { tools: { listChanged: null }, prompts: null, logging: true },
        serverInfo: { name: 'raw', version: '1', title: null, websiteUrl: null, icons: null },
        instructions: null,
        _meta: null,
      }),
      'tools/list': () => ({ tools: [{ name: 'a', inputSchema: anything }], nextCursor: null, _meta: null }),
    })
    expect(await docs.listTools()).toMatchObject([{ name: 'a' }])
  })

  it.each([{ serverInfo: null, capabilities: null }, {}])(
    'does not keep a server from being connected: %o',
    async (missing) => {
      const { docs } = connect({
        initialize: () => ({ protocolVersion: '2025-11-25', ...missing }),
        'tools/list': () => ({ tools: [{ name: 'a', inputSchema: anything }] }),
      })
      expect(await docs.listTools()).toHaveLength(1)
    },
  )

  it.each([
    ['title', { title: null }],
    ['description', { description: null }],
    ['annotations', { annotations: null }],
    ['a hint', { annotations: { readOnlyHint: null, title: null } }],
    ['outputSchema', { outputSchema: null }],
    ['icons', { icons: null }],
    ['an icon', { icons: [{ src: 'https://docs.example/a.png', mimeType: null, sizes: null }] }],
    ['execution', { execution: null }],
    ['_meta', { _meta: null }],
  ])('is absent in a tool: %s', async (_name, members) => {
    const { docs, mcp } = connect({
      'tools/list': () => ({ tools: [{ name: 'a', inputSchema: anything, ...members }] }),
    })
    const [tool] = await docs.listTools()
    expect(tool).toMatchObject({ name: 'a', description: '' })
    expect((await mcp.listTools('ada')).omitted).toEqual([])
  })

  it.each([
    ['isError', { isError: null }],
    ['structuredContent', { structuredContent: null }],
    ['_meta', { _meta: null }],
    ['the annotations of a part', { content: [{ type: 'text', text: 'done', annotations: null, _meta: null }] }],
    ['an annotation', { content: [{ type: 'text', text: 'done', annotations: { audience: null, priority: null } }] }],
  ])('is absent in the result of a tool: %s', async (_name, members) => {
    const { docs } = connect({
      'tools/list': () => ({ tools: [{ name: 'a', inputSchema: anything }] }),
      'tools/call': () => ({ content: [{ type: 'text', text: 'done' }], ...members }),
    })
    const { content, structured, meta } = await docs.call('a', {})
    expect(content).toMatchObject([{ type: 'text', text: 'done' }])
    expect([structured, meta]).toEqual([undefined, undefined])
  })

  it('is no content', async () => {
    const { docs } = connect({ 'tools/call': () => ({ content: null, structuredContent: { a: null } }) })
    expect(await docs.call('a', {})).toEqual({ content: [], structured: { a: null } })
  })

  it('is output if the schema allows it', async () => {
    const schema = (type: unknown) => ({ type: 'object', properties: { a: { type } }, required: ['a'] })
    const { docs } = connect({
      'tools/list': () => ({
        tools: [
          { name: 'nullable', inputSchema: anything, outputSchema: schema(['string', 'null']) },
          { name: 'strict', inputSchema: anything, outputSchema: schema('string') },
        ],
      }),
      'tools/call': () => ({ content: [], structuredContent: { a: null } }),
    })
    await docs.listTools()
    expect((await docs.call('nullable', {})).structured).toEqual({ a: null })
    await expect(docs.call('strict', {})).rejects.toMatchObject({ code: 'DATA_TRANSFORMATION_ERROR' })
  })

  it('is absent in resources, templates, prompts, messages and completions', async () => {
    const { docs } = connect({
      initialize: () => ({
        protocolVersion: '2025-11-25',
        capabilities: { resources: {}, prompts: {}, completions: {} },
        serverInfo: { name: 'raw', version: '1' },
      }),
      'resources/list': () => ({
        resources: [{ uri: 'a://b', name: null, mimeType: null, size: null }],
        nextCursor: '',
      }),
      'resources/templates/list': () => ({ resourceTemplates: [{ uriTemplate: 'a://{b}', name: 'b', title: null }] }),
      'resources/read': () => ({ contents: [{ uri: 'a://b', mimeType: null, text: 'x', blob: null }] }),
      'prompts/list': () => ({
        prompts: [{ name: 'p', arguments: [{ name: 'q', required: null }], description: null }],
      }),
      'prompts/get': () => ({
        description: null,
        messages: [{ role: 'user', content: { type: 'text', text: 'x', _meta: null } }],
      }),
      'completion/complete': () => ({ completion: { values: null, total: null, hasMore: null } }),
    })
    expect(await docs.resources()).toEqual([{ uri: 'a://b', name: 'a://b' }])
    expect(await docs.resourceTemplates()).toEqual([{ uriTemplate: 'a://{b}', name: 'b' }])
    expect(await docs.readResource('a://b')).toEqual([{ uri: 'a://b', text: 'x' }])
    expect(await docs.prompts()).toEqual([{ name: 'p', arguments: [{ name: 'q' }] }])
    expect(await docs.getPrompt('p')).toEqual({ messages: [{ role: 'user', content: { type: 'text', text: 'x' } }] })
    expect(await docs.complete({ prompt: 'p' }, { name: 'q', value: '' })).toEqual({ values: [], hasMore: false })
  })
})

describe('a server that announces no capability', () => {
  it('has the tools that it lists', async () => {
    const { docs } = connect({
      initialize: () => ({
        protocolVersion: '2025-11-25',
        capabilities: {},
        serverInfo: { name: 'raw', version: '1' },
      }),
      'tools/list': () => ({ tools: [{ name: 'a', inputSchema: anything }] }),
      'tools/call': () => ({ content: [] }),
    })
    expect(await docs.listTools()).toMatchObject([{ name: 'a' }])
    expect(await docs.call('a', {})).toEqual({ content: [] })
  })

  it('has empty lists if it does not know the method', async () => {
    const { docs } = connect({
      initialize: () => ({
        protocolVersion: '2025-11-25',
        capabilities: {},
        serverInfo: { name: 'raw', version: '1' },
      }),
    })
    expect(await Promise.all([docs.listTools(), docs.resources(), docs.resourceTemplates(), docs.prompts()])).toEqual([
      [],
      [],
      [],
      [],
    ])
  })
})

describe('a modern server that returns 404 for an unknown method', () => {
  it('has empty lists, and keeps its connection', async () => {
    const server = modernHttpServer({})
    let refused = 0
    const fetch: typeof server.fetch = async (url, init) => {
      const body =
        typeof init?.body === 'string' ? (JSON.parse(init.body) as { id: number; method: string }) : undefined
      if (body?.method !== 'resources/list' && body?.method !== 'prompts/list') return server.fetch(url, init)
      refused += 1
      const error = { code: -32_601, message: 'Method not found' }
      return Response.json({ jsonrpc: '2.0', id: body.id, error }, { status: 404 })
    }
    const mcp = createMcpClient({ connectors: { docs: mcpServer({ url: 'https://docs.example/mcp', fetch }) } })
    const { docs } = mcp.as('ada')
    expect([await docs.resources(), await docs.prompts()]).toEqual([[], []])
    expect(refused).toBe(2)
    expect(server.count('server/discover')).toBe(1)
    await mcp.close()
  })
})

describe('null around a message', () => {
  const both = { jsonrpc: '2.0', id: 1, result: { content: [], _meta: null }, error: null }

  it.each([
    [both, { jsonrpc: '2.0', id: 1, result: { content: [] } }],
    [
      { jsonrpc: '2.0', id: 1, result: null },
      { jsonrpc: '2.0', id: 1, result: {} },
    ],
    [
      { id: 1, result: {} },
      { jsonrpc: '2.0', id: 1, result: {} },
    ],
    [
      { jsonrpc: '2.0', id: 1, result: null, error: { code: 1, message: 'x' } },
      { jsonrpc: '2.0', id: 1, error: { code: 1, message: 'x' } },
    ],
    [
      { jsonrpc: '2.0', id: 1, error: { code: '-32602', message: null } },
      { jsonrpc: '2.0', id: 1, error: { code: -32_602, message: 'Unknown error' } },
    ],
    [
      { jsonrpc: '2.0', id: 1, error: 'broken' },
      { jsonrpc: '2.0', id: 1, error: { code: -32_603, message: 'broken' } },
    ],
    [
      { jsonrpc: '2.0', id: 1, result: {}, took: 5 },
      { jsonrpc: '2.0', id: 1, result: {} },
    ],
    [
      { jsonrpc: '2.0', id: null, method: 'notifications/x', params: null },
      { jsonrpc: '2.0', method: 'notifications/x' },
    ],
    [
      { jsonrpc: '2.0', id: 2, method: 'ping', params: { _meta: { progressToken: null, a: 1 } } },
      { jsonrpc: '2.0', id: 2, method: 'ping', params: { _meta: { a: 1 } } },
    ],
  ])('is absent: %o', (message, expected) => {
    expect(repairMessage(message)).toEqual(expected)
    expect(repairMessage([message])).toEqual([expected])
  })

  it('does not change a message without null', () => {
    const message = { jsonrpc: '2.0', id: 1, result: { structuredContent: { a: null } } }
    expect(repairMessage(message)).toBe(message)
  })

  it.each(['\n', '\r\n', '\r'])('is absent in an event stream, however it is cut: lines end with %o', async (end) => {
    const events = [
      'event: message',
      `data: ${JSON.stringify(both)}`,
      '',
      ': comment',
      '',
      `data: ${JSON.stringify({ ...both, id: 2 })}`,
      '',
      'data: unfinished',
    ].join(end)
    const bytes = new TextEncoder().encode(`${events}${end}`)
    for (const size of [1, 7, bytes.length]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.slice(index * size, (index + 1) * size),
      )
      const text = await new Response(repairEvents(streamOf(chunks))).text()
      const found = text
        .split(end)
        .flatMap((line) => (line.startsWith('data: {') ? [JSON.parse(line.slice(6)) as unknown] : []))
      expect(found).toEqual([1, 2].map((id) => ({ jsonrpc: '2.0', id, result: { content: [] } })))
      expect(text.endsWith(`data: unfinished${end}`)).toBe(true)
    }
  })

  it('emits a complete event before the next one is complete', async () => {
    const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>()
    const reader = repairEvents(readable).getReader()
    const writer = writable.getWriter()
    const first = reader.read()
    await writer.write(new TextEncoder().encode('data: {"a":1}\n\n: keep-alive\n'))
    expect(new TextDecoder().decode((await first).value)).toBe('data: {"a":1}\n\n')
  })
})

function streamOf(chunks: readonly Uint8Array<ArrayBuffer>[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })
}
