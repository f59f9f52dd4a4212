import { scriptedTransport } from '@mcpclient/testing'
import * as z from 'zod'
import * as mini from 'zod/mini'
import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { defineConnector, noAuth, post, tool } from '@mcpclient/core/define'
import type { Schema } from '@mcpclient/core/define'
import { unknownFields } from '../../src/connector/unknown-fields.ts'

const Message = z.object({ channel: z.string(), text: z.string(), thread_ts: z.string().optional() })

function sending(input: Schema) {
  const transport = scriptedTransport(() => ({ json: {} }))
  const send = tool({
    description: 'Send.',
    effect: 'write',
    input,
    output: z.object({}),
    request: (body) => post('x', body),
  })
  const chat = defineConnector({
    id: 'chat',
    name: 'Chat',
    baseUrl: 'https://chat.example/',
    auth: noAuth,
    tools: { send },
  })
  const mcp = createMcpClient({ connectors: { chat: chat() }, transport })
  return { transport, client: mcp.client('chat', 'ada') }
}

interface Tree {
  readonly name: string
  readonly children?: readonly Tree[] | undefined
}
const Tree: z.ZodType<Tree> = z.object({
  name: z.string(),
  get children() {
    return z.array(Tree).optional()
  },
})
const Lazy: z.ZodType<Tree> = z.lazy(() => z.object({ name: z.string(), children: z.array(Lazy).optional() }))

