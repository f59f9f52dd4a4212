import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createMcpClient, fetchTransport } from '@mcpclient/core'
import { kyTransport } from '@mcpclient/core/transports'
import type { Transport, TransportResponse } from '@mcpclient/core'
import { apiKey, get, post } from '@mcpclient/core/define'
import type { RequestSpec } from '@mcpclient/core/define'
import { undiciTransport } from '@mcpclient/core/undici'
import { anyConnector, openConnector } from './any-connector.ts'

const opened: { close: () => unknown }[] = []
afterEach(async () => {
  for (const { close } of opened.splice(0)) await close()
})

/** Composes a client of a provider on loopback, over a transport. */
async function live(listener: RequestListener, transport: Transport = fetchTransport(), options: object = {}) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opened.push({
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await transport.close?.()
    },
  })
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const mcp = createMcpClient({ connectors: { any: openConnector({ baseUrl }) }, transport, ...options })
  return mcp.as('ada').any
}

const scripted = (answers: readonly ScriptedReply[], options: object = {}) =>
  createMcpClient({ connectors: { any: openConnector() }, transport: scriptedTransport(answers), ...options }).as('ada')
    .any

const transports: readonly (readonly [string, () => Transport])[] = [
  ['fetch', () => fetchTransport()],
  ['ky', () => kyTransport()],
  ['undici', () => undiciTransport()],
]

describe.each(transports)('over %s, maxResponseBytes', (_name, make) => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
  const limit = { maxResponseBytes: 1024 * 1024, retry: { attempts: 1 } }

  it.each([
    ['with a length', true],
    ['chunked', false],
  ])('counts the decoded bytes of 64 KiB of gzip, %s', async (_how, hasLength) => {
    const any = await live(
      (_request, response) => {
        response.writeHead(200, {
          'content-type': 'text/plain',
          'content-encoding': 'gzip',
          ...(hasLength && { 'content-length': bomb.byteLength }),
        })
        response.end(bomb)
      },
      make(),
      limit,
    )
    expect(await errorOf(any.call('read', { request: get('x', {}, { read: 'text' }) }))).toMatchObject({
      code: 'DATA_TRANSFORMATION_ERROR',
      message: 'any responded with more than 1048576 bytes.',
      details: { status: 200 },
    })
  })

  it('applies to the body of an error, which still has its status', async () => {
    const any = await live(
      (_request, response) => {
        response.writeHead(429, { 'retry-after': '7', 'content-encoding': 'gzip' })
        response.end(bomb)
      },
      make(),
      limit,
    )
    expect(await errorOf(any.call('write', { request: post('x', {}) }))).toMatchObject({
      code: 'MCP_RATE_LIMIT_EXCEEDED',
      details: { status: 429, retryAfterMs: 7000, outcome: 'not_processed' },
    })
  })

  it('does not count the content length of a HEAD response', async () => {
    const any = await live(
      (_request, response) => {
        response.writeHead(200, { 'content-length': 5 * 1024 * 1024 })
        response.end()
      },
      make(),
      limit,
    )
    expect(await any.call('read', { request: { method: 'HEAD', path: 'x' } })).toBeUndefined()
  })

  it('reads a small compressed body', async () => {
    const any = await live(
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        response.end(gzipSync('{"ok":true}'))
      },
      make(),
      limit,
    )
    expect(await any.call('read', { request: get('x') })).toEqual({ ok: true })
  })
})

/** Writes the head of a response and half of its body, and then closes the connection. */
const cut =
  (status: number, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': '100', ...headers })
    response.write('{"error":', () => response.destroy())
  }

const broken =
  (status: number, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-encoding': 'gzip', ...headers })
    response.end('this is no gzip')
  }

