import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { mcpServer } from '@mcpclient/mcp'
import { recordingLogger } from '../support/recording-logger.ts'
import { rawHttpServer } from '../support/raw-http.ts'

const connect = (tools: unknown) => {
  const logger = recordingLogger()
  const server = rawHttpServer({ 'tools/list': () => ({ tools }) })
  const mcp = createMcpClient({
    connectors: { docs: mcpServer({ url: 'https://docs.example/mcp', fetch: server.fetch }) },
    logger,
  })
  return { mcp, logger, docs: mcp.as('ada').docs }
}

describe('the input schema of a tool', () => {
  it.each([
    ['absent', undefined, { type: 'object', properties: {} }],
    ['null', null, { type: 'object', properties: {} }],
    ['true', true, { type: 'object', properties: {} }],
    ['an empty list, as PHP writes an empty object', [], { type: 'object', properties: {} }],
    ['empty', {}, { type: 'object' }],
    [
      'without a type',
      { properties: { a: { type: 'string' } } },
      { type: 'object', properties: { a: { type: 'string' } } },
    ],
    ['with a type of null', { type: null, properties: {} }, { type: 'object', properties: {} }],
    ['with a list of types', { type: ['object', 'null'] }, { type: 'object' }],
    ['with a type in capitals', { type: 'OBJECT' }, { type: 'object' }],
    ['with properties of null', { type: 'object', properties: null }, { type: 'object', properties: {} }],
    ['with an empty list of properties', { type: 'object', properties: [] }, { type: 'object', properties: {} }],
    ['with required of null', { type: 'object', required: null }, { type: 'object' }],
    ['with one required name', { type: 'object', required: 'a' }, { type: 'object', required: ['a'] }],
    [
      'with required names that are none',
      { type: 'object', required: ['a', null, 1] },
      { type: 'object', required: ['a'] },
    ],
    [
      'with a flag for required',
      { type: 'object', properties: { a: { type: 'string', required: true } } },
      { type: 'object', properties: { a: { type: 'string' } } },
    ],
    ['with a property of null', { type: 'object', properties: { a: null } }, { type: 'object', properties: { a: {} } }],
    [
      'with an empty enumeration',
      { type: 'object', properties: { a: { enum: [] } } },
      { type: 'object', properties: { a: {} } },
    ],
    [
      'with types of another language',
      { type: 'object', properties: { a: { type: 'str' }, b: { type: 'int' }, c: { type: 'any' } } },
      { type: 'object', properties: { a: { type: 'string' }, b: { type: 'integer' }, c: {} } },
    ],
    [
      'with nested nulls',
      { type: 'object', properties: { a: { type: 'object', properties: null, required: null, items: null } } },
      { type: 'object', properties: { a: { type: 'object', properties: {} } } },
    ],
    [
      'with a default of null',
      { type: 'object', properties: { a: { default: null, enum: ['x', null] } } },
      { type: 'object', properties: { a: { default: null, enum: ['x', null] } } },
    ],
  ])('is repaired if it is %s', async (_name, inputSchema, expected) => {
    const { docs, mcp } = connect([{ name: 'a', inputSchema }])
    const [tool] = await docs.listTools()
    expect(tool?.inputSchema).toEqual(expected)
    expect((await mcp.listTools('ada')).omitted).toEqual([])
  })

  it.each([
    ['of a string', { type: 'string' }, 'its input schema is not the schema of an object'],
    ['a string', 'string', 'its input schema is not an object'],
    ['false', false, 'its input schema is not an object'],
    [
      'with properties that are a list',
      { type: 'object', properties: ['a'] },
      'the properties of its input schema are not an object',
    ],
  ])('drops the tool if it is %s, and omittedTools() names the reason', async (_name, inputSchema, reason) => {
    const { docs, mcp } = connect([
      { name: 'bad', inputSchema },
      { name: 'good', inputSchema: {} },
    ])
    const list = await mcp.listTools('ada')
    expect(list.tools.map(({ name }) => name)).toEqual(['good'])
    expect(list.omitted).toEqual([{ serverId: 'docs', name: 'bad', reason }])
    expect(docs.omittedTools()).toEqual([{ name: 'bad', reason }])
  })
})

describe('a list of tools', () => {
  it('names every tool that it drops, and why', async () => {
    const { mcp, logger } = connect([
      { name: 7, inputSchema: {} },
      null,
      { name: 'x'.repeat(300), inputSchema: {} },
      { name: 'twin', inputSchema: {} },
      { name: 'twin', inputSchema: {} },
    ])
    const { tools, omitted } = await mcp.listTools('ada')
    expect(tools.map(({ name }) => name)).toEqual(['twin'])
    expect(omitted.map(({ name, reason }) => [name?.length, reason])).toEqual([
      [undefined, 'it has no name'],
      [undefined, 'it is not an object'],
      [256, 'its name is too long'],
      [4, 'another tool has the same name'],
    ])
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
  })

  it('keeps the valid members of a tool with an invalid one', async () => {
    const { docs } = connect([
      {
        name: 'a',
        title: 5,
        description: ['x'],
        inputSchema: {},
        outputSchema: { type: 'array' },
        annotations: { readOnlyHint: 'yes' },
        icons: [{ src: 'https://docs.example/a.png' }],
        _meta: { team: 'docs' },
      },
    ])
    expect(await docs.listTools()).toEqual([
      {
        name: 'a',
        description: '',
        inputSchema: { type: 'object' },
        outputMarks: [{ path: [], untrusted: true }],
        effect: 'write',
        idempotent: false,
        icons: [{ src: 'https://docs.example/a.png' }],
        meta: { team: 'docs' },
      },
    ])
  })

  it.each([null, undefined, {}])('is empty if it is %s', async (tools) => {
    expect(await connect(tools).docs.listTools()).toEqual(tools === null || tools === undefined ? [] : [])
  })
})
