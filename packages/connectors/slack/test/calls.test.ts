import { ConnectorError, createMcpClient } from '@mcpclient/core'
import type { McpClientOptions } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { slack } from '../src/index.ts'

const TOKEN = 'xoxb-4417-canary-heron'
const C = 'C08HERON42A'

function start(script: readonly ScriptedReply[], options: Partial<McpClientOptions<unknown>> = {}) {
  const transport = scriptedTransport(script)
  const clock = createFakeClock()
  const mcp = createMcpClient({
    ...options,
    connectors: { slack: slack({ token: TOKEN, defaultChannel: C }) },
    vault: vault(),
    transport,
    clock,
    random: () => 0.5,
  })
  return { ada: mcp.as('ada').slack, clock, mcp, transport }
}

const failureOf = (call: Promise<unknown>): Promise<ConnectorError> =>
  call.then(
    () => {
      throw new Error('The call should have failed.')
    },
    (error: unknown) => {
      if (ConnectorError.is(error)) return error
      throw error
    },
  )

const posted = { json: { ok: true, channel: C, ts: '1768294800.004200' } }

describe('over the wire', () => {
  it('sends a message as a form, signed with the token', async () => {
    const { ada, transport } = start([posted])
    expect(await ada.call('send_message', { text: 'Hi' })).toEqual({ channel: C, ts: '1768294800.004200' })
    expect(transport.requests).toMatchObject([
      {
        method: 'POST',
        url: 'https://slack.com/api/chat.postMessage',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/x-www-form-urlencoded' },
        form: { channel: C, text: 'Hi' },
      },
    ])
    transport.verify()
  })

  it('puts neither the input of a read nor its token into a URL', async () => {
    const { ada, transport } = start([{ json: { ok: true, user: { id: 'U08ADA4L0VE' } } }])
    await ada.call('find_user_by_email', { email: 'ada+reeds@marshes.example' })
    expect(transport.requests[0]).toMatchObject({
      method: 'POST',
      url: 'https://slack.com/api/users.lookupByEmail',
      form: { email: 'ada+reeds@marshes.example' },
    })
    expect(transport.requests[0]?.url).not.toContain(TOKEN)
  })

  it('collects pages until the cursor is empty', async () => {
    const page = (id: string, cursor: string) => ({
      json: { ok: true, channels: [{ id }], response_metadata: { next_cursor: cursor } },
    })
    const { ada, transport } = start([page('C1', 'one'), page('C2', 'two'), page('C3', '')])
    expect(await ada.call('list_channels', {})).toEqual({
      channels: [{ id: 'C1' }, { id: 'C2' }, { id: 'C3' }],
      complete: true,
    })
    expect(transport.requests.map(({ form }) => form?.['cursor'])).toEqual([undefined, 'one', 'two'])
  })

  it('reads one page of a channel and reports that there is more', async () => {
    const page = { ok: true, messages: [{ ts: '1.1' }], response_metadata: { next_cursor: 'more' } }
    const { ada, transport } = start([{ json: page }])
    expect(await ada.call('get_channel_history', { channel: C })).toEqual({
      messages: [{ ts: '1.1' }],
      complete: false,
    })
    transport.verify()
  })
})

describe('connecting', () => {
  it('verifies the token with auth.test, and reads the account', async () => {
    const identity = { ok: true, team: 'Marshes', team_id: 'T08MARSHES1', user: 'heron', user_id: 'U08HERONB0T' }
    const transport = scriptedTransport([{ json: identity }])
    const mcp = createMcpClient({ connectors: { slack: slack() }, vault: vault(), transport, clock: createFakeClock() })
    expect(await mcp.as('ada').slack.connect({ token: TOKEN })).toEqual({
      status: 'connected',
      account: { id: 'T08MARSHES1:U08HERONB0T', name: 'heron, Marshes' },
    })
    expect(transport.requests).toMatchObject([
      { method: 'POST', path: '/api/auth.test', headers: { authorization: `Bearer ${TOKEN}` } },
    ])
  })

  it('does not store a token that Slack refuses', async () => {
    const transport = scriptedTransport([{ json: { ok: false, error: 'invalid_auth' } }])
    const mcp = createMcpClient({ connectors: { slack: slack() }, vault: vault(), transport, clock: createFakeClock() })
    const error = await failureOf(mcp.as('ada').slack.connect({ token: TOKEN }))
    expect(error.code).toBe('MCP_AUTHENTICATION_FAILURE')
    expect(await mcp.as('ada').slack.isConnected()).toBe(false)
  })
})

