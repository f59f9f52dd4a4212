import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { mcpServer } from '@mcpclient/mcp'
import type { HttpServerOptions } from '@mcpclient/mcp'
import { recordingLogger } from '../support/recording-logger.ts'
import { resultText } from '../support/result-text.ts'
import { rogueHttpServer } from '../support/rogue-http.ts'
import type { RogueHttpOptions } from '../support/rogue-http.ts'

function docsOf(options: Omit<HttpServerOptions, 'url'> = {}, rogue: RogueHttpOptions = {}) {
  const server = rogueHttpServer(rogue)
  const logger = recordingLogger()
  const connector = mcpServer({ url: 'https://docs.example/mcp', fetch: server.fetch, ...options })
  const mcp = createMcpClient({ connectors: { docs: connector }, logger })
  return { server, logger, mcp, docs: mcp.as('ada').docs }
}

describe('a tool that reports an error', () => {
  it('is neither retried nor counted by the breaker', async () => {
    const { docs, mcp, server } = docsOf({ effects: { '*': 'read' } })
    for (let call = 0; call < 20; call++) {
      await expect(docs.call('fails', { says: 'No such page.' })).rejects.toMatchObject({
        code: 'MCP_CLIENT_ERROR',
        message: 'docs.fails returned an error: No such page.',
        retryable: false,
        details: { attempts: 1 },
      })
    }
    expect(server.count('tools/call')).toBe(20)
    expect(await docs.call('echo', {})).toBeDefined()
    await mcp.close()
  })

  it('rejects with that error, whatever its structured data are', async () => {
    const { docs, mcp } = docsOf()
    await docs.listTools()
    await expect(docs.call('lies', { and: 'fails' })).rejects.toMatchObject({
      code: 'MCP_CLIENT_ERROR',
      message: 'docs.lies returned an error: It did not count.',
    })
    await mcp.close()
  })

  it('keeps the lines of its text in the error, and no control characters', async () => {
    const { docs, mcp } = docsOf()
    await expect(docs.call('fails', { says: 'Two mistakes:\r\n\tno title\n  no \u0007text' })).rejects.toMatchObject({
      message: 'docs.fails returned an error: Two mistakes:\n\tno title\n  no text',
    })
    await mcp.close()
  })

  it('has its text bounded in the error', async () => {
    const { docs, mcp } = docsOf()
    const failure: unknown = await docs.call('fails', { says: 'x'.repeat(100_000) }).catch((error: unknown) => error)
    expect((failure as Error).message.length).toBeLessThan(2200)
    await mcp.close()
  })
})

describe('a tool that the server does not have', () => {
  it('is reported with the nearest names', async () => {
    const { docs, mcp } = docsOf()
    await expect(docs.call('danglin', {})).rejects.toMatchObject({
      code: 'TOOL_NOT_SUPPORTED',
      details: { choices: expect.arrayContaining(['dangling']) as string[] },
    })
    const failure: unknown = await docs.call('danglin', {}).catch((error: unknown) => error)
    expect((failure as { details: { choices: string[] } }).details.choices[0]).toBe('dangling')
    await mcp.close()
  })

  it('loads the list of tools once, not for each call', async () => {
    const { docs, mcp, server } = docsOf()
    await docs.call('nope', {}).catch(() => undefined)
    await docs.call('nope', {}).catch(() => undefined)
    expect(server.count('tools/list')).toBe(1)
    await mcp.close()
  })

  it('has an unknown outcome if it is unlisted and runs', async () => {
    const { docs, mcp } = docsOf({}, { list: [] })
    await expect(docs.call('fails', { says: 'Half of it is done.' })).rejects.toMatchObject({
      code: 'TOOL_NOT_SUPPORTED',
      message: 'docs lists no tool named "fails". docs.fails returned an error: Half of it is done.',
      details: { outcome: 'unknown' },
    })
    await mcp.close()
  })
})

describe('a broken output schema', () => {
  it('affects no call, where other clients lose every tool of the server', async () => {
    const { docs, mcp } = docsOf()
    const tools = await docs.listTools()
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['echo', 'dangling']))
    expect(await docs.call('dangling', {})).toEqual({
      content: [{ type: 'text', text: 'fine' }],
      structured: { fine: true },
    })
    expect(resultText(await docs.call('echo', { a: 1 }))).toBe('{"a":1}')
    await mcp.close()
  })
})

describe("output that does not match the tool's own schema", () => {
  it('fails the call, with the outcome of a call that ran', async () => {
    const { docs, mcp } = docsOf()
    await docs.listTools()
    await expect(docs.call('lies', {})).rejects.toMatchObject({
      code: 'DATA_TRANSFORMATION_ERROR',
      message: expect.stringContaining('docs.lies returned output that does not match its schema') as string,
      details: { outcome: 'unknown', attempts: 1 },
    })
    await mcp.close()
  })

  it.each([
    ['warn', 1],
    ['ignore', 0],
  ] as const)('passes with validate: %s', async (validate, warnings) => {
    const { docs, mcp, logger } = docsOf({ results: { validate } })
    await docs.listTools()
    expect((await docs.call('lies', {})).structured).toEqual({ count: 'three' })
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(warnings)
    await mcp.close()
  })
})

