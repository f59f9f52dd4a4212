import { errorOf, scriptedTransport } from '@mcpclient/testing'
import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { ConnectorError, createMcpClient } from '@mcpclient/core'
import { apiKey, defineConnector, errorTable, noAuth, post, tool, valueAt } from '@mcpclient/core/define'
import type { ErrorTable, Failure, Reply } from '@mcpclient/core/define'

interface Options {
  readonly errors?: ErrorTable | ((reply: Reply) => Failure | undefined)
  readonly reconcile?: string
  readonly auth?: boolean
}

type Answers = Parameters<typeof scriptedTransport>[0]

async function failureOf(answers: Answers, { errors, reconcile, auth = true }: Options = {}) {
  const send = tool({
    description: 'Send a thing.',
    effect: 'write',
    input: z.object({ text: z.string() }),
    output: z.object({}),
    reconcile,
    request: ({ text }) => post('things/7', { text }, { query: { secret: 'in the query' } }),
  })
  const shape = { id: 'shop', name: 'Shop', baseUrl: 'https://shop.example/v1/', errors, tools: { send } }
  const connector = auth
    ? defineConnector({ ...shape, auth: apiKey({ header: 'X-Key' }) })({ apiKey: 'key-that-is-secret-4417' })
    : defineConnector({ ...shape, auth: noAuth })()
  const mcp = createMcpClient({
    connectors: { shop: connector },
    transport: scriptedTransport(answers),
    retry: { attempts: 1 },
  })
  const error: unknown = await mcp
    .as('ada')
    .shop.call('send', { text: 'x' })
    .catch((thrown: unknown) => thrown)
  const envelope = await createMcpClient({
    connectors: { shop: connector },
    transport: scriptedTransport(answers),
    retry: { attempts: 1 },
  }).handle({ server_id: 'shop', tool_name: 'send', tool_input: { text: 'x' } }, 'ada')
  if (!ConnectorError.is(error) || envelope.status !== 'error') throw new Error('The call succeeded.')
  return { error, envelope: envelope.error }
}

describe('a failure', () => {
  it('carries the message and code of the provider, and the method and path of the request', async () => {
    const json = { error: { code: 'too_long', message: 'title is too long (max 256)' } }
    const { error, envelope } = await failureOf([{ status: 422, json }])
    expect(error.message).toBe('Shop rejected send (422, POST /v1/things/7): title is too long (max 256).')
    expect(error.details).toMatchObject({
      status: 422,
      method: 'POST',
      path: '/v1/things/7',
      providerCode: 'too_long',
      providerMessage: 'title is too long (max 256)',
    })
    expect(error.advice).toBe('Correct what the provider names.')
    expect(envelope).toMatchObject({
      mcp_server_status_code: 422,
      mcp_server_error_details: { code: 'too_long', message: 'title is too long (max 256)' },
    })
  })

  it.each([400, 401, 403, 404, 409, 418, 429, 500, 503])(
    'carries the plain text of a response with status %i',
    async (status) => {
      const { error } = await failureOf([
        { status, text: 'No more\r\nthings.', headers: { 'content-type': 'text/plain' } },
      ])
      expect(error.details.providerMessage).toBe('No more things.')
      expect(error.message).toMatch(/send \(\d+, POST \/v1\/things\/7\): No more things\.$/)
    },
  )

  it('carries text without a content type', async () => {
    const { error } = await failureOf([{ status: 400, text: 'No such thing' }])
    expect(error.details.providerMessage).toBe('No such thing')
  })

  it('does not repeat a web page', async () => {
    const text = '<html><body>Bad gateway</body></html>'
    const { error } = await failureOf([{ status: 400, text, headers: { 'content-type': 'text/html' } }])
    expect(error.message).toBe('Shop rejected send (400, POST /v1/things/7).')
    expect(error.advice).not.toContain('names')
  })

  it('normalizes, bounds and redacts what the provider wrote', async () => {
    const message = `bad\u0000 \u202Ekey\u200B key-that-is-sec\u200Bret-4417 ${'x'.repeat(5000)}`
    const { error } = await failureOf([{ status: 400, json: { message, code: 'key-that-is-secret-4417' } }])
    expect(error.details.providerMessage).toMatch(/^bad key \[redacted\] x+…$/)
    expect(error.details.providerMessage?.length).toBeLessThanOrEqual(300)
    expect(JSON.stringify(error)).not.toMatch(/4417|in the query/)
  })

  it('keeps the message of the connector, and adds what the provider wrote', async () => {
    const errors = (): Failure => ({ code: 'MCP_CLIENT_ERROR', message: 'The shop is\u202E closed.' })
    const { error } = await failureOf([{ status: 400, json: { message: 'closed', code: 'c1' } }], { errors })
    expect(error.message).toBe('The shop is closed.')
    expect(error.details).toMatchObject({ providerMessage: 'closed', providerCode: 'c1' })
  })

  it.each(['NOPE', 'constructor', '__proto__', 'toString'])('is an internal error if the code is %s', async (code) => {
    const errors = () => ({ code, message: 'No.' }) as unknown as Failure
    const { error } = await failureOf([{ status: 400, json: {} }], { errors })
    expect(error).toMatchObject({ code: 'API_INTERNAL_ERROR', type: 'internal', status: 500, retryable: false })
    expect(error.advice).toMatch(/\.$/)
  })

  it.each([
    [400, 'MCP_CLIENT_ERROR', 'not_processed'],
    [200, 'API_INTERNAL_ERROR', 'unknown'],
  ])('maps the status %i even if the function throws', async (status, code, outcome) => {
    const errors = () => {
      throw new TypeError('of undefined')
    }
    const { error } = await failureOf([{ status, json: {} }], { errors })
    expect(error).toMatchObject({ code, details: { outcome } })
  })
})