describe('unknown fields of an input', () => {
  it('are rejected with the nearest name, and nothing is sent', async () => {
    const { client, transport } = sending(Message)
    await expect(client.invoke('send', { chanel: 'C1', text: 'hi' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('unknown field "chanel"; did you mean "channel"?') as string,
      details: { issues: expect.arrayContaining([expect.objectContaining({ path: 'channel' })]) as unknown },
    })
    await expect(client.invoke('send', { channel: 'C1', text: 'hi', thread_id: '1' })).rejects.toMatchObject({
      details: { issues: [{ path: 'thread_id', message: 'unknown field "thread_id"; did you mean "thread_ts"?' }] },
    })
    await expect(client.invoke('send', { channel: 'C1', text: 'hi', zzz: 1 })).rejects.toThrow(
      'the fields are channel, text, thread_ts',
    )
    expect(transport.requests).toHaveLength(0)
    await client.invoke('send', { channel: 'C1', text: 'hi', zzz: undefined })
    expect(transport.requests).toHaveLength(1)
  })

  const at = { id: z.string() }
  it.each<[string, Schema, unknown, string[]]>([
    ['a nested object', z.object({ to: z.object(at) }), { to: { id: '1', idd: 2 } }, ['to.idd']],
    [
      'an optional, nullable, defaulted object',
      z.object({ to: z.object(at).nullable().default(null).optional() }),
      { to: { id: '1', x: 2 } },
      ['to.x'],
    ],
    [
      'an item of a list',
      z.object({ list: z.array(z.object(at)) }),
      { list: [{ id: '1' }, { id: '2', x: 1 }] },
      ['list.1.x'],
    ],
    [
      'an item of a tuple',
      z.tuple([z.object(at)], z.object(at)),
      [{ id: '1', x: 1 }, { id: '1' }, { id: '2', y: 1 }],
      ['0.x', '2.y'],
    ],
    ['a value of a record', z.record(z.string(), z.object(at)), { a: { id: '1', x: 1 } }, ['a.x']],
    [
      'the option that takes the value',
      z.union([z.object({ a: z.string() }), z.object({ b: z.string(), c: z.string().optional() })]),
      { b: '1', a: 2 },
      ['a'],
    ],
    ['the object of a union with text', z.union([z.string(), z.object(at)]), { id: '1', x: 1 }, ['x']],
    [
      'a discriminated union',
      z.discriminatedUnion('type', [
        z.object({ type: z.literal('a'), x: z.string().optional() }),
        z.object({ type: z.literal('b'), y: z.string().optional() }),
      ]),
      { type: 'a', y: '1' },
      ['y'],
    ],
    [
      'an intersection',
      z.intersection(z.object({ a: z.object(at) }), z.object({ b: z.string(), a: z.object({ k: z.string() }) })),
      { a: { id: '1', k: '1', x: 1 }, b: '1', y: 1 },
      ['a.x', 'y'],
    ],
    [
      'a transformed object',
      z.object({ to: z.object(at).transform(({ id }) => id) }),
      { to: { id: '1', x: 1 } },
      ['to.x'],
    ],
    ['a refined object', z.object(at).refine(() => true), { id: '1', x: 1 }, ['x']],
    [
      'a recursive object',
      Tree,
      { name: 'a', children: [{ name: 'b', children: [{ name: 'c', nme: 'd' }] }] },
      ['children.0.children.0.nme'],
    ],
    ['a lazy object', Lazy, { name: 'a', children: [{ name: 'b', x: 1 }] }, ['children.0.x']],
    [
      'zod/mini',
      mini.object({ to: mini.optional(mini.object({ id: mini.string() })) }),
      { to: { id: '1', x: 1 }, y: 1 },
      ['to.x', 'y'],
    ],
    [
      'names of a prototype',
      z.object(at),
      JSON.parse('{"id":"1","__proto__":{"x":1},"constructor":1}'),
      ['__proto__', 'constructor'],
    ],
    ['a strict object', z.strictObject(at), { id: '1', x: 1 }, ['x']],
    [
      'a closed object within an open one',
      z.looseObject({ name: z.string(), to: z.object(at) }),
      { name: 'a', to: { id: '1', x: 1 }, more: 1 },
      ['to.x'],
    ],
    [
      'values of a catchall',
      z.object(at).catchall(z.object({ n: z.number() })),
      { id: '1', a: { n: 1, m: 2 } },
      ['a.m'],
    ],
  ])('are found in %s', (_name, schema, value, paths) => {
    expect(unknownFields(schema, value).map(({ path }) => path)).toEqual(paths)
  })

  it.each<[string, Schema, unknown]>([
    ['z.looseObject', z.looseObject(at), { id: '1', x: { y: 1 } }],
    ['.catchall', z.object(at).catchall(z.number()), { id: '1', x: 1 }],
    ['z.record', z.record(z.string(), z.unknown()), { x: { y: 1 } }],
    ['z.unknown', z.object({ x: z.unknown() }), { x: { y: 1 } }],
    ['z.custom', z.object({ x: z.custom<object>() }), { x: { y: 1 } }],
    ['z.preprocess', z.preprocess((value) => value, z.object(at)), { id: '1', x: 1 }],
    ['an intersection with a loose object', z.intersection(z.object(at), z.looseObject({})), { id: '1', x: 1 }],
    ['an intersection of both sides', z.object({ a: z.string() }).and(z.object({ b: z.string() })), { a: '1', b: '2' }],
    ['a class instance', z.instanceof(Date), new Date(0)],
    ['a list of text', z.array(z.string()), ['a']],
    ['no object at all', z.object(at), null],
  ])('are allowed by %s', (_name, schema, value) => {
    expect(unknownFields(schema, value)).toEqual([])
  })

  it('are limited in number and length', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`${'x'.repeat(9000)}${index}`, 1]))
    const issues = unknownFields(Message, many)
    expect(issues).toHaveLength(20)
    expect(JSON.stringify(issues).length).toBeLessThan(10_000)
  })

  it('are rejected by the JSON Schema of the tool as well', async () => {
    const { client } = sending(
      z.object({
        to: z.object(at),
        list: z.array(z.object(at)),
        open: z.looseObject(at),
        both: z.object({ a: z.string() }).and(z.object({ b: z.string() })),
        parts: z.object({ a: z.string() }).and(z.object({ b: z.string() }).describe('It has a schema of its own.')),
        openPart: z.object({ a: z.string() }).and(z.record(z.string(), z.string())),
        either: z.union([z.object({ a: z.string() }), z.object({ properties: z.string() })]),
      }),
    )
    const [described] = await client.listTools()
    expect(described?.inputSchema).toMatchObject({
      additionalProperties: false,
      properties: {
        to: { additionalProperties: false },
        list: { items: { additionalProperties: false } },
        open: { additionalProperties: {} },
        both: { additionalProperties: false },
        parts: { allOf: [{}, {}], unevaluatedProperties: false },
        openPart: { allOf: [{}, {}] },
        either: { anyOf: [{ additionalProperties: false }, { additionalProperties: false }] },
      },
    })
    expect(described?.inputSchema['properties']).not.toHaveProperty(['openPart', 'unevaluatedProperties'])
  })
})