describe('an output schema that could block the process', () => {
  const hostReturning = (outputSchema: object, structuredContent: unknown) => {
    const list = [{ name: 'echo', inputSchema: { type: 'object' }, outputSchema }]
    const host = docsOf({ effects: { echo: 'read' } }, { list })
    host.server.respond = async (request, rpc) => {
      if (rpc !== 'tools/call') return undefined
      const { id } = (await request.json()) as { id: number }
      return Response.json({ jsonrpc: '2.0', id, result: { content: [], structuredContent } })
    }
    return host
  }

  it('rejects text by a pattern for which a backtracking engine takes minutes', async () => {
    const schema = { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } }
    const { docs, mcp } = hostReturning(schema, { a: `${'a'.repeat(40)}!` })
    await docs.listTools()
    await expect(docs.call('echo', {}, { timeoutMs: 1000 })).rejects.toMatchObject({
      code: 'DATA_TRANSFORMATION_ERROR',
      message: 'docs.echo returned output that does not match its schema: a must match the pattern ^(a+)+$',
    })
    await mcp.close()
  })

  it.each([
    ['a pattern that needs backtracking', { pattern: '^(?=.*a)(a+)+$' }],
    ['an unknown format', { format: 'wobble' }],
    ['a reference to another document', { $ref: 'https://example.com/schema.json' }],
  ])('is checked in part, and logged once: %s', async (_name, part) => {
    const schema = { type: 'object', properties: { a: part } }
    const { docs, mcp, logger } = hostReturning(schema, { a: `${'a'.repeat(40)}!` })
    await docs.listTools()
    for (let call = 0; call < 3; call++) expect((await docs.call('echo', {})).structured).toBeDefined()
    const warnings = logger.lines.filter(({ level }) => level === 'warn')
    expect(warnings.map(({ fields, message }) => [message, fields['toolName']])).toEqual([
      ['Part of an output schema was not checked.', 'echo'],
    ])
    await mcp.close()
  })
})

describe('a list with malformed tools', () => {
  it('drops those only', async () => {
    const schema = { type: 'object' }
    const list = [
      { name: 'good', inputSchema: schema },
      { name: 'no_schema' },
      { name: 7, inputSchema: schema },
      null,
      { name: 'bad_title', title: 5, inputSchema: schema, annotations: { readOnlyHint: 'yes' } },
      { name: 'list_output', inputSchema: schema, outputSchema: { type: 'array' } },
      { name: 'bare_schema', inputSchema: {} },
      { name: 'x'.repeat(300), inputSchema: schema },
    ]
    const { docs, mcp, logger } = docsOf({}, { list })
    expect((await docs.listTools()).map(({ name }) => name)).toEqual([
      'good',
      'no_schema',
      'bad_title',
      'list_output',
      'bare_schema',
    ])
    expect(
      logger.lines.find(({ message }) => message.startsWith('Dropped malformed items'))?.fields['dropped'],
    ).toEqual(['one without a name', 'one without a name', 'x'.repeat(256)])
    await mcp.close()
  })

  it('keeps the first of two tools with the same name', async () => {
    const list = ['first', 'second'].map((description) => ({
      name: 'twin',
      description,
      inputSchema: { type: 'object' },
    }))
    const { docs, mcp } = docsOf({}, { list })
    expect((await docs.listTools()).map(({ description }) => description)).toEqual(['first'])
    await mcp.close()
  })
})

describe('a list in pages', () => {
  const paged = (next: (page: number) => string | undefined) => {
    const { docs, mcp, server, logger } = docsOf()
    server.respond = async (request, rpc) => {
      if (rpc !== 'tools/list') return undefined
      const { id, params } = (await request.json()) as { id: number; params?: { cursor?: string } }
      const page = Number(params?.cursor ?? 0)
      const tools = [{ name: `tool_${page}`, inputSchema: { type: 'object' } }]
      return Response.json({ jsonrpc: '2.0', id, result: { tools, nextCursor: next(page) } })
    }
    return { docs, mcp, server, logger }
  }

  it('is read to its end, where several clients stop after the first page', async () => {
    const { docs, mcp } = paged((page) => (page < 4 ? String(page + 1) : undefined))
    expect((await docs.listTools()).map(({ name }) => name)).toEqual(['tool_0', 'tool_1', 'tool_2', 'tool_3', 'tool_4'])
    await mcp.close()
  })

  it('ends at a cursor that points to its own page', async () => {
    const { docs, mcp } = paged(() => '1')
    expect((await docs.listTools()).map(({ name }) => name)).toEqual(['tool_0', 'tool_1'])
    await mcp.close()
  })

  it('is cut after a thousand pages, with a warning', async () => {
    const { docs, mcp, server } = paged((page) => String(page + 1))
    expect(await docs.listTools()).toHaveLength(1000)
    expect(docs.omittedTools()).toEqual([{ reason: 'the list has more than 1000 pages' }])
    expect(server.count('tools/list')).toBe(1000)
    await mcp.close()
  })

  it('ends at a cursor that repeats, with a warning', async () => {
    const { docs, mcp, logger } = paged((page) => String((page + 1) % 3))
    expect(await docs.listTools()).toHaveLength(3)
    expect(docs.omittedTools()).toEqual([
      { name: 'tool_0', reason: 'another tool has the same name' },
      { reason: 'the server repeats a cursor' },
    ])
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
    await mcp.close()
  })
})