describe('a table of errors', () => {
  const errors = errorTable(
    { code: ['error.details.0.reason', 'error.reason'], message: 'error.text', refused: (body) => body === 'no' },
    {
      KEY_INVALID: { code: 'MCP_AUTHENTICATION_FAILURE' },
      too_fast: { code: 'MCP_RATE_LIMIT_EXCEEDED', notProcessed: true, retryAfterMs: 4000 },
      closed: { hint: 'Come back tomorrow.' },
      missing: (body) => ({ hint: `Add ${String(valueAt(body, 'error.what'))}.` }),
      17: { hint: 'Buy more.' },
      409: { hint: 'Read the thing again.' },
    },
  )

  it.each([
    [400, { error: { reason: 'KEY_INVALID' } }, { code: 'MCP_AUTHENTICATION_FAILURE' }],
    [400, { error: { details: [{ reason: 'BAD' }], reason: 'KEY_INVALID' } }, { code: 'MCP_AUTHENTICATION_FAILURE' }],
    [503, { error: { reason: 'closed' } }, { code: 'MCP_SERVER_ERROR', details: { outcome: 'unknown' } }],
    [403, { error: { reason: 'closed' } }, { code: 'MCP_CLIENT_ERROR', advice: 'Come back tomorrow.' }],
    [400, { error: { reason: 'missing', what: 'a\u202E title' } }, { advice: 'Add a title.' }],
    [402, { error: { reason: 17 } }, { advice: 'Buy more.', details: { providerCode: '17' } }],
    [409, { error: { reason: 'other' } }, { advice: 'Read the thing again.', details: { providerCode: 'other' } }],
    [401, { error: { reason: 'other' } }, { code: 'MCP_AUTHENTICATION_FAILURE' }],
    [200, 'no', { code: 'MCP_CLIENT_ERROR' }],
    [400, { error: { text: 'No such thing.' } }, { details: { providerMessage: 'No such thing.' } }],
    [400, { error: { reason: { code: 'closed' } } }, { code: 'MCP_CLIENT_ERROR' }],
    [400, { error: { reason: '__proto__' } }, { code: 'MCP_CLIENT_ERROR', details: { providerCode: '__proto__' } }],
    [400, { error: { reason: 'too_fast' } }, { code: 'MCP_RATE_LIMIT_EXCEEDED', details: { retryAfterMs: 4000 } }],
  ])('reads %i %j', async (status, json, expected) => {
    const { error } = await failureOf([{ status, json }], { errors })
    expect({ code: error.code, advice: error.advice, details: error.details }).toMatchObject(expected)
  })

  it('marks a write as not processed by its row', async () => {
    const { error } = await failureOf([{ status: 503, json: { error: { reason: 'too_fast' } } }], { errors })
    expect(error.details.outcome).toBe('not_processed')
  })

  it('reads a header and a message that has no path', async () => {
    const own = errorTable(
      { message: (body) => (Array.isArray(body) ? body.join(' ') : undefined) },
      { 429: (_body, { headers }) => ({ providerCode: headers.get('x-reason') ?? undefined, blocks: 'app' }) },
    )
    const { error } = await failureOf([{ status: 429, json: ['Too', 'fast'], headers: { 'x-reason': 'burst' } }], {
      errors: own,
    })
    expect(error.details).toMatchObject({ providerCode: 'burst', providerMessage: 'Too fast' })
  })

  it('names the credential of the composition instead of advising to connect again', async () => {
    const own = errorTable({ code: 'word' }, { bad: { code: 'MCP_AUTHENTICATION_FAILURE', hint: 'Connect again.' } })
    const { error } = await failureOf([{ status: 400, json: { word: 'bad' } }], { errors: own })
    expect(error.advice).toBe('Check the credential passed at composition.')
  })
})

