import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient, fetchTransport, TransportError } from '@mcpclient/core'
import type { Transport, TransportFailureReason } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { apiKey, basic, bearer, customAuth, get, post } from '@mcpclient/core/define'
import { anyConnector, openConnector } from './any-connector.ts'

const request = post('x', { a: 1 })
const HIDDEN = ['a\u200Bb', '“key”', 'a\r\nb', 'a\0b', 'a\nb', '要求-1', 'a\u0001b'] as const

describe('a request id', () => {
  it.each([
    ['要求-1', '%E8%A6%81%E6%B1%82-1'],
    ['a\r\nx-evil: 1', 'a%0D%0Ax-evil%3A%201'],
    ['a\uD800', 'a%EF%BF%BD'],
    [' a', '%20a'],
    ['req-42', 'req-42'],
    ['a b/c', 'a b/c'],
  ])('reaches the provider as given or replaced: %j as %s', async (requestId, header) => {
    const transport = scriptedTransport([{ json: {} }])
    const mcp = createMcpClient({ connectors: { any: openConnector() }, vault: vault(), transport })
    await mcp.as('ada').any.call('write', { request }, { requestId })
    expect(transport.requests[0]?.headers['x-request-id']).toBe(header)
  })

  it('is truncated if it is too long for a header', async () => {
    const transport = scriptedTransport(() => ({ json: {} }))
    const mcp = createMcpClient({ connectors: { any: openConnector() }, vault: vault(), transport })
    for (const requestId of ['x'.repeat(200), '要'.repeat(200)]) {
      await mcp.as('ada').any.call('write', { request }, { requestId })
    }
    for (const { headers } of transport.requests) expect(headers['x-request-id']?.length).toBeLessThanOrEqual(512)
    expect(transport.requests[1]?.headers['x-request-id']).toMatch(/^(?:%[\dA-F]{2})+$/)
  })
})

describe('an idempotency key', () => {
  it.each([...HIDDEN, '', ' a', 'a '])('is rejected by its name: %j', async (idempotencyKey) => {
    const transport = scriptedTransport([])
    const mcp = createMcpClient({ connectors: { any: openConnector() }, vault: vault(), transport })
    const error = await errorOf(mcp.as('ada').any.call('write_once', { request }, { idempotencyKey }))
    expect(error).toMatchObject({
      code: 'INVALID_INPUT',
      details: { issues: [{ path: 'options.idempotencyKey' }], outcome: 'not_processed', attempts: 1 },
    })
    expect(transport.requests).toEqual([])
  })

  it.each([
    ['', 'is empty, or starts or ends with whitespace'],
    [' a', 'is empty, or starts or ends with whitespace'],
    ['a\nb', 'contains characters that a header cannot carry'],
  ])('is rejected: %j %s', async (idempotencyKey, problem) => {
    const mcp = createMcpClient({ connectors: { any: openConnector() }, transport: scriptedTransport([]) })
    const error = await errorOf(mcp.as('ada').any.call('write_once', { request }, { idempotencyKey }))
    expect(error.message).toBe(`write_once cannot be sent: options.idempotencyKey ${problem}.`)
    expect(error.details.issues).toEqual([{ path: 'options.idempotencyKey', message: `It ${problem}.` }])
  })
})

const strategies = {
  bearer: [anyConnector(bearer()), (secret: string) => ({ token: secret })],
  apiKey: [anyConnector(apiKey({ header: 'x-key', prefix: 'Key ' })), (secret: string) => ({ apiKey: secret })],
  custom: [
    anyConnector(
      customAuth({
        kind: 'signed',
        fields: { secret: { label: 'Secret', secret: true } },
        sign: (_request, { secret }) => Promise.resolve({ headers: { 'x-signature': `v1 ${secret}` } }),
      }),
    ),
    (secret: string) => ({ secret }),
  ],
  custom_btoa: [
    anyConnector(
      customAuth({
        kind: 'encoded',
        fields: { secret: { label: 'Secret', secret: true } },
        sign: (_request, { secret }) => ({ headers: { 'x-signature': btoa(`${secret}\u4000`) } }),
      }),
    ),
    (secret: string) => ({ secret }),
  ],
} as const

