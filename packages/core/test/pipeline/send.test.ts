import { scriptedTransport } from '@mcpclient/testing'
import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import {
  apiKey,
  basic,
  customAuth,
  defineConnector,
  form,
  get,
  noAuth,
  path,
  post,
  put,
  tool,
} from '@mcpclient/core/define'
import type { AuthStrategy, RequestSpec } from '@mcpclient/core/define'
import { demo } from '../demo-connector.ts'

const note = { id: 'n1', text: 'hi' }

/** Defines a connector with one tool that sends a given request. */
function sending<A extends AuthStrategy>(auth: A, effect: 'read' | 'write' = 'read') {
  const any = tool({
    description: 'Send a request.',
    effect,
    input: z.object({ request: z.custom<RequestSpec>() }),
    output: z.unknown(),
    request: ({ request }) => request,
  })
  return defineConnector({
    id: 'any',
    name: 'Any',
    baseUrl: 'https://api.example/v1/',
    hosts: ['files.example', '*.cdn.example'],
    headers: { 'X-Version': '7' },
    auth,
    tools: { send: any },
  })
}

async function sent(request: RequestSpec, answers: Parameters<typeof scriptedTransport>[0] = [{ json: {} }]) {
  const transport = scriptedTransport(answers)
  const connector = sending(apiKey({ header: 'X-Key' }), request.method === 'GET' ? 'read' : 'write')
  const mcp = createMcpClient({ connectors: { any: connector({ apiKey: 'k1' }) }, transport })
  await mcp.as('ada').any.call('send', { request })
  return transport.requests
}

describe('a request', () => {
  it('carries query, headers, version and key', async () => {
    const [request] = await sent(
      get('items', { q: 'a b&c', tags: ['x', 'y'], none: undefined }, { headers: { 'X-One': '1' } }),
    )
    expect(request).toMatchObject({
      url: 'https://api.example/v1/items?q=a%20b%26c&tags=x&tags=y',
      headers: { 'x-key': 'k1', 'x-version': '7', 'x-one': '1', accept: 'application/json' },
    })
  })

  it('carries forms', async () => {
    const [request] = await sent(put('items', form({ a: '1 2', b: true })))
    expect(request).toMatchObject({ method: 'PUT', form: { a: '1 2', b: 'true' } })
  })

  it('carries JSON under the content type of the connector, or of the request', async () => {
    const any = tool({
      description: 'Send a request.',
      effect: 'write',
      input: z.object({ request: z.custom<RequestSpec>() }),
      output: z.unknown(),
      request: ({ request }) => request,
    })
    const connector = defineConnector({
      id: 'any',
      name: 'Any',
      baseUrl: 'https://api.example/v1/',
      jsonType: 'application/vnd.api+json',
      auth: noAuth,
      tools: { send: any },
    })
    const transport = scriptedTransport([{ json: {} }, { json: {} }, { json: {} }])
    const mcp = createMcpClient({ connectors: { any: connector() }, transport })
    await mcp.as('ada').any.call('send', { request: post('items', { a: 1 }) })
    const headers = { 'Content-Type': 'application/json' }
    await mcp.as('ada').any.call('send', { request: post('items', { a: 1 }, { headers }) })
    await mcp.as('ada').any.call('send', { request: post('items', form({ a: 1 })) })
    expect(transport.requests.map((request) => request.headers['content-type'])).toEqual([
      'application/vnd.api+json',
      'application/json',
      'application/x-www-form-urlencoded',
    ])
  })

  it('is sent to declared hosts only', async () => {
    expect(await sent(get('https://files.example/x'))).toHaveLength(1)
    expect(await sent(get('https://eu.cdn.example/x'))).toHaveLength(1)
    for (const elsewhere of [
      'https://evil.example/',
      '//evil.example/',
      'http://files.example/',
      'https://files.example.evil/',
      'https://cdn.example/',
      'https://u:p@files.example/',
      'https://files.example:8443/',
      'file:///etc/passwd',
    ]) {
      await expect(sent(get(elsewhere)), elsewhere).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    }
  })

  it('cannot leave its resource through a path value', () => {
    expect(() => path`items/${'..'}`).toThrow(/another resource/)
    expect(() => path`items/${''}`).toThrow(/another resource/)
    expect(path`items/${'a/b?c#d'}`).toBe('items/a%2Fb%3Fc%23d')
  })
})

describe('signatures', () => {
  it('put a key into the query, and remove it from errors', async () => {
    const transport = scriptedTransport([{ status: 500 }])
    const connector = sending(apiKey({ query: 'key' }), 'write')
    const mcp = createMcpClient({ connectors: { any: connector({ apiKey: 'sec/ret' }) }, transport })
    const failure: unknown = await mcp
      .as('a')
      .any.call('send', { request: post('x', {}) })
      .catch((error: unknown) => error)
    expect(transport.requests[0]?.query).toEqual({ key: 'sec/ret' })
    expect(JSON.stringify(failure) + String(failure)).not.toMatch(/sec/)
  })

  it('encode Basic in UTF-8', async () => {
    const transport = scriptedTransport([{ json: {} }])
    const mcp = createMcpClient({
      connectors: { any: sending(basic())({ username: 'ü', password: 'ß:x' }) },
      transport,
    })
    await mcp.as('a').any.call('send', { request: get('x') })
    expect(transport.requests[0]?.headers['authorization']).toBe(`Basic ${Buffer.from('ü:ß:x').toString('base64')}`)
  })

  it('may cover the request', async () => {
    const auth = customAuth({
      kind: 'signed',
      fields: { secret: { label: 'Secret', secret: true } },
      sign: ({ method, url, body }, { secret }) =>
        Promise.resolve({ headers: { 'X-Signature': `${method} ${url} ${body as string} ${secret.length}` } }),
    })
    const transport = scriptedTransport([{ json: {} }])
    const mcp = createMcpClient({ connectors: { any: sending(auth, 'write')({ secret: '1234' }) }, transport })
    await mcp.as('a').any.call('send', { request: post('x', { a: 1 }) })
    expect(transport.requests[0]?.headers['x-signature']).toBe('POST https://api.example/v1/x {"a":1} 4')
  })

  it('do not follow a redirect to another origin', async () => {
    const requests = await sent(get('x'), [
      { status: 302, headers: { location: 'https://files.example/y' } },
      { json: {} },
    ])
    expect(requests.map(({ headers }) => headers['x-key'])).toEqual(['k1', undefined])
  })
})