describe('a rate limit of Slack', () => {
  const tooMany = { status: 429, headers: { 'retry-after': '30' }, json: { ok: false, error: 'ratelimited' } }

  it('sends a message again after Retry-After, because it was not processed', async () => {
    const { ada, clock, transport } = start([tooMany, posted])
    const sent = ada.call('send_message', { text: 'Hi' })
    await clock.advance(29_000)
    expect(transport.requests).toHaveLength(1)
    expect(await clock.until(sent)).toEqual({ channel: C, ts: '1768294800.004200' })
    expect(transport.requests).toHaveLength(2)
  })

  it.each([
    ['no body', {}],
    ['a web page', { text: '<html>busy</html>', headers: { 'content-type': 'text/html' } }],
    ['plain text', { text: 'ratelimited' }],
    ['JSON that breaks off', { text: '{"ok":', headers: { 'content-type': 'application/json' } }],
  ])('sends a message again after a 429 with %s', async (_what, body) => {
    const limited = { ...body, status: 429, headers: { ...('headers' in body && body.headers), 'retry-after': '30' } }
    const { ada, clock, transport } = start([limited, posted])
    expect(await clock.until(ada.call('send_message', { text: 'Hi' }))).toEqual({ channel: C, ts: '1768294800.004200' })
    expect(transport.requests).toHaveLength(2)
  })

  it('accepts a 200 with JSON as plain text', async () => {
    const { ada } = start([{ text: JSON.stringify(posted.json) }])
    expect(await ada.call('send_message', { text: 'Hi' })).toEqual({ channel: C, ts: '1768294800.004200' })
  })

  it('reads a rate limit with HTTP 200', async () => {
    const { ada, clock, transport } = start([{ json: { ok: false, error: 'ratelimited' } }, posted])
    await clock.until(ada.call('send_message', { text: 'Hi' }))
    transport.verify()
  })

  it('delays only the limited method', async () => {
    const { ada, clock, transport } = start([tooMany, { json: { ok: true, user: { id: 'U1' } } }], {
      retry: { attempts: 1 },
    })
    await failureOf(clock.until(ada.call('send_message', { text: 'Hi' })))
    await ada.call('get_user', { user: 'U1' })
    expect(transport.requests.map(({ path }) => path)).toEqual(['/api/chat.postMessage', '/api/users.info'])
    expect(clock.monotonic()).toBe(0)
  })

  it('delays calls by the limits of their tier', async () => {
    const { ada, clock, transport } = start(Array.from({ length: 21 }, () => ({ json: { ok: true } })))
    const calls = Array.from({ length: 21 }, () =>
      ada.call('remove_reaction', { channel: C, timestamp: '1.1', name: 'eyes' }),
    )
    await clock.advance(0)
    expect(transport.requests).toHaveLength(20)
    await clock.until(Promise.all(calls))
    expect(clock.monotonic()).toBe(3000)
  })
})

describe('a refusal of Slack', () => {
  it('does not post a message twice that a failing server may have posted', async () => {
    const { ada, transport } = start([{ json: { ok: false, error: 'fatal_error' } }])
    const error = await failureOf(ada.call('send_message', { text: 'Hi' }))
    expect(error).toMatchObject({
      code: 'MCP_SERVER_ERROR',
      details: { providerCode: 'fatal_error', outcome: 'unknown' },
    })
    transport.verify()
  })

  it('retries a read', async () => {
    const { ada, clock, transport } = start([
      { json: { ok: false, error: 'internal_error' } },
      { json: { ok: true, user: { id: 'U1' } } },
    ])
    expect(await clock.until(ada.call('get_user', { user: 'U1' }))).toEqual({ user: { id: 'U1' } })
    transport.verify()
  })

  it('marks the words of Slack in the envelope', async () => {
    const { mcp } = start([{ json: { ok: false, error: 'channel_not_found' } }])
    const envelope = await mcp.handle(
      { server_id: 'slack', tool_name: 'send_message', tool_input: { text: 'Hi' } },
      'ada',
    )
    expect(envelope).toMatchObject({
      status: 'error',
      error: { code: 'MCP_CLIENT_ERROR', mcp_server_error_details: { code: 'channel_not_found' } },
    })
  })

  it('never leaks a token that Slack repeats', async () => {
    const detail = `[ERROR] ${TOKEN} is not allowed`
    const { ada } = start([
      { json: { ok: false, error: 'invalid_arguments', response_metadata: { messages: [detail] } } },
    ])
    const error = await failureOf(ada.call('send_message', { text: 'Hi' }))
    expect(JSON.stringify(error)).toContain('invalid_arguments')
    expect(JSON.stringify(error)).not.toContain(TOKEN)
  })
})

describe('an output', () => {
  it('contains only declared fields, and omits null', async () => {
    const message = { ts: '1.1', text: null, user: null, reactions: null, bot_profile: { id: 'B1' }, edited: null }
    const { ada } = start([{ json: { ok: true, messages: [message], has_more: false, pin_count: 0 } }])
    expect(await ada.call('get_thread_replies', { channel: C, ts: '1.1' })).toEqual({
      messages: [{ ts: '1.1' }],
      complete: true,
    })
  })

  it('is an error with the path if its form differs', async () => {
    const { ada } = start([{ json: { ok: true, channel: C } }])
    const error = await failureOf(ada.call('send_message', { text: 'Hi' }))
    expect(error).toMatchObject({
      code: 'DATA_TRANSFORMATION_ERROR',
      details: { outcome: 'unknown', issues: [{ path: 'ts' }] },
    })
  })

  it('is described to an agent as JSON Schema, field by field', async () => {
    const { ada } = start([])
    const tools = await ada.listTools()
    expect(tools).toHaveLength(20)
    const history = tools.find(({ name }) => name === 'get_channel_history')
    expect(history?.outputSchema).toMatchObject({
      properties: { messages: { items: { properties: { text: { type: 'string' } }, required: ['ts'] } } },
    })
  })
})
