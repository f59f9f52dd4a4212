import { createFakeClock, errorOf } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { KeyProvider, Store } from '@mcpclient/core'
import { encrypted, vault } from '@mcpclient/core/vault'
import type { CredentialAccess, Vault } from '@mcpclient/core/vault'
import { app, callbackOf, madeUpProvider, redirectUri } from './made-up-provider.ts'

const SECOND = 1000
const DAY = 24 * 3_600_000
const LIMIT = 10 * SECOND
const reason = 'a laptop was stolen'

type Operation = 'get' | 'put' | 'delete' | 'list'
type Silence = (operation: Operation, key: string, after: string | undefined) => boolean
const everything: Silence = () => true
const never = () => new Promise<never>(() => undefined)

/** Returns a store with pages of one row, whose operations never respond if `silence` chooses them. */
function silentStore(inner: Store) {
  let silence: Silence = () => false
  const unless = <Value>(is: boolean, run: () => Promise<Value>): Promise<Value> => (is ? never() : run())
  const store: Store = {
    get: (key) => unless(silence('get', key, undefined), () => inner.get(key)),
    put: (key, ...rest) => unless(silence('put', key, undefined), () => inner.put(key, ...rest)),
    delete: (key, ...rest) => unless(silence('delete', key, undefined), () => inner.delete(key, ...rest)),
    list: (prefix, page) =>
      unless(silence('list', prefix, page?.after), () => inner.list(prefix, { ...page, limit: 1 })),
  }
  return { store, silence: (which: Silence) => (silence = which) }
}

function setUp(options: { readonly access?: CredentialAccess } = {}) {
  const provider = madeUpProvider()
  const clock = createFakeClock()
  const { store, silence } = silentStore(memoryStore({ clock }))
  const mcp = createMcpClient({
    connectors: { notes: provider.connector('notes')(app), tasks: provider.connector('tasks')(app) },
    vault: vault({ store, redirectUri, ...options }),
    transport: provider.transport(),
    clock,
  })
  const begin = async (tenant: string, serverId: 'notes' | 'tasks') => {
    const started = await mcp.as(tenant)[serverId].connect()
    return callbackOf(started.status === 'authorize' ? started.url : '')
  }
  const connect = async (tenant: string, serverId: 'notes' | 'tasks' = 'notes') =>
    mcp.completeAuthorization(await begin(tenant, serverId), tenant)
  const { seen } = provider
  return { clock, silence, mcp, begin, connect, seen }
}

const rejected: readonly (readonly [string, (accounts: Vault) => Promise<unknown>])[] = [
  ['list', (accounts) => accounts.list({ everything: true })],
  ['revoke', (accounts) => accounts.revoke({ everything: true, reason })],
  [
    'migrate',
    (accounts) => accounts.migrate({ everything: true, from: { serverId: 'old' }, to: { serverId: 'notes' } }),
  ],
]

describe('a store that never responds', () => {
  it.each(rejected)('%s rejects after the time limit of the store', async (_name, operate) => {
    const { clock, silence, mcp } = setUp()
    silence(everything)
    const failure = await errorOf(clock.until(operate(mcp.vault)))
    expect(failure).toMatchObject({ code: 'MCP_CONNECTION_ERROR', details: { reason: 'store_unavailable' } })
    expect(failure.message).toBe('The store did not respond within 10000 ms.')
    expect(clock.monotonic()).toBe(LIMIT)
    await clock.advance(LIMIT)
    expect(clock.pending).toBe(0)
  })

  it('maintain reports each connector whose connections cannot be listed', async () => {
    const { clock, silence, mcp } = setUp()
    silence(everything)
    const error = expect.objectContaining({
      details: { reason: 'store_unavailable', outcome: 'not_processed' },
    }) as Error
    expect(await clock.until(mcp.vault.maintain({ tenant: 'ada' }))).toMatchObject({
      looked: 0,
      finished: false,
      failures: [
        { serverId: 'notes', tenant: 'ada', connection: undefined, error },
        { serverId: 'tasks', tenant: 'ada', connection: undefined, error },
      ],
    })
  })

  it.each(['get', 'put'] as const)('completeAuthorization rejects a callback when %s is silent', async (operation) => {
    const { clock, silence, mcp, begin } = setUp()
    const callback = await begin('ada', 'notes')
    silence((each) => each === operation)
    expect(await errorOf(clock.until(mcp.completeAuthorization(callback, 'ada')))).toMatchObject({
      details: { reason: 'store_unavailable' },
    })
    silence(() => false)
    // The state is not consumed.
    expect(await mcp.completeAuthorization(callback, 'ada')).toMatchObject({ status: 'connected' })
  })

  it('completeAuthorization has the same limit over a state store of its own', async () => {
    const clock = createFakeClock()
    const provider = madeUpProvider()
    const { store: state, silence } = silentStore(memoryStore({ clock }))
    const connectors = { notes: provider.connector('notes')(app) }
    const mcp = createMcpClient({ connectors, clock, state, vault: vault({ redirectUri }) })
    const started = await mcp.as('ada').notes.connect()
    silence(everything)
    const callback = callbackOf(started.status === 'authorize' ? started.url : '')
    await errorOf(clock.until(mcp.completeAuthorization(callback, 'ada')))
    expect(clock.monotonic()).toBe(LIMIT)
  })

  it.each(['get', 'put', 'list'] as const)(
    'rotateKeys rejects when %s of the encrypted store is silent',
    async (operation) => {
      const clock = createFakeClock()
      const { store, silence } = silentStore(memoryStore({ clock }))
      const key = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')
      const safe = encrypted(store, { keys: key, clock })
      await safe.put('connection/notes/ada/default', 'x')
      silence((each) => each === operation)
      const mcp = createMcpClient({ connectors: {}, clock, vault: vault({ store: safe }) })
      const rotated = clock.until(mcp.vault.rotateKeys({ mode: 'reencrypt', resume: operation === 'get' }))
      expect(await errorOf(rotated)).toMatchObject({ details: { reason: 'store_unavailable' } })
    },
  )

  it('shredTenant rejects when list of the encrypted store is silent', async () => {
    const clock = createFakeClock()
    const { store, silence } = silentStore(memoryStore({ clock }))
    const key = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')
    silence((operation) => operation === 'list')
    const shredded = encrypted(store, { keys: key, clock }).shredTenant('ada')
    expect(await errorOf(clock.until(shredded))).toMatchObject({ details: { reason: 'store_unavailable' } })
  })
})