describe('a redirect', () => {
  it('is followed on the same origin, with the credential', async () => {
    const requests = await sent(get('x'), [{ status: 307, headers: { location: '/v2/x' } }, { json: {} }])
    expect(requests[1]).toMatchObject({ url: 'https://api.example/v2/x', headers: { 'x-key': 'k1' } })
  })

  it('is rejected to a host that is not declared', async () => {
    const away = { status: 302, headers: { location: 'https://evil.example/' } }
    await expect(sent(get('x'), () => away)).rejects.toMatchObject({ code: 'MCP_CLIENT_ERROR' })
  })

  it('does not turn a write into a read that looks successful', async () => {
    const answers = [{ status: 303, headers: { location: '/done' } }]
    await expect(sent(post('x', {}), answers)).rejects.toMatchObject({
      code: 'MCP_CLIENT_ERROR',
      details: { outcome: 'unknown' },
    })
  })
})

describe('a response', () => {
  const failing = async (answer: object) => {
    const mcp = createMcpClient({
      connectors: { notes: demo({ token: 't' }) },
      transport: scriptedTransport([answer]),
      maxResponseBytes: 1000,
    })
    return mcp
      .as('a')
      .notes.call('get_note', { id: 'x' })
      .catch((error: unknown) => error)
  }

  it.each([
    ['a web page', { text: '<html>login</html>', headers: { 'content-type': 'text/html' } }],
    ['JSON that ends too early', { text: '{"id":"n1",', headers: { 'content-type': 'application/json' } }],
    ['nothing', { status: 204 }],
    ['another shape', { json: { id: 7 } }],
    ['too much', { json: { ...note, more: 'x'.repeat(2000) } }],
  ])('is a clear error if it is %s', async (_what, answer) => {
    expect(await failing(answer)).toMatchObject({ code: 'DATA_TRANSFORMATION_ERROR' })
  })

  it('does not reach the caller with the credential that it repeats', async () => {
    const echoing = defineConnector({
      id: 'echo',
      name: 'Echo',
      baseUrl: 'https://echo.example/',
      auth: apiKey({ header: 'x-key' }),
      errors: ({ body, status }) =>
        status >= 400 ? { code: 'MCP_CLIENT_ERROR', message: String(body), providerCode: String(body) } : undefined,
      tools: {
        ask: tool({
          description: 'Ask.',
          effect: 'read',
          input: z.object({}),
          output: z.unknown(),
          request: () => get('x'),
        }),
      },
    })
    const mcp = createMcpClient({
      connectors: { echo: echoing({ apiKey: 'canary-1234' }) },
      transport: scriptedTransport([{ status: 400, text: 'bad key canary-1234' }]),
    })
    const failure = await mcp
      .as('a')
      .echo.call('ask', {})
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'MCP_CLIENT_ERROR' })
    expect(JSON.stringify(failure) + String(failure)).not.toContain('canary')
  })

  it('does not reach the caller with a repeated credential that was replaced meanwhile', async () => {
    const echoing = defineConnector({
      id: 'echo',
      name: 'Echo',
      baseUrl: 'https://echo.example/',
      auth: apiKey({ header: 'x-key' }),
      errors: ({ body, status }) =>
        status >= 400 ? { code: 'MCP_AUTHENTICATION_FAILURE', message: `Bad key ${body as string}` } : undefined,
      tools: {
        ask: tool({
          description: 'Ask.',
          effect: 'read',
          input: z.object({}),
          output: z.unknown(),
          request: () => get('x'),
        }),
      },
    })
    const credentials = memoryStore()
    const transport = scriptedTransport(({ headers }) => ({ status: 401, text: headers['x-key'] ?? '' }))
    const first = createMcpClient({ connectors: { echo: echoing() }, transport, vault: vault({ store: credentials }) })
    const second = createMcpClient({ connectors: { echo: echoing() }, transport, vault: vault({ store: credentials }) })
    await first.as('a').echo.connect({ apiKey: 'canary-old' })
    await first
      .as('a')
      .echo.call('ask', {})
      .catch(() => undefined)
    await second.as('a').echo.connect({ apiKey: 'canary-new' })
    const failure = await first
      .as('a')
      .echo.call('ask', {})
      .catch((error: unknown) => error)
    expect(transport.requests.at(-1)?.headers['x-key']).toBe('canary-new')
    expect(failure).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
    expect(JSON.stringify(failure) + String(failure)).not.toContain('canary')
  })
})