it.each([
  [499, undefined],
  [500, 3000],
  [503, 3000],
])('reads Retry-After from a response with status %i as %s ms', async (status, retryAfterMs) => {
  const { error } = await failureOf([{ status, json: {}, headers: { 'retry-after': '3' } }])
  expect(error.details.retryAfterMs).toBe(retryAfterMs)
})

describe('the hint of a failed write', () => {
  it.each([
    ['a 500', [{ status: 500, json: {} }]],
    ['a 503 with Retry-After', [{ status: 503, json: {}, headers: { 'retry-after': '3' } }]],
    ['a 408', [{ status: 408, json: {} }]],
    ['a lost response', [new Error('gone')]],
    ['a success that the connector refuses', [{ json: { ok: false } }]],
    ['output that does not fit', [{ json: [] }]],
    ['an internal error of the connector', [{ json: { ok: false } }]],
  ] satisfies [string, Answers][])(
    'names how to check after %s, and does not suggest a repeat',
    async (_name, answers) => {
      const errors = ({ body }: Reply): Failure | undefined =>
        (body as { ok?: boolean } | undefined)?.ok === false
          ? { code: 'API_INTERNAL_ERROR', message: 'No.' }
          : undefined
      const plain = await failureOf(answers, { errors })
      expect(plain.error.details.outcome).toBe('unknown')
      expect(plain.error.advice).toBe('Check at the provider whether the write happened before you send it again.')
      expect(plain.error.retryable).toBe(false)
      expect(plain.envelope.details).toMatchObject({ hint: plain.error.advice })
      const own = await failureOf(answers, { errors, reconcile: 'List the things and look for the text.' })
      expect(own.error.advice).toBe('List the things and look for the text.')
    },
  )

  it('names the credential of the composition, not an account, after a 401', async () => {
    const { error } = await failureOf([{ status: 401, json: {} }])
    expect(error.advice).toBe('Check the credential passed at composition.')
  })

  it('reports that no credential was sent if the connector has none', async () => {
    const { error } = await failureOf([{ status: 401, json: {} }], { auth: false })
    expect(error.advice).toBe('Use a connector with credentials: this one sends none, but the service requires one.')
  })

  it.each([
    [{}, 'Wait before sending it again.'],
    [{ 'retry-after': '3' }, 'Wait for retryAfterMs.'],
  ])('mentions only what is known after a 429 with %j', async (headers, advice) => {
    const { error } = await failureOf([{ status: 429, json: {}, headers }])
    expect(error.advice).toBe(advice)
  })
})

describe('a table of errors', () => {
  const errors = errorTable({ code: 'code' }, { 'too_long too_short 413': { hint: 'Change its length.' } })

  it.each([
    ['each code of a row with several', { status: 422, json: { code: 'too_short' } }, 'Change its length.'],
    ['a status among them', { status: 413, json: {} }, 'Change its length.'],
    ['no other code', { status: 422, json: { code: 'too_odd' } }, undefined],
  ])('gives advice for %s', async (_name, response, hint) => {
    const { error } = await failureOf([response], { errors })
    expect(error.details.hint).toBe(hint)
  })
})

describe('a refusal by request()', () => {
  const refuse = (details: ConnectorError['details']) => {
    const send = tool({
      description: 'Send a thing.',
      effect: 'write',
      input: z.object({}),
      output: z.object({}),
      request: () => {
        throw new ConnectorError('INVALID_INPUT', 'There is no sender.', details)
      },
    })
    const shop = defineConnector({
      id: 'shop',
      name: 'Shop',
      baseUrl: 'https://shop.example/',
      auth: noAuth,
      tools: { send },
    })
    const mcp = createMcpClient({ connectors: { shop: shop() }, transport: scriptedTransport([]) })
    return errorOf(mcp.as('ada').shop.call('send', {}))
  }

  it('happened before anything was sent', async () => {
    const error = await refuse({ hint: 'Pass from.' })
    expect(error).toMatchObject({
      message: 'There is no sender.',
      advice: 'Pass from.',
      details: { outcome: 'not_processed', serverId: 'shop' },
    })
  })

  it('keeps an outcome that it names', async () => {
    expect((await refuse({ outcome: 'unknown' })).details.outcome).toBe('unknown')
  })
})