describe.each(transports)('over %s, an error response', (_name, make) => {
  const once = { retry: { attempts: 1 } }
  const bodies = [
    ['cut', cut],
    ['broken', broken],
  ] as const
  const cases = bodies.flatMap(([how, body]) =>
    (
      [
        [400, 'MCP_CLIENT_ERROR', 'not_processed'],
        [401, 'MCP_AUTHENTICATION_FAILURE', 'not_processed'],
        [404, 'MCP_CLIENT_ERROR', 'not_processed'],
        [429, 'MCP_RATE_LIMIT_EXCEEDED', 'not_processed'],
        [503, 'MCP_SERVER_ERROR', 'unknown'],
      ] as const
    ).map(([status, code, outcome]) => ({ how, body, status, code, outcome })),
  )
  it.each(cases)('maps $status with a $how body to $code', async ({ body, status, code, outcome }) => {
    const any = await live(body(status, { 'retry-after': '7' }), make(), once)
    const error = await errorOf(any.call('write', { request: post('x', {}) }))
    expect(error).toMatchObject({ code, details: { status, outcome } })
    if (status === 429 || status === 503) expect(error.details.retryAfterMs).toBe(7000)
  })

  it('leaves the outcome of a write unknown, and names it, if a success is cut off', async () => {
    const any = await live(cut(201), make(), once)
    expect(await errorOf(any.call('write', { request: post('x', {}) }))).toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      details: { status: 201, outcome: 'unknown' },
    })
  })
})

it('counts an error response by its status if its body never ends', async () => {
  const response: TransportResponse = {
    status: 429,
    headers: { get: (name) => ({ 'content-length': '10', 'retry-after': '7' })[name] ?? null },
    text: () => new Promise(() => undefined),
    bytes: () => new Promise(() => undefined),
    stream: () => null,
  }
  const clock = createFakeClock()
  const transport = { send: () => Promise.resolve(response) }
  const mcp = createMcpClient({ connectors: { any: openConnector() }, transport, clock, retry: { attempts: 1 } })
  expect(await clock.until(errorOf(mcp.as('ada').any.call('write', { request: post('x', {}) })))).toMatchObject({
    code: 'MCP_RATE_LIMIT_EXCEEDED',
    details: { status: 429, retryAfterMs: 7000, outcome: 'not_processed' },
  })
})

describe('a 3xx that is not a redirect', () => {
  it.each([
    [300, {}],
    [301, {}],
    [302, {}],
    [304, {}],
    [305, { location: 'https://api.example/v1/proxy' }],
    [307, {}],
    [399, {}],
  ])('%i is an error, never a success', async (status, headers) => {
    const any = scripted([{ status, headers }])
    expect(await errorOf(any.call('read', { request: get('x') }))).toMatchObject({
      code: 'MCP_CLIENT_ERROR',
      details: { status },
    })
  })

  it('leaves the outcome of a write unknown', async () => {
    const any = scripted([{ status: 304 }], { retry: { attempts: 1 } })
    const error = await errorOf(any.call('write', { request: post('x', {}) }))
    expect(error).toMatchObject({ code: 'MCP_CLIENT_ERROR', details: { status: 304, outcome: 'unknown' } })
    expect(error.details.hint).toContain('base URL')
  })

  it('is a reply if the request asked for it: 304 to a condition', async () => {
    const any = scripted([{ status: 304 }])
    const request = get('x', {}, { headers: { 'If-None-Match': '"1"' } })
    expect(await any.call('read', { request })).toBeUndefined()
  })
})

describe('a redirect', () => {
  it('does not repeat a parameter that the signature adds', async () => {
    const transport = scriptedTransport([
      { status: 302, headers: { location: '/v2/x?a=1&key=old&k%65y=older&b=2#part' } },
      { json: {} },
    ])
    const connector = anyConnector(apiKey({ query: 'key' }))
    const mcp = createMcpClient({ connectors: { any: connector({ apiKey: 'k' }) }, transport })
    await mcp.as('ada').any.call('read', { request: get('x') })
    expect(transport.requests.map(({ url }) => url)).toEqual([
      'https://api.example/v1/x?key=k',
      'https://api.example/v2/x?a=1&b=2&key=k',
    ])
  })

  it('keeps its fragment local, and so does the first URL', async () => {
    const transport = scriptedTransport([{ status: 307, headers: { location: '/moved#frag' } }, { json: {} }])
    const mcp = createMcpClient({ connectors: { any: openConnector() }, transport })
    await mcp.as('ada').any.call('read', { request: get('x#part', { q: '1' }) })
    expect(transport.requests.map(({ url }) => url)).toEqual([
      'https://api.example/v1/x?q=1',
      'https://api.example/moved',
    ])
  })
})