describe.each(Object.entries(strategies))('a key of %s that no header can carry', (_name, [connector, credential]) => {
  it.each(HIDDEN)('is rejected by connect and not repeated: (%j)', async (secret) => {
    const transport = scriptedTransport([])
    const mcp = createMcpClient({ connectors: { any: connector() }, vault: vault(), transport })
    const error = await errorOf(mcp.as('ada').any.connect(credential(secret)))
    expect(error).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { outcome: 'not_processed' } })
    expect(error.message).toContain('contains characters that a header cannot carry')
    expect(JSON.stringify(error)).not.toContain(secret)
    expect(await mcp.as('ada').any.isConnected()).toBe(false)
  })

  it.each(HIDDEN)(
    'is rejected in use: nothing is sent, retried or counted against the provider (%j)',
    async (secret) => {
      const transport = scriptedTransport([])
      const mcp = createMcpClient({
        connectors: { any: connector(credential(secret) as never) },
        vault: vault(),
        transport,
        breaker: { minimumCalls: 2 },
      })
      for (let call = 0; call < 3; call++) {
        expect(await errorOf(mcp.as('ada').any.call('write', { request }))).toMatchObject({
          code: 'MCP_AUTHENTICATION_FAILURE',
          message: expect.stringContaining('characters that a header cannot carry') as string,
          details: { outcome: 'not_processed', attempts: 1 },
        })
      }
      expect(transport.requests).toEqual([])
    },
  )
})

describe('other keys that connect rejects', () => {
  it.each([['token\n'], [' token'], ['token\t'], ['\u00A0token']])(
    'include white space at the end: %j',
    async (token) => {
      const mcp = createMcpClient({
        connectors: { any: anyConnector(bearer())() },
        vault: vault(),
        transport: scriptedTransport([]),
      })
      const error = await errorOf(mcp.as('ada').any.connect({ token }))
      expect(error).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { issues: [{ path: 'token' }] } })
      expect(error.message).toContain('begins or ends with whitespace')
    },
  )

  it('include a key for the query that a URL cannot carry', async () => {
    const connector = anyConnector(apiKey({ query: 'key' }))
    const transport = scriptedTransport([])
    const mcp = createMcpClient({ connectors: { any: connector() }, vault: vault(), transport })
    expect(await errorOf(mcp.as('ada').any.connect({ apiKey: 'a\uD800' }))).toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
    })
    const own = createMcpClient({ connectors: { any: connector({ apiKey: 'a\uD800' }) }, vault: vault(), transport })
    expect(await errorOf(own.as('ada').any.call('write', { request }))).toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
      details: { outcome: 'not_processed' },
    })
  })

  it.each([
    ['a:b', 'c'],
    ['a', 'c\uD800'],
  ])('include the Basic pair %j, %j', async (username, password) => {
    const mcp = createMcpClient({
      connectors: { any: anyConnector(basic())({ username, password }) },
      vault: vault(),
      transport: scriptedTransport([]),
    })
    expect(await errorOf(mcp.as('ada').any.call('write', { request }))).toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
      details: { outcome: 'not_processed' },
    })
  })

  it('exclude a password with white space, and a key of several lines', async () => {
    const plain = createMcpClient({
      connectors: { any: anyConnector(basic())() },
      vault: vault(),
      transport: scriptedTransport([]),
    })
    const result = await plain.as('ada').any.connect({ username: '要', password: ' pass ' })
    expect(result.status).toBe('connected')
    const auth = customAuth({
      kind: 'pem',
      fields: { key: { label: 'Key', secret: true } },
      sign: (_request, { key }) => ({ headers: { 'x-length': String(key.length) } }),
    })
    const pem = createMcpClient({
      connectors: { any: anyConnector(auth)() },
      vault: vault(),
      transport: scriptedTransport([]),
    })
    expect((await pem.as('ada').any.connect({ key: '--BEGIN--\nabc\n--END--\n' })).status).toBe('connected')
  })
})

describe('an invalid base URL', () => {
  it.each([
    'nope',
    'ftp://api.example/',
    'https://u:p@api.example/',
    'https://x:70000/',
    'https://x/?a=b',
    'https://x/#f',
  ])('is a configuration error that does not repeat it: %s', async (baseUrl) => {
    const transport = scriptedTransport([])
    let error
    try {
      const mcp = createMcpClient({ connectors: { any: openConnector({ baseUrl }) }, vault: vault(), transport })
      error = await errorOf(mcp.as('ada').any.call('write', { request }))
    } catch (refused) {
      error = refused
    }
    expect(error).toMatchObject({ code: 'CONFIGURATION_ERROR' })
    expect(transport.requests).toEqual([])
  })
})

