import * as z from 'zod'
import * as mini from 'zod/mini'
import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { defineConnector, mark, noAuth, noContent, nullable, post, tool } from '@mcpclient/core/define'
import { markedFields } from '../../src/connector/fields.ts'

const text = mark(z.string(), { untrusted: true, private: true })
const both = { untrusted: true, private: true }

describe('a field mark', () => {
  it('leaves the schema as it is', () => {
    const marked = mark(z.string().min(2).describe('A name.'), { private: true })
    expect(marked.safeParse('x').success).toBe(false)
    expect(marked.parse('xy')).toBe('xy')
    expect(z.toJSONSchema(marked)).toEqual(z.toJSONSchema(z.string().min(2).describe('A name.')))
  })

  it('does not change the schema that it is made from', () => {
    const plain = z.string()
    mark(plain, { private: true })
    expect(markedFields(z.object({ plain }), 'output')).toEqual([])
  })

  it.each([
    ['optional', (schema: typeof text) => schema.optional()],
    ['a default', (schema: typeof text) => schema.default('x')],
    ['a description', (schema: typeof text) => schema.describe('What was said.')],
    ['a check', (schema: typeof text) => schema.min(1).trim()],
    ['nullable', (schema: typeof text) => nullable(schema)],
    ['a refinement', (schema: typeof text) => schema.refine((said) => said !== '')],
    ['a second mark', (schema: typeof text) => mark(schema, { private: true })],
    ['readonly', (schema: typeof text) => schema.readonly()],
  ])('survives %s', (_what, change) => {
    expect(markedFields(z.object({ said: change(text) }), 'output')).toEqual([{ path: ['said'], ...both }])
  })

  it('survives the extension of its object', () => {
    const person = mark(z.object({ name: z.string() }), { private: true }).extend({ age: z.number() })
    expect(markedFields(z.object({ person }), 'output')).toEqual([{ path: ['person'], private: true }])
  })

  it('works with zod/mini', () => {
    const schema = mini.object({ name: mark(mini.string().check(mini.minLength(2)), { private: true }) })
    expect(markedFields(schema, 'output')).toEqual([{ path: ['name'], private: true }])
    expect(schema.safeParse({ name: 'x' }).success).toBe(false)
  })
})

describe('the marked fields of a schema', () => {
  it('are found in lists, records, tuples, unions, intersections and lazy parts', () => {
    const schema = z.intersection(
      z.object({
        list: z.array(z.object({ text })),
        record: z.record(z.string(), text),
        tuple: z.tuple([z.number(), text], z.number()),
        union: z.union([z.number(), z.object({ text })]),
        lazy: z.lazy(() => text),
        rest: z.object({}).catchall(text),
      }),
      z.object({ side: text }),
    )
    expect(markedFields(schema, 'output').map(({ path }) => path.join('.'))).toEqual([
      'list.*.text',
      'record.*',
      'tuple.*',
      'union.text',
      'lazy',
      'rest.*',
      'side',
    ])
  })

  it('are those of the input or output side of a pipe', () => {
    const piped = z.object({ to: mark(z.string(), { destination: 'url' }) }).transform(({ to }) => ({ text: to }))
    const schema = piped.pipe(z.object({ text }))
    expect(markedFields(schema, 'input')).toEqual([{ path: ['to'], destination: 'url' }])
    expect(markedFields(schema, 'output')).toEqual([{ path: ['text'], ...both }])
    const prepared = z.preprocess((value) => value, z.object({ text }))
    expect(markedFields(prepared, 'input')).toEqual([{ path: ['text'], ...both }])
  })

  it('stop where a recursive schema refers to itself', () => {
    const Thread = z.object({
      text,
      get replies() {
        return z.array(Thread).optional()
      },
    })
    expect(markedFields(mark(Thread, { untrusted: true }), 'output').map(({ path }) => path.join('.'))).toEqual([
      '',
      'text',
      'replies.*.text',
    ])
  })
})