describe('a body', () => {
  const read = (answer: ScriptedReply, options: Partial<RequestSpec> = {}) =>
    scripted([answer]).call('read', { request: { ...get('x'), ...options } })
  const typed = (type: string, body: string | Uint8Array): ScriptedReply => ({
    headers: { 'content-type': type },
    ...(typeof body === 'string' ? { text: body } : { bytes: body }),
  })

  it.each([
    ['text/plain', '{"ok":true}', { ok: true }],
    ['text/plain; charset=utf-8', ' [1]', [1]],
    ['text/html', '{"ok":true}', { ok: true }],
    ['application/octet-stream', '"x"', 'x'],
    ['application/problem+json', '{"a":1}', { a: 1 }],
    ['text/plain', '123', '123'],
    ['text/plain', '{not json', '{not json'],
    ['text/csv', '[a],b', '[a],b'],
    ['application/xml', '<a/>', '<a/>'],
  ])('is parsed from %s that is %s', async (type, text, expected) => {
    expect(await read(typed(type, text))).toEqual(expected)
  })

  it('is text or bytes if the request asks for that', async () => {
    const bytes = new TextEncoder().encode('{"ok":true}')
    expect(await read(typed('application/json', '{"ok":true}'), { read: 'text' })).toBe('{"ok":true}')
    expect(await read(typed('text/plain', '{"ok":true}'), { read: 'bytes' })).toEqual(bytes)
  })

  it.each([
    ['text/plain; charset=iso-8859-1', new Uint8Array([0x67, 0xfc]), 'gü'],
    ['text/plain; charset="windows-1252"', new Uint8Array([0x80]), '€'],
    ['application/json; Charset=ISO-8859-1', new Uint8Array([0x22, 0xfc, 0x22]), 'ü'],
    ['text/plain; charset=shift_jis', new Uint8Array([0x82, 0xa0]), 'あ'],
    ['text/plain; charset=utf-16le', new Uint8Array([0x61, 0, 0xfc, 0]), 'aü'],
    ['text/plain; charset=utf-16', new Uint8Array([0xfe, 0xff, 0, 0x61]), 'a'],
    ['text/plain; charset=no-such-thing', new TextEncoder().encode('ü'), 'ü'],
    ['text/plain; charset=utf-8', new TextEncoder().encode('\uFEFFü'), 'ü'],
    ['application/json', new TextEncoder().encode('\uFEFF"ü"'), 'ü'],
    ['text/plain; charset=latin1', new TextEncoder().encode('\uFEFFü'), 'ü'],
  ])('is decoded from %s by its charset', async (type, bytes, expected) => {
    expect(await read(typed(type, bytes))).toBe(expected)
    const headers = { 'content-type': type, 'content-length': String(bytes.byteLength) }
    expect(await read({ headers, bytes })).toBe(expected)
  })

  it('keeps integers beyond 2^53 as digits if the request asks for that', async () => {
    const text =
      '{"id":9007199254740993,"list":[-12345678901234567890],"small":7,"text":"9007199254740993","f":0.50000000000000000}'
    const body = await read({ text, headers: { 'content-type': 'application/json' } }, { bigIntegers: 'string' })
    expect(body).toEqual({
      id: '9007199254740993',
      list: ['-12345678901234567890'],
      small: 7,
      text: '9007199254740993',
      f: 0.5,
    })
  })

  it('is not encoded to count its bytes if it is within its declared length', async () => {
    const text = JSON.stringify('ü'.repeat(400))
    const response: TransportResponse = {
      status: 200,
      headers: { get: (name) => (name === 'content-length' ? '802' : null) },
      text: () => Promise.resolve(text),
      bytes: () => Promise.reject(new Error('The bytes were read.')),
      stream: () => null,
    }
    const encode = vi.spyOn(TextEncoder.prototype, 'encode')
    onTestFinished(() => encode.mockRestore())
    const mcp = createMcpClient({
      connectors: { any: openConnector() },
      transport: { send: () => Promise.resolve(response) },
      maxResponseBytes: 1000,
    })
    expect(await mcp.as('ada').any.call('read', { request: get('x') })).toBe('ü'.repeat(400))
    expect(encode).not.toHaveBeenCalled()
  })

  it('is not read past the limit because its length is understated', async () => {
    const any = scripted([{ text: 'ü'.repeat(900), headers: { 'content-length': '10' } }], { maxResponseBytes: 1000 })
    expect(await errorOf(any.call('read', { request: get('x', {}, { read: 'text' }) }))).toMatchObject({
      code: 'DATA_TRANSFORMATION_ERROR',
    })
  })
})

