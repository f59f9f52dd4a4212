import { scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { codes, ConnectorError, createMcpClient, nearestNames } from '@mcpclient/core'
import type { Envelope, Permissions } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { demo } from '../demo-connector.ts'

const call = { server_id: 'notes', tool_name: 'get_note', tool_input: { id: 'x' } }
const HUGE = 'x'.repeat(8_000_000)

const compose = (permissions?: Permissions) =>
  createMcpClient({
    connectors: { notes: demo({ token: 't' }) },
    vault: vault(),
    transport: scriptedTransport(() => ({ json: { id: 'n1', text: 'hi' } })),
    permissions,
  })

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

const throwing = (thrown: unknown) => () => {
  throw thrown
}

const getter = (name: string, thrown: unknown): object =>
  Object.defineProperty({ ...call }, name, { enumerable: true, get: throwing(thrown) })

const expectActionable = (response: Envelope): string => {
  if (response.status === 'success') return 'success'
  const { code, type, message, details } = structuredClone(response).error
  expect(codes[code as keyof typeof codes]).toMatchObject({ type })
  expect(message).not.toBe('')
  expect(details?.['hint']).toMatch(/\w/)
  expect(JSON.stringify(response).length).toBeLessThan(5000)
  return code
}

describe('handle() with an invalid envelope', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['a Symbol', Symbol('x')],
    ['a function', () => call],
    ['a list', [call]],
    ['a getter that throws 0', getter('server_id', 0)],
    ['a getter that throws null', getter('tool_name', null)],
    ['a getter that throws undefined', getter('tool_input', undefined)],
    ['a getter of the request id that throws', getter('request_id', new Error('no'))],
    ['a revoked proxy', revoked()],
    ['a proxy whose traps throw', new Proxy(call, { getOwnPropertyDescriptor: throwing(0), get: throwing(0) })],
    ['inherited fields', Object.create(call)],
    ['a server id that is an object', { ...call, server_id: {} }],
    ['a server id of 129 characters', { ...call, server_id: 'x'.repeat(129) }],
    ['a tool name of 8 million characters', { ...call, tool_name: HUGE }],
    ['a server id of 8 million characters', { ...call, server_id: HUGE }],
    ['a request id of 8 million characters', { ...call, request_id: HUGE }],
    ['a request id that is a Symbol', { ...call, request_id: Symbol('x') }],
    ['an input with a getter that throws', { ...call, tool_input: getter('id', null) }],
    ['an input that is a revoked proxy', { ...call, tool_input: revoked() }],
    ['an input whose field is a revoked proxy', { ...call, tool_input: { id: revoked() } }],
  ])('returns INVALID_INPUT: %s', async (_name, request) => {
    expect(expectActionable(await compose().handle(request, 'ada'))).toBe('INVALID_INPUT')
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype'])(
    'ignores the inherited name %s',
    async (name) => {
      const mcp = compose()
      expect(expectActionable(await mcp.handle({ ...call, server_id: name }, 'ada'))).toBe('ROUTING_ERROR')
      expect(expectActionable(await mcp.handle({ ...call, tool_name: name }, 'ada'))).toBe('TOOL_NOT_SUPPORTED')
      const polluting = JSON.parse(`{"${name}":{"polluted":true},"id":"x"}`) as object
      expectActionable(await mcp.handle({ ...call, tool_input: polluting }, 'ada'))
      expect({}).not.toHaveProperty('polluted')
    },
  )
})

describe('handle() when an inner function throws', () => {
  it.each([
    ['null', null],
    ['undefined', undefined],
    ['a string', 'no'],
    ['a Symbol', Symbol('x')],
    ['a BigInt', 1n],
    ['a revoked proxy', revoked()],
    ['an error without a message', new Error('', { cause: revoked() })],
    ['an error whose message throws', Object.defineProperty(new Error('x'), 'message', { get: throwing(0) })],
    ['an object whose toString throws', { toString: throwing(0) }],
    ['an error of an unknown code', new ConnectorError('constructor' as 'TIMEOUT', 'No.')],
    ['an error without a text', new ConnectorError('TIMEOUT', '')],
    ['an error with a BigInt in it', new ConnectorError('TIMEOUT', 'No.', { retryAfterMs: 1n as never })],
    ['an error with a long hint', new ConnectorError('TIMEOUT', HUGE, { hint: HUGE })],
    ['an object that passes for an error', { [Symbol.for('@mcpclient/error')]: true }],
  ])('returns an envelope: %s', async (_name, thrown) => {
    const mcp = compose({ policy: throwing(thrown) })
    expect(expectActionable(await mcp.handle(call, 'ada'))).toMatch(/^(?:API_INTERNAL_ERROR|TIMEOUT)$/)
  })
})

describe('a name of 8 million characters', () => {
  it('is rejected and not repeated by every typed method', async () => {
    const mcp = compose()
    const { notes } = mcp.as('ada')
    const name = HUGE as 'get_note'
    const calls = [
      notes.call(name, { id: 'x' }),
      notes.invoke(HUGE, {}),
      notes.getData(name, { id: 'x' }),
      notes.sendData(name as never, {} as never),
      notes.pages(name as never, {} as never).next(),
      notes.stream(name as never, {} as never).next(),
      notes.invoke(Symbol('x') as unknown as string, {}),
      notes.invoke({ toString: throwing(0) } as unknown as string, {}),
      notes.call('get_note', { id: 'x' }, { requestId: HUGE }),
      mcp.vault.revoke({ serverId: HUGE, reason: 'a leak' }),
    ]
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome.status).toBe('rejected')
      const error: unknown = outcome.status === 'rejected' ? outcome.reason : undefined
      expect(ConnectorError.is(error)).toBe(true)
      expect(JSON.stringify(error).length).toBeLessThan(2000)
    }
    expect(() => mcp.client(HUGE, 'ada')).toThrow(/^No connector has the server id "x{127}…"\.$/)
  })

  it('is truncated before the nearest names are computed', () => {
    expect(nearestNames(`get_note${HUGE}`, [HUGE, 'get_note'])).toEqual(['get_note', HUGE])
  })
})
