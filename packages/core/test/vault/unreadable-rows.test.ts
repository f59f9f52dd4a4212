import { createFakeClock, errorOf, slowStore } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { encrypted, vault } from '@mcpclient/core/vault'
import { app, callbackOf, madeUpProvider, redirectUri } from './made-up-provider.ts'

const KEY = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')
const PLACE = 'connection/notes/bob/default'

async function setUp(how: 'encrypted' | 'plain') {
  const provider = madeUpProvider()
  const clock = createFakeClock()
  const inner = slowStore(memoryStore({ clock }))
  const store = how === 'encrypted' ? encrypted(inner, { keys: KEY, clock }) : inner
  const compose = (credentials: Store = store) =>
    createMcpClient({
      connectors: { notes: provider.connector('notes')(app), tasks: provider.connector('tasks')(app) },
      vault: vault({ store: credentials, redirectUri }),
      state: slowStore(memoryStore({ clock })),
      transport: provider.transport(),
      clock,
    })
  const connecting = compose()
  const connect = async (tenant: string, mcp = connecting) => {
    const begun = await mcp.as(tenant).notes.connect()
    if (begun.status !== 'authorize') throw new Error(begun.status)
    return mcp.completeAuthorization(callbackOf(begun.url), tenant)
  }
  for (const tenant of ['ada', 'bob', 'eve']) await connect(tenant)
  // A new process without cached values.
  const mcp = compose(how === 'encrypted' ? encrypted(inner, { keys: KEY, clock }) : inner)
  return { provider, clock, inner, mcp, bob: mcp.as('bob').notes, connect: (tenant: string) => connect(tenant, mcp) }
}

type Context = Awaited<ReturnType<typeof setUp>>

const valueOf = async ({ inner }: Context, key = PLACE) => (await inner.get(key))?.value ?? ''
const put = (value: string) => async (context: Context) => void (await context.inner.put(PLACE, value))
const record = (value: unknown) => put(JSON.stringify(value))

const damages: readonly (readonly [string, 'encrypted' | 'plain', (context: Context) => Promise<void>])[] = [
  ['v1.garbage', 'encrypted', put('v1.garbage')],
  ['text that is not encrypted', 'encrypted', record({ credential: { token: 't' } })],
  ['an empty value', 'encrypted', put('')],
  ['a newer format', 'encrypted', put('v7.a.b.c')],
  ['a data key that is not there', 'encrypted', put('v1.abc-AAAAAAAA..AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')],
  [
    'an altered ciphertext',
    'encrypted',
    async (context) => {
      const value = await valueOf(context)
      await context.inner.put(PLACE, `${value.slice(0, -8)}AAAAAAA${value.at(-1) ?? ''}`)
    },
  ],
  [
    'the row of another tenant',
    'encrypted',
    async (context) => put(await valueOf(context, 'connection/notes/ada/default'))(context),
  ],
  [
    'a tenant whose data keys are gone',
    'encrypted',
    async ({ inner }) => void (await inner.delete('datakey/tenant/bob')),
  ],
  ['broken JSON', 'plain', put('{"credential":')],
  ['JSON that is null', 'plain', record(null)],
  ['JSON that is a list', 'plain', record([])],
  ['a record without a credential', 'plain', record({ grant: { accessToken: 'x', issuedAt: 0 } })],
  ['a credential that is a number', 'plain', record({ credential: 5 })],
  ['a credential with a number in it', 'plain', record({ credential: { token: 5 } })],
  ['a grant without a token', 'plain', record({ credential: {}, grant: {} })],
  ['a grant that is text', 'plain', record({ credential: {}, grant: 'access-2' })],
  ['a state of a newer version', 'plain', record({ credential: {}, state: 'asleep' })],
  ['trouble that is text', 'plain', record({ credential: {}, trouble: 'bad' })],
  ['a lease without an owner', 'plain', record({ credential: {}, lease: {} })],
  ['a list of spare credentials that is text', 'plain', record({ credential: {}, spares: 'key' })],
  [
    'a spare credential of an unknown role',
    'plain',
    record({ credential: {}, spares: [{ role: 'reserve', credential: {}, since: 0 }] }),
  ],
  [
    'a spare credential without a date',
    'plain',
    record({ credential: {}, spares: [{ role: 'backup', credential: {} }] }),
  ],
  ['a list of leavers that is text', 'plain', record({ credential: {}, left: 'notes' })],
]

const failure = {
  serverId: 'notes',
  tenant: 'bob',
  connection: 'default',
  error: expect.objectContaining({ details: expect.objectContaining({ reason: 'unreadable' }) }),
}

