import { errorOf, scriptedTransport } from '@mcpclient/testing'
import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { cursorPages, defineConnector, form, get, multipart, noAuth, path, post, tool } from '@mcpclient/core/define'
import type { RequestSpec } from '@mcpclient/core/define'
import { openConnector } from './any-connector.ts'

const LONE = 'a\uD800b'
const cycle: Record<string, unknown> = { name: 'x' }
cycle['self'] = { again: cycle }
const nested = (levels: number): unknown => {
  let value: unknown = 'deep'
  for (let level = 0; level < levels; level++) value = { inner: value }
  return value
}
const fails = (): never => {
  throw new Error('not today')
}

function start() {
  const transport = scriptedTransport(() => ({ json: { ok: true } }))
  const mcp = createMcpClient({ connectors: { any: openConnector() }, transport })
  return { transport, any: mcp.as('ada').any }
}

const refusalOf = async (request: RequestSpec, value?: unknown) => {
  const { transport, any } = start()
  const error = await errorOf(any.call('write', { request, value }))
  expect(transport.requests).toEqual([])
  return error
}

describe('a JSON body', () => {
  it.each<[string, () => unknown, string]>([
    ['a BigInt', () => 10n, 'is a BigInt'],
    ['a function', () => fails, 'is a function'],
    ['a symbol', () => Symbol('x'), 'is a symbol'],
    ['an invalid date', () => new Date('x'), 'is an invalid date'],
    ['NaN', () => NaN, 'is not a finite number'],
    ['Infinity', () => [1, Infinity], 'is not a finite number'],
    ['a Map', () => new Map([['a', 1]]), 'is not a plain object'],
    ['a Set', () => new Set([1]), 'is not a plain object'],
    ['a cycle', () => cycle, 'refers to itself'],
    ['20,000 levels', () => nested(20_000), 'is nested deeper than 1000 levels'],
    ['a toJSON that throws', () => ({ toJSON: fails }), 'cannot be read'],
    ['a toJSON that returns a BigInt', () => ({ toJSON: () => 1n }), 'is a BigInt'],
    ['a getter that throws', () => Object.defineProperty({}, 'b', { enumerable: true, get: fails }), 'cannot be read'],
    ['a revoked proxy', () => revoked(), 'cannot be read'],
  ])('is rejected with its path if it contains %s, and nothing is sent', async (_what, make, problem) => {
    const value = make()
    const error = await refusalOf(post('x', { list: [{ value }] }))
    expect(error).toMatchObject({ code: 'INVALID_INPUT', details: { outcome: 'not_processed' } })
    expect(error.details.issues?.[0]?.path).toMatch(/^request\.body\.value\.list\.0\.value/)
    expect(error.details.issues?.[0]?.message).toBe(`It ${problem}.`)
    expect(error.message.length).toBeLessThan(300)
  })

  it('names the input that the connector built the body from', async () => {
    const error = await refusalOf(post('x', { text: 10n }), 10n)
    expect(error.details.issues).toMatchObject([{ path: 'request.body.value.text' }])
  })

  it('carries dates, absent members, empty objects and deep finite values', async () => {
    const { transport, any } = start()
    const value = {
      at: new Date(0),
      none: undefined,
      empty: {},
      list: [],
      deep: nested(500),
      words: [null, true, 0, ''],
    }
    await any.call('write', { request: post('x', value) })
    expect(transport.requests[0]?.json).toEqual(JSON.parse(JSON.stringify(value)))
  })

  it('has the JSON content type by default', async () => {
    const { transport, any } = start()
    await any.call('write', { request: post('x', { a: 1 }) })
    await any.call('write', { request: post('x', { a: 1 }, { headers: { 'Content-Type': 'application/vnd.x+json' } }) })
    expect(transport.requests.map(({ headers }) => headers['content-type'])).toEqual([
      'application/json',
      'application/vnd.x+json',
    ])
  })
})