describe('a description', () => {
  const connector = defineConnector({
    id: 'chat',
    name: 'Chat',
    baseUrl: 'https://chat.example/',
    auth: noAuth,
    tools: {
      send_text: tool({
        description: 'Send a text.',
        effect: 'write',
        input: z.object({ to: mark(z.string(), { destination: 'recipient' }), text: z.string() }),
        output: z.object({ id: z.string(), reply: nullable(text) }),
        request: (input) => post('send', input),
        undo: ({ output }) => ({ tool: 'take_back', input: { id: output.id } }),
      }),
      take_back: tool({
        description: 'Take a text back.',
        effect: 'destroy',
        input: z.object({ id: z.string() }),
        output: z.object({}),
        request: (input) => post('take-back', input),
        undo: 'impossible',
      }),
      ping: tool({
        description: 'Ping.',
        effect: 'read',
        input: z.object({}),
        output: z.object({}),
        request: () => post('ping'),
      }),
    },
  })

  it('passes the marks to capabilities, and whether a call can be reversed', async () => {
    const mcp = createMcpClient({ connectors: { chat: connector() } })
    const tools = await mcp.as('ada').chat.listTools()
    expect(
      tools.map(({ name, title, inputMarks, outputMarks, reversible }) => ({
        name,
        title,
        inputMarks,
        outputMarks,
        reversible,
      })),
    ).toEqual([
      {
        name: 'send_text',
        title: 'Send text',
        inputMarks: [{ path: ['to'], destination: 'recipient' }],
        outputMarks: [{ path: ['reply'], ...both }],
        reversible: true,
      },
      { name: 'take_back', title: 'Take back', inputMarks: [], outputMarks: [], reversible: false },
      { name: 'ping', title: 'Ping', inputMarks: [], outputMarks: [], reversible: undefined },
    ])
  })

  it('keeps the JSON Schemas free of the marks', async () => {
    const mcp = createMcpClient({ connectors: { chat: connector() } })
    const [sendText] = await mcp.client('chat', 'ada').listTools()
    expect(sendText?.inputSchema['properties']).toEqual({ to: { type: 'string' }, text: { type: 'string' } })
    expect(sendText?.outputSchema?.['properties']).toEqual({ id: { type: 'string' }, reply: { type: 'string' } })
  })
})

describe('a nullable field', () => {
  const Row = z.object({ id: z.string(), topic: nullable(z.string().min(1)) })

  it.each([
    ['null', { id: '1', topic: null }, { id: '1' }],
    ['an absent field', { id: '1' }, { id: '1' }],
    ['a value', { id: '1', topic: 'Tides' }, { id: '1', topic: 'Tides' }],
  ])('reads %s', (_what, given, expected) => {
    expect(JSON.parse(JSON.stringify(Row.parse(given)))).toEqual(expected)
  })

  it('refuses a value that does not fit', () => {
    expect(Row.safeParse({ id: '1', topic: '' }).success).toBe(false)
    expect(Row.safeParse({ id: '1', topic: 4 }).success).toBe(false)
  })

  it('describes the field as optional, and never as null', () => {
    expect(z.toJSONSchema(Row, { io: 'output' })).toMatchObject({
      properties: { topic: { type: 'string', minLength: 1 } },
      required: ['id'],
    })
  })

  it('changes a value only once', () => {
    const Doubled = z.object({ n: nullable(z.number().transform((n) => n * 2)) })
    expect(Doubled.parse({ n: 2 })).toEqual({ n: 4 })
  })
})

describe('an output without content', () => {
  const Deleted = noContent(z.object({ deleted: z.literal(true), by: z.literal('user') }))

  it.each([[undefined], [null], [{ deleted: true, by: 'user', at: 1 }]])('reads %j', (body) => {
    expect(Deleted.parse(body)).toEqual({ deleted: true, by: 'user' })
  })

  it.each([[''], ['<html>'], [{}], [{ deleted: false, by: 'user' }]])('rejects %j', (body) => {
    expect(Deleted.safeParse(body).success).toBe(false)
  })

  it('is an object in JSON Schema', () => {
    const plain = z.object({ deleted: z.literal(true), by: z.literal('user') })
    expect(z.toJSONSchema(Deleted)).toEqual(z.toJSONSchema(plain))
  })
})