const caused = (message: string, cause: object): Error => new TypeError(message, { cause })
const coded = (message: string, code: string, more: object = {}): Error =>
  Object.assign(new Error(message), { code, ...more })
const node = (message: string, code: string, more?: object) => caused('fetch failed', coded(message, code, more))
const deno = (what: string) =>
  new TypeError(`error sending request for url (https://api.example/): client error (Connect): ${what}`)

/** The messages of runtimes for a request that was never sent, and whether they count against the provider. */
const failures: readonly (readonly [string, Error, TransportFailureReason, 'counts' | 'ignored'])[] = [
  ['Node: refused', node('connect ECONNREFUSED', 'ECONNREFUSED'), 'refused', 'counts'],
  [
    'Node: all addresses refused',
    caused('fetch failed', new AggregateError([coded('x', 'ECONNREFUSED')])),
    'refused',
    'counts',
  ],
  ['Node: no such host', node('getaddrinfo ENOTFOUND', 'ENOTFOUND'), 'name_not_found', 'counts'],
  ['Node: no route', node('connect EHOSTUNREACH', 'EHOSTUNREACH'), 'unreachable', 'counts'],
  [
    'Node: timeout of connect',
    node('connect ETIMEDOUT', 'ETIMEDOUT', { syscall: 'connect' }),
    'connect_timeout',
    'counts',
  ],
  ['undici: connect timeout', node('Connect Timeout Error', 'UND_ERR_CONNECT_TIMEOUT'), 'connect_timeout', 'counts'],
  [
    'Node: closed during TLS',
    node('Client network socket disconnected before secure TLS connection was established', 'ECONNRESET'),
    'unreachable',
    'counts',
  ],
  ['Node: bad port', caused('fetch failed', new Error('bad port')), 'blocked_port', 'ignored'],
  ['Node: scheme', caused('fetch failed', new Error('unknown scheme')), 'unsupported_scheme', 'ignored'],
  ['Node: argument', node('invalid transfer-encoding header', 'UND_ERR_INVALID_ARG'), 'invalid_request', 'ignored'],
  ['Node: self-signed', node('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'), 'certificate', 'ignored'],
  ['Node: host name', node('altnames', 'ERR_TLS_CERT_ALTNAME_INVALID'), 'certificate', 'ignored'],
  ['Node: expired', node('certificate has expired', 'CERT_HAS_EXPIRED'), 'certificate', 'ignored'],
  ['Node: unknown authority', node('unable to get', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'), 'certificate', 'ignored'],
  ['Node: no TLS', node('wrong version number', 'ERR_SSL_WRONG_VERSION_NUMBER'), 'tls', 'ignored'],
  ['Bun: refused', coded('Unable to connect.', 'ConnectionRefused'), 'refused', 'counts'],
  ['Bun: certificate', coded('certificate', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'certificate', 'ignored'],
  ['Deno: refused', deno('tcp connect error: Connection refused (os error 111)'), 'refused', 'counts'],
  ['Deno: no such host', deno('dns error: failed to lookup address information'), 'name_not_found', 'counts'],
  ['Deno: certificate', deno('invalid peer certificate: UnknownIssuer'), 'certificate', 'ignored'],
  ['Deno: scheme', new TypeError("Url scheme 'ftp' not supported"), 'unsupported_scheme', 'ignored'],
  [
    'workerd: certificate',
    new Error("TLS peer's certificate is not trusted; reason = self signed certificate"),
    'certificate',
    'ignored',
  ],
  ['workerd: no such host', new Error('DNS lookup failed.'), 'name_not_found', 'counts'],
]

describe.each(failures)('%s', (_name, failure, reason, verdict) => {
  const transport = fetchTransport({ fetch: () => Promise.reject(failure) })
  const isLasting = verdict === 'ignored'

  it('is detected as never sent', async () => {
    const rejection: unknown = await transport
      .send({ method: 'GET', url: 'https://api.example/', headers: {} })
      .catch((error: unknown) => error)
    expect(rejection).toBeInstanceOf(TransportError)
    expect(rejection).toMatchObject({ sent: false, reason })
  })

  it(`leaves a write undone, ${isLasting ? 'once' : 'three times'}, and ${verdict} in the breaker`, async () => {
    const { call, clock } = clientOver(transport)
    const error = await clock.until(errorOf(call()))
    expect(error).toMatchObject({ details: { outcome: 'not_processed', reason, attempts: isLasting ? 1 : 3 } })
    expect(error.retryable).toBe(!isLasting)
    expect(error.code).toBe(
      isLasting && reason !== 'certificate' && reason !== 'tls' ? 'CONFIGURATION_ERROR' : 'MCP_CONNECTION_ERROR',
    )
    const last = await clock.until(errorOf(call()))
    expect(last.code === 'CIRCUIT_OPEN').toBe(!isLasting)
  })
})

function clientOver(transport: Transport) {
  const clock = createFakeClock()
  const mcp = createMcpClient({
    connectors: { any: openConnector() },
    vault: vault(),
    transport,
    clock,
    breaker: { minimumCalls: 3 },
  })
  return { clock, call: () => mcp.as('ada').any.call('write', { request }) }
}

describe('a rejected certificate', () => {
  it.each([
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'],
    ['CERT_HAS_EXPIRED', 'the certificate has expired'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'the certificate belongs to another host name'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'the certificate comes from an unknown authority'],
  ])('is named in the message (%s)', async (code, words) => {
    const { call, clock } = clientOver(fetchTransport({ fetch: () => Promise.reject(node('x', code)) }))
    const error = await clock.until(errorOf(call()))
    expect(error.message).toContain(words)
    expect(error.advice).not.toContain('Check the network')
  })
})

describe('a failure that proves nothing', () => {
  it.each([
    ['a reset', node('read ECONNRESET', 'ECONNRESET')],
    ['a socket that closed', node('other side closed', 'UND_ERR_SOCKET')],
    ['an alert that TLS 1.3 sends late', node('certificate required', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED')],
    ['a record that does not decrypt', node('bad record mac', 'ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC')],
    ['a failure without a word', new TypeError('fetch failed')],
    ['a lost connection of workerd', new Error('Network connection lost.')],
  ])('may have been sent: %s', async (_name, failure) => {
    const { call, clock } = clientOver(fetchTransport({ fetch: () => Promise.reject(failure) }))
    expect(await clock.until(errorOf(call()))).toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      details: { outcome: 'unknown', attempts: 1 },
    })
  })
})

it('does not count calls that were never sent as successes', async () => {
  const failure = { current: node('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT') }
  const { call, clock } = clientOver(fetchTransport({ fetch: () => Promise.reject(failure.current) }))
  for (let round = 0; round < 20; round++) await clock.until(errorOf(call()))
  failure.current = node('connect ECONNREFUSED', 'ECONNREFUSED')
  await clock.until(errorOf(call()))
  expect((await clock.until(errorOf(call()))).code).toBe('CIRCUIT_OPEN')
})

it('leaves a write unknown if only its last attempt was never sent', async () => {
  const failures = [node('read ECONNRESET', 'ECONNRESET'), node('connect ECONNREFUSED', 'ECONNREFUSED')]
  const clock = createFakeClock()
  const transport = fetchTransport({ fetch: () => Promise.reject(failures.shift() ?? new Error('once too often')) })
  const mcp = createMcpClient({
    connectors: { any: openConnector() },
    vault: vault(),
    transport,
    clock,
    retry: { attempts: 2 },
  })
  const work = errorOf(mcp.as('ada').any.call('write_once', { request }))
  expect(await clock.until(work)).toMatchObject({ details: { outcome: 'unknown', attempts: 2 } })
})

it('is checked with the platform if a runtime words its error differently', async () => {
  const transport = fetchTransport({ fetch: () => Promise.reject(new TypeError('Nope, not this one.')) })
  const send = (headers: Record<string, string>) =>
    transport.send({ method: 'GET', url: 'https://api.example/', headers }).catch((error: unknown) => error)
  expect(await send({ 'x-a': 'a\nb' })).toMatchObject({ sent: false, reason: 'invalid_request' })
  expect(await send({ 'x-a': 'ab' })).toMatchObject({ sent: true })
})

it('does not prevent a read with an invalid request id', async () => {
  const transport = scriptedTransport([{ json: { ok: true } }])
  const mcp = createMcpClient({ connectors: { any: openConnector() }, vault: vault(), transport })
  expect(await mcp.as('ada').any.call('read', { request: get('x') }, { requestId: '要求-1' })).toEqual({ ok: true })
})