describe('the tools that the host offers', () => {
  it('are the only ones that are listed and called', async () => {
    const { docs, mcp, server } = docsOf({ tools: { allow: ['echo', 'p*'], deny: ['pid'] } })
    expect((await docs.listTools()).map(({ name }) => name)).toEqual(['echo'])
    await expect(docs.call('pid', {})).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      details: { outcome: 'not_processed', hint: 'See the option `tools` of the connector.' },
    })
    expect(server.count('tools/call')).toBe(0)
    await mcp.close()
  })
})

describe("a server's hints about its tools", () => {
  it('are returned, and decide nothing', async () => {
    const { docs, mcp } = docsOf()
    const pid = (await docs.listTools()).find(({ name }) => name === 'pid')
    expect(pid).toMatchObject({ effect: 'write', idempotent: false, annotations: { readOnlyHint: true } })
    await expect(docs.getData('pid', {})).rejects.toMatchObject({ code: 'TOOL_NOT_SUPPORTED' })
    await expect(docs.sendData('pid', {})).resolves.toBeDefined()
    await mcp.close()
  })

  it("are replaced by the host's rules", async () => {
    const { docs, mcp } = docsOf({ effects: { pid: 'read' } })
    expect((await docs.listTools()).find(({ name }) => name === 'pid')).toMatchObject({
      effect: 'read',
      idempotent: true,
    })
    await expect(docs.getData('pid', {})).resolves.toBeDefined()
    await expect(docs.sendData('pid', {})).rejects.toMatchObject({ code: 'TOOL_NOT_SUPPORTED' })
    await mcp.close()
  })
})

it('marks the whole output of every tool as untrusted, whatever its effect', async () => {
  const { docs, mcp } = docsOf({ effects: { pid: 'read' } })
  const tools = await docs.listTools()
  expect(tools.map(({ effect }) => effect)).toEqual(expect.arrayContaining(['read', 'write']))
  expect(tools.map(({ outputMarks }) => outputMarks)).toEqual(tools.map(() => [{ path: [], untrusted: true }]))
  const { tools: listed } = await mcp.listTools('ada')
  expect(listed.every(({ outputMarks }) => outputMarks?.[0]?.untrusted === true)).toBe(true)
  await mcp.close()
})

it('refuses input that is not an object before it is sent', async () => {
  const { docs, mcp, server } = docsOf()
  await expect(docs.invoke('echo', ['a'])).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  await expect(docs.invoke('echo', undefined)).resolves.toBeDefined()
  expect(server.count('tools/call')).toBe(1)
  await mcp.close()
})

it('shows an approver what would be sent', async () => {
  const server = rogueHttpServer()
  const proposals: unknown[] = []
  const mcp = createMcpClient({
    connectors: { docs: mcpServer({ url: 'https://docs.example/mcp', fetch: server.fetch }) },
    permissions: {
      approve: ({ toolName, effect, request }) => {
        proposals.push({ toolName, effect, request })
        return false
      },
    },
  })
  await expect(mcp.as('ada').docs.call('echo', { a: 1 })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
  expect(proposals).toMatchObject([
    {
      toolName: 'echo',
      effect: 'write',
      request: { path: 'tools/call echo', summary: { name: 'echo', arguments: { a: 1 } } },
    },
  ])
  expect(server.requests).toEqual([])
  await mcp.close()
})

it('accepts an envelope for a tool', async () => {
  const { mcp } = docsOf()
  expect(
    await mcp.handle({ server_id: 'docs', tool_name: 'echo', tool_input: { a: 1 }, request_id: 'r-1' }, 'ada'),
  ).toEqual({
    status: 'success',
    server_id: 'docs',
    tool_name: 'echo',
    original_request_id: 'r-1',
    tool_output: { content: [{ type: 'text', text: '{"a":1}' }] },
  })
  await mcp.close()
})