it('does not wait for the rest of an oversized body', async () => {
  const stuck = new ReadableStream<Uint8Array>({ cancel: () => new Promise(() => undefined) })
  const response: TransportResponse = {
    status: 200,
    headers: { get: (name) => (name === 'content-length' ? '5000' : null) },
    text: () => new Promise(() => undefined),
    bytes: () => new Promise(() => undefined),
    stream: () => stuck,
  }
  const clock = createFakeClock()
  const mcp = createMcpClient({
    connectors: { any: openConnector() },
    transport: { send: () => Promise.resolve(response) },
    maxResponseBytes: 1000,
    clock,
  })
  expect(await errorOf(mcp.as('ada').any.call('read', { request: get('x') }))).toMatchObject({
    code: 'DATA_TRANSFORMATION_ERROR',
  })
})

describe('responseHeaders', () => {
  const request = post('posts', { text: 'Hi' }, { responseHeaders: { id: 'x-resource-id', kind: 'x-kind' } })

  it.each([
    ['of an empty body', { status: 201 }, { id: 'p1' }],
    ['beside the fields of a body', { status: 201, json: { text: 'Hi' } }, { text: 'Hi', id: 'p1' }],
    ['instead of a field with the same name', { status: 201, json: { id: 7 } }, { id: 'p1' }],
    ['but not of a list', { status: 200, json: [1] }, [1]],
    ['but not of a text', { status: 200, text: 'Hi' }, 'Hi'],
  ])('are fields %s', async (_where, response, output) => {
    const any = scripted([{ ...response, headers: { 'X-Resource-Id': 'p1' } }])
    expect(await any.call('write', { request })).toEqual(output)
  })

  it('leaves a body without such headers as it is', async () => {
    expect(await scripted([{ json: { text: 'Hi' } }]).call('write', { request })).toEqual({ text: 'Hi' })
    expect(await scripted([{ status: 204 }]).call('write', { request })).toEqual({})
  })
})

describe('accepts', () => {
  const request = get('events', {}, { accepts: [412] })

  it('returns the body of an accepted status', async () => {
    const any = scripted([{ status: 412, json: { sync: 's1', errors: [{ message: 'Too old.' }] } }])
    expect(await any.call('read', { request })).toEqual({ sync: 's1', errors: [{ message: 'Too old.' }] })
  })

  it('leaves every other status a failure', async () => {
    const error = await errorOf(scripted([{ status: 410, json: { sync: 's1' } }]).call('read', { request }))
    expect(error).toMatchObject({ code: 'MCP_CLIENT_ERROR', details: { status: 410 } })
  })

  it('fails for a web page', async () => {
    const page = { status: 412, text: '<html>Login</html>', headers: { 'content-type': 'text/html' } }
    const error = await errorOf(scripted([page]).call('read', { request }))
    expect(error).toMatchObject({ code: 'DATA_TRANSFORMATION_ERROR', details: { status: 412 } })
  })
})