describe('other parts of a request', () => {
  const file = { bytes: new Uint8Array([1]), filename: 'a.txt' }
  it.each<[string, RequestSpec, string]>([
    ['a lone surrogate in the path', get(`items/${LONE}`), 'request.path'],
    ['a line break in the path', get('items/a\n/b'), 'request.path'],
    ['a lone surrogate in the query', get('x', { ok: 'y', q: LONE }), 'request.query.q'],
    ['a lone surrogate in a repeated parameter', get('x', { q: ['y', LONE] }), 'request.query.q.1'],
    ['NaN in the query', get('x', { q: NaN }), 'request.query.q'],
    ['a lone surrogate in a form', post('x', form({ q: LONE })), 'request.body.fields.q'],
    ['a lone surrogate in a multipart field', post('x', multipart({ q: LONE })), 'request.body.fields.q'],
    ['a lone surrogate in a file name', post('x', multipart({ f: { ...file, filename: LONE } })), 'filename'],
    ['a line break in a header', get('x', {}, { headers: { 'X-Tag': 'a\r\nb' } }), 'X-Tag'],
    ['a curly quote in a header', get('x', {}, { headers: { 'X-Tag': '“a”' } }), 'X-Tag'],
    ['a NUL in a header', get('x', {}, { headers: { 'X-Tag': 'a\0' } }), 'X-Tag'],
    ['a space in a header name', get('x', {}, { headers: { 'X Tag': 'a' } }), 'headers'],
  ])('reject %s with its path', async (_what, request, place) => {
    const error = await refusalOf(request)
    expect(error).toMatchObject({ code: 'INVALID_INPUT', details: { outcome: 'not_processed' } })
    expect(error.details.issues?.[0]?.path).toContain(place)
  })

  it.each<[string, unknown]>([
    ['a symbol', Symbol('x')],
    ['a function', fails],
    ['an object', {}],
    ['null', null],
    ['an invalid date', new Date('x')],
  ])('reject %s in the query', async (_what, q) => {
    expect(await refusalOf({ method: 'GET', path: 'x', query: { q: q as string } })).toMatchObject({
      code: 'INVALID_INPUT',
    })
  })

  it.each([[LONE], [undefined], [null], [NaN], [{}]])('reject the path value %s', (value) => {
    expect(() => path`items/${value as string}`).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
  })
})

describe('a connector or a schema that fails because of the input', () => {
  const Note = z.object({ notes: z.array(z.unknown()) })
  const connector = defineConnector({
    id: 'notes',
    name: 'Notes',
    baseUrl: 'https://notes.example/',
    auth: noAuth,
    tools: {
      get_note: tool({
        description: 'Read.',
        effect: 'read',
        input: z.object({ id: z.string() }),
        output: z.unknown(),
        request: ({ id }) => get(path`notes/${id}`),
      }),
      search: tool({
        description: 'Search.',
        effect: 'read',
        input: z.object({ filter: z.unknown() }),
        output: z.unknown(),
        request: ({ filter }) => get('notes', { filter: JSON.stringify(filter) }),
      }),
      list: tool({
        description: 'List.',
        effect: 'read',
        input: z.object({ filter: z.unknown() }),
        output: Note,
        request: ({ filter }) => post('list', { filter }),
        pages: cursorPages({ items: 'notes', next: 'next', param: 'cursor', place: 'body' }),
      }),
    },
  })
  const notes = () =>
    createMcpClient({ connectors: { notes: connector() }, transport: scriptedTransport([]) }).as('ada').notes

  it('names a path value by the input that it came from', async () => {
    const error = await errorOf(notes().call('get_note', { id: LONE }))
    expect(error).toMatchObject({ code: 'INVALID_INPUT', details: { issues: [{ path: 'id' }], toolName: 'get_note' } })
  })

  it.each([
    ['a BigInt', 1n],
    ['a cycle', cycle],
  ])('names %s that the connector could not encode', async (_what, filter) => {
    const expected = { code: 'INVALID_INPUT', details: { issues: [{ path: expect.stringMatching(/^filter/) }] } }
    expect(await errorOf(notes().call('search', { filter }))).toMatchObject(expected)
    expect(await errorOf(notes().call('list', { filter }))).toMatchObject(expected)
    const pages = notes().pages('list', { filter })
    expect(await errorOf(pages.next())).toMatchObject(expected)
  })

  it('names a getter of the input that throws', async () => {
    const input = Object.defineProperty({}, 'id', { enumerable: true, get: fails }) as { id: string }
    expect(await errorOf(notes().call('get_note', input))).toMatchObject({
      code: 'INVALID_INPUT',
      details: { issues: [{ path: 'id' }] },
    })
  })
})

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}
