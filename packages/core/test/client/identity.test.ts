import { scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { ConnectorError, createMcpClient, DEFAULT_TENANT, memoryStore } from '@mcpclient/core'
import type { Principal } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { demo } from '../demo-connector.ts'

const note = { id: 'n1', text: 'hi' }
const call = { server_id: 'notes', tool_name: 'get_note', tool_input: { id: 'x' } }

const compose = () =>
  createMcpClient({
    connectors: { notes: demo() },
    vault: vault({ store: memoryStore() }),
    transport: scriptedTransport(() => ({ json: { ...note, name: 'Ada' } })),
  })

const composeSingle = () =>
  createMcpClient({
    singleTenant: true,
    connectors: { notes: demo({ token: 't' }) },
    transport: scriptedTransport(() => ({ json: note })),
  })

const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

class Session {
  get tenant(): string {
    throw new Error('signed out')
  }
}

/** The principals without a tenant. */
const nobody: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined],
  ['null', null],
  ['a number', 5],
  ['NaN', Number.NaN],
  ['a boolean', true],
  ['a BigInt', 5n],
  ['a Symbol', Symbol('ada')],
  ['a function', () => 'ada'],
  ['an array', ['ada']],
  ['an array with a tenant', Object.assign([], { tenant: 'ada' })],
  ['an empty object', {}],
  ['a user without a tenant', { user: 'ada' }],
  ['an undefined tenant', { tenant: undefined }],
  ['a null tenant', { tenant: null, user: 'ada' }],
  ['an empty tenant', { tenant: '' }],
  ['a tenant of spaces', { tenant: '  ' }],
  ['a numeric tenant', { tenant: 7 }],
  ['a tenant that is a list', { tenant: ['ada'] }],
  ['a tenant that converts itself', { tenant: { toString: () => 'ada' } }],
  ['a String object', { tenant: new String('ada') }],
  ['a tenant that is a Symbol', { tenant: Symbol('ada') }],
  ['an empty string', ''],
  ['a blank string', '\t'],
  ['a converted undefined', String(undefined)],
  ['a converted null', { tenant: String(null) }],
  ['a converted object', '[object Object]'],
  ['a lone surrogate', 'ada\uD800'],
  ['a control character', 'ada\u0000'],
  ['a line break', { tenant: 'ada\nbob' }],
  ['a tenant of 257 characters', 'a'.repeat(257)],
  ['a user that is no string', { tenant: 'ada', user: 5 }],
  ['a user that is null', { tenant: 'ada', user: null }],
  ['an empty user', { tenant: 'ada', user: '' }],
  ['an agent that is an object', { tenant: 'ada', agent: {} }],
  ['an agent with a lone surrogate', { tenant: 'ada', agent: '\uDC00' }],
  [
    'a getter that throws',
    {
      get tenant() {
        throw new Error('no')
      },
    },
  ],
  ['an instance whose getter throws', new Session()],
  ['a revoked proxy', revoked()],
  ['a promise', Promise.resolve('ada')],
  ['a Map', new Map([['tenant', 'ada']])],
]

const expectRefusal = (error: unknown) => {
  expect(ConnectorError.is(error)).toBe(true)
  expect(error).toMatchObject({ code: 'INVALID_INPUT', details: { outcome: 'not_processed' } })
  expect(ConnectorError.is(error) && error.details.issues?.[0]?.path).toMatch(/^principal/)
}

const thrownBy = (run: () => unknown): unknown => {
  try {
    run()
  } catch (error) {
    return error
  }
  return 'nothing was thrown'
}