describe('one row or page that never responds', () => {
  it('maintain refreshes the other connections, and reports the one', async () => {
    const { clock, silence, mcp, connect } = setUp()
    for (const tenant of ['ada', 'bob', 'cyd']) await connect(tenant)
    await clock.advance(31 * DAY)
    silence((operation, key) => operation !== 'list' && key.includes('/bob/'))
    expect(await clock.until(mcp.vault.maintain({ everything: true }))).toMatchObject({
      looked: 3,
      renewed: 2,
      finished: true,
      failures: [
        {
          serverId: 'notes',
          tenant: 'bob',
          connection: 'default',
          error: { details: { reason: 'store_unavailable' } },
        },
      ],
    })
  })

  it('maintain reports a page that cannot be listed, and continues with the next connector', async () => {
    const { clock, silence, mcp, connect } = setUp()
    for (const tenant of ['ada', 'bob']) await connect(tenant)
    await connect('ada', 'tasks')
    await clock.advance(31 * DAY)
    silence((operation, key, after) => operation === 'list' && key.includes('/notes') && after !== undefined)
    expect(await clock.until(mcp.vault.maintain({ everything: true }))).toMatchObject({
      looked: 2,
      renewed: 2,
      finished: false,
      failures: [{ serverId: 'notes', tenant: undefined, connection: undefined }],
    })
  })

  it('revoke revokes the grants of the connections that it found, and reports the page that it could not list', async () => {
    const { clock, silence, mcp, connect, seen } = setUp()
    for (const tenant of ['ada', 'bob']) await connect(tenant)
    silence((operation, _key, after) => operation === 'list' && after !== undefined)
    expect(await clock.until(mcp.vault.revoke({ serverId: 'notes', reason }))).toMatchObject({
      revoked: 1,
      endedAtProvider: 1,
      finished: false,
      failures: [{ serverId: 'notes', connection: undefined }],
    })
    expect(seen.revoked).toEqual(['access-1'])
    silence(() => false)
    expect(await mcp.vault.revoke({ serverId: 'notes', reason })).toMatchObject({ revoked: 1, finished: true })
  })

  it('migrate moves what it found, and reports the page that it could not list', async () => {
    const { clock, silence, mcp, connect } = setUp()
    for (const tenant of ['ada', 'bob']) await connect(tenant)
    silence((operation, _key, after) => operation === 'list' && after !== undefined)
    const options = { everything: true, from: { serverId: 'notes' }, to: { serverId: 'tasks' } } as const
    expect(await clock.until(mcp.vault.migrate(options))).toMatchObject({
      moved: 1,
      finished: false,
      failures: [{ serverId: 'notes', tenant: undefined, connection: undefined }],
    })
  })
})

describe('a port of the host that never responds', () => {
  it('list rejects when the access policy does not respond', async () => {
    const { clock, mcp, connect } = setUp({ access: ({ operation }) => operation !== 'read' || never() })
    await connect('ada')
    expect(await errorOf(clock.until(mcp.vault.list({ everything: true })))).toMatchObject({
      message: 'The access policy did not respond within 10000 ms.',
    })
  })

  it.each(['wrap', 'unwrap'] as const)('rotateKeys rejects when %s of the key provider is silent', async (method) => {
    const clock = createFakeClock()
    const keys: KeyProvider = {
      wrap: async (dataKey) => ({ keyId: 'k1', wrapped: dataKey }),
      unwrap: async ({ wrapped }) => wrapped,
      [method]: never,
    }
    const store = encrypted(memoryStore({ clock }), { keys, clock })
    const mcp = createMcpClient({ connectors: {}, clock, vault: vault({ store }) })
    expect(await errorOf(clock.until(mcp.vault.rotateKeys()))).toMatchObject({
      code: 'MCP_CONNECTION_ERROR',
      message: 'The key provider did not respond within 10000 ms.',
    })
  })
})