describe.for(damages)('a row that contains %s', ([, how, damage]) => {
  const damaged = async () => {
    const context = await setUp(how)
    await damage(context)
    return context
  }

  it('does not stop the revocation of everything, and is taken out of use as well', async () => {
    const { mcp, bob, provider } = await damaged()
    const report = await mcp.vault.revoke({ everything: true, reason: 'a leak' })
    expect(report).toMatchObject({ revoked: 2, endedAtProvider: 2, finished: true, failures: [failure] })
    expect(provider.seen.revoked.toSorted()).toEqual(['access-1', 'access-3'])
    expect((await errorOf(bob.call('read_note', {}))).code).toBe('MCP_AUTHENTICATION_FAILURE')
    expect(await bob.status()).toMatchObject({ state: 'revoked' })
  })

  it('does not stop the revocation of one connector', async () => {
    const { mcp } = await damaged()
    const report = await mcp.vault.revoke({ serverId: 'notes', reason: 'a leak' })
    expect(report).toMatchObject({ revoked: 2, finished: true, failures: [failure] })
  })

  it('is reported by maintain(), which continues', async () => {
    const { mcp, clock } = await damaged()
    await clock.advance(60_000)
    const report = await mcp.vault.maintain({ everything: true, withinMs: 3_600_000 })
    expect(report).toMatchObject({ looked: 3, renewed: 2, finished: true, failures: [failure] })
  })

  it('does not stop a migration, and stays in place', async () => {
    const { mcp, inner } = await damaged()
    const before = await inner.get(PLACE)
    const report = await mcp.vault.migrate({ everything: true, from: { serverId: 'notes' }, to: { serverId: 'tasks' } })
    expect(report).toMatchObject({ moved: 2, finished: true, failures: [failure] })
    expect(await inner.get(PLACE)).toEqual(before)
  })

  it('is reported to its owner', async () => {
    const { bob, mcp } = await damaged()
    expect(await bob.status()).toMatchObject({ state: 'unreadable', reason: 'unreadable', renews: false })
    expect(await bob.isConnected()).toBe(false)
    expect(await mcp.vault.list({ tenant: 'bob' })).toMatchObject([{ serverId: 'notes', state: 'unreadable' }])
    const error = await errorOf(bob.call('read_note', {}))
    expect(error).toMatchObject({ details: { reason: 'unreadable', outcome: 'not_processed' } })
    expect(error.advice).toContain('Connect the account again')
  })

  it('can be replaced by connecting again', async () => {
    const { bob, connect } = await damaged()
    await connect('bob')
    expect(await bob.status()).toMatchObject({ state: 'active' })
    expect(await bob.call('read_note', {})).toEqual({ text: 'seen with access-4' })
  })

  it('can be removed by disconnecting', async () => {
    const { bob, inner } = await damaged()
    expect(await bob.disconnect()).toBe(true)
    expect(await inner.get(PLACE)).toBeUndefined()
    expect(await bob.status()).toMatchObject({ state: 'disconnected' })
  })

  it('is neither rotated nor given a backup', async () => {
    const { bob, inner } = await damaged()
    const before = await inner.get(PLACE)
    await errorOf(bob.rotate({ token: 'access-1' }))
    await errorOf(bob.setBackup({ token: 'access-1' }))
    expect(await inner.get(PLACE)).toEqual(before)
  })
})

describe('a key that this library did not write', () => {
  it.for([
    'connection/notes/%zz/default',
    'connection/notes/bob/%',
    'connection/notes/bob',
    'connection/notes/a b/c/d',
  ])('%s is reported, and does not stop the others', async (key) => {
    const { mcp, inner } = await setUp('plain')
    await inner.put(key, JSON.stringify({ credential: {} }))
    expect(await mcp.vault.maintain({ everything: true })).toMatchObject({
      looked: 4,
      finished: true,
      failures: [{ serverId: 'notes' }],
    })
    const report = await mcp.vault.revoke({ everything: true, reason: 'a leak' })
    expect(report).toMatchObject({ revoked: 3, finished: true, failures: [{ serverId: 'notes' }] })
    expect(await inner.get(key)).toBeUndefined()
  })
})

it('revokes everything although the data keys of one tenant are damaged', async () => {
  const { mcp, inner, bob } = await setUp('encrypted')
  await inner.put('datakey/tenant/bob', 'garbage')
  const report = await mcp.vault.revoke({ everything: true, reason: 'a leak' })
  expect(report).toMatchObject({ revoked: 2, finished: true, failures: [failure] })
  expect(await inner.get(PLACE)).toBeUndefined()
  expect(await bob.isConnected()).toBe(false)
})

it('rotates the keys of every readable row, and reports the others', async () => {
  const { mcp, inner } = await setUp('encrypted')
  await inner.put(PLACE, 'v1.garbage')
  await inner.put('connection/notes/%zz/default', 'v1.garbage')
  const rotating = mcp.vault.rotateKeys({ mode: 'rewrap' })
  expect(await rotating).toMatchObject({ finished: true })
})