describe('a principal without a tenant', () => {
  it.each(nobody)('is rejected by every method: %s', async (_name, principal) => {
    const mcp = compose()
    const who = principal as string
    expectRefusal(thrownBy(() => mcp.as(who)))
    expectRefusal(thrownBy(() => mcp.client('notes', who)))
    expectRefusal(await mcp.listTools(who).catch((error: unknown) => error))
    const callback = 'https://host.example/callback?code=c&state=s'
    expectRefusal(await mcp.completeAuthorization(callback, who).catch((error: unknown) => error))
    expect(await mcp.handle(call, who)).toMatchObject({
      status: 'error',
      server_id: 'notes',
      tool_name: 'get_note',
      error: { code: 'INVALID_INPUT', details: { hint: expect.stringMatching(/^Pass/) as unknown } },
    })
  })

  it.each(nobody.filter(([, principal]) => principal !== undefined))(
    'is refused as the actor of an operation on the vault: %s',
    async (_name, principal) => {
      const { vault } = compose()
      const by = principal as Principal
      const move = { from: { serverId: 'old' }, to: { serverId: 'notes' } }
      const work = [
        vault.maintain({ everything: true, by }),
        vault.migrate({ everything: true, ...move, by }),
        vault.revoke({ everything: true, reason: 'a leak', by }),
        vault.rotateKeys({ by }),
      ]
      for (const outcome of await Promise.allSettled(work)) {
        expectRefusal(outcome.status === 'rejected' ? outcome.reason : 'nothing was thrown')
      }
    },
  )

  it('never shares a connection between users', async () => {
    const mcp = compose()
    const signedOut: { user?: { id: string } } = {}
    await mcp.as('ada').notes.connect({ token: 'token-of-ada' })
    const envelope = await mcp.handle(call, signedOut.user?.id as string)
    expect(envelope).toMatchObject({ error: { code: 'INVALID_INPUT', message: 'The principal has no tenant.' } })
  })
})

describe('a principal', () => {
  it('is copied, so that a later change has no effect', async () => {
    const mcp = compose()
    const session = { tenant: 'ada', user: 'u1' }
    const { notes } = mcp.as(session)
    session.tenant = 'bob'
    await notes.connect({ token: 't' })
    expect(await mcp.as('ada').notes.isConnected()).toBe(true)
    expect(await mcp.as('bob').notes.isConnected()).toBe(false)
  })

  it('is read once, so that a getter cannot change its value', async () => {
    const mcp = compose()
    let reads = 0
    const principal = {
      get tenant() {
        return reads++ === 0 ? 'ada' : 'bob'
      },
    }
    await mcp.as(principal).notes.connect({ token: 't' })
    expect(reads).toBe(1)
    expect(await mcp.as('ada').notes.isConnected()).toBe(true)
  })

  it('is passed to the policy frozen', async () => {
    const seen: Principal[] = []
    const mcp = createMcpClient({
      connectors: { notes: demo({ token: 't' }) },
      transport: scriptedTransport(() => ({ json: note })),
      permissions: {
        policy: (principal) => {
          seen.push(principal)
          return {}
        },
      },
    })
    const principal = { tenant: 'ada', user: 'u1', session: 'secret' }
    await mcp.as(principal).notes.call('get_note', { id: 'x' })
    expect(seen).toEqual([{ tenant: 'ada', user: 'u1' }])
    expect(Object.isFrozen(seen[0])).toBe(true)
  })
})

describe('a client with a single tenant', () => {
  it.each([undefined, {}, { user: 'u1' }, { user: 'u1', agent: 'bot' }, { tenant: DEFAULT_TENANT }, DEFAULT_TENANT])(
    'accepts %j',
    async (actor) => {
      const mcp = composeSingle()
      const who = actor as { user?: string }
      expect(await mcp.as(who).notes.call('get_note', { id: 'x' })).toEqual(note)
      expect(await mcp.handle(call, who)).toMatchObject({ status: 'success' })
    },
  )

  it('needs no principal', async () => {
    const mcp = composeSingle()
    expect(await mcp.as().notes.call('get_note', { id: 'x' })).toEqual(note)
    expect(await mcp.handle(call)).toMatchObject({ status: 'success' })
    expect(await mcp.client('notes').invoke('get_note', { id: 'x' })).toEqual(note)
    expect((await mcp.listTools()).failures).toEqual([])
  })

  it.each(['ada', { tenant: 'ada' }, null, 5, [], { tenant: null }, { user: null }, { user: '' }])(
    'rejects %j, which names another tenant or none',
    async (actor) => {
      const mcp = composeSingle()
      const who = actor as { user?: string }
      expectRefusal(thrownBy(() => mcp.as(who)))
      expect(await mcp.handle(call, who)).toMatchObject({ error: { code: 'INVALID_INPUT' } })
    },
  )
})

describe('the name of a connection', () => {
  it.each(['', 'a\uD800', 'a\u0000', 'x'.repeat(129), 5, null, {}, Symbol('x')])('is rejected: %s', (name) => {
    const error = thrownBy(() =>
      compose()
        .as('ada')
        .notes.at(name as string),
    )
    expect(error).toMatchObject({ code: 'INVALID_INPUT' })
    expect(ConnectorError.is(error) && error.message.length).toBeLessThan(250)
  })
})
