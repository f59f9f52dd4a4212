import { createFakeClock } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import { encrypted, vault } from '@mcpclient/core/vault'
import { storedRegistrations } from '../../src/vault/registrations.ts'
import { keyOf, keyService } from './key-service.ts'
import { app, callbackOf, madeUpProvider, redirectUri } from './made-up-provider.ts'

/** Returns the rows of a running host. A change of their layout needs a migration. */
async function connected(options: Parameters<typeof madeUpProvider>[0] = {}) {
  const provider = madeUpProvider(options)
  const clock = createFakeClock()
  const store = memoryStore({ clock })
  const mcp = createMcpClient({
    connectors: { notes: provider.connector('notes')(app) },
    vault: vault({ store, redirectUri }),
    transport: provider.transport(),
    clock,
  })
  const begun = await mcp.as('ada/b').notes.at('work').connect()
  if (begun.status !== 'authorize') throw new Error(begun.status)
  const complete = () => mcp.completeAuthorization(callbackOf(begun.url), 'ada/b')
  const keys = async () => (await store.list('')).entries.map(({ key }) => key)
  return { mcp, store, clock, complete, keys }
}

it('stores a pending authorization under a hash of its state', async () => {
  const { keys } = await connected()
  expect(await keys()).toEqual([expect.stringMatching(/^authorization\/[\w-]{43}$/), 'connection/notes/ada%2Fb/work'])
})

it('stores a connection under its connector, tenant and name', async () => {
  const { store, clock, complete } = await connected()
  await complete()
  const stored = await store.get('connection/notes/ada%2Fb/work')
  const now = clock.now()
  expect(JSON.parse(stored?.value ?? '')).toEqual({
    credential: {},
    grant: {
      accessToken: 'access-1',
      refreshToken: 'refresh-1',
      issuedAt: now,
      expiresAt: now + 3_600_000,
      scopes: ['notes.read'],
      account: { id: 'acct-1', name: 'Ada' },
    },
    account: { id: 'acct-1', name: 'Ada' },
    connectedAt: new Date(now).toISOString(),
    generation: 1,
  })
})

it('stores the spare credentials of a connection in one list', async () => {
  const { ada, issue, store, clock } = keyService()
  await ada.plain.connect(issue('current'))
  await ada.plain.setBackup(issue('backup'))
  await ada.plain.rotate(issue('next'), { keepOldForMs: 5000 })
  const stored = await store.get('connection/plain/ada/default')
  const since = clock.now()
  expect(JSON.parse(stored?.value ?? '')).toMatchObject({
    credential: { apiKey: keyOf('current') },
    spares: [
      { role: 'staged', credential: { apiKey: keyOf('next') }, since, keepOldForMs: 5000 },
      { role: 'backup', credential: { apiKey: keyOf('backup') }, since },
    ],
  })
  await ada.plain.call('read_note', {})
  expect(JSON.parse((await store.get('connection/plain/ada/default'))?.value ?? '')).toMatchObject({
    credential: { apiKey: keyOf('next') },
    spares: [
      { role: 'previous', credential: { apiKey: keyOf('current') }, since, until: since + 5000 },
      { role: 'backup', credential: { apiKey: keyOf('backup') }, since },
    ],
  })
})

it('stores a shared grant under its family and client', async () => {
  const { complete, keys } = await connected({ family: 'made-up' })
  await complete()
  expect(await keys()).toContain('connection/~made-up%3Aclient-1/ada%2Fb/work')
})

it('stores a registered client under its connector and issuer', async () => {
  const store = memoryStore()
  const registrations = storedRegistrations(store, 'docs')
  await registrations.keep('https://as.example/', { client_id: 'c1' })
  const { entries } = await store.list('')
  expect(entries).toMatchObject([{ key: 'client/docs/https%3A%2F%2Fas.example%2F', value: '{"client_id":"c1"}' }])
})

it.for(['null', '5', '{"client_id":', '"text"'])(
  'registers again if the row of a registered client is %s',
  async (value) => {
    const store = memoryStore()
    const registrations = storedRegistrations(store, 'docs')
    await store.put('client/docs/as', value)
    expect(await registrations.find('as')).toBeUndefined()
    expect(await registrations.keep('as', { client_id: 'c2' })).toEqual({ client_id: 'c2' })
    expect(await registrations.find('as')).toEqual({ client_id: 'c2' })
  },
)

it('stores the mark of a revocation under its scope', async () => {
  const { mcp, complete, keys } = await connected()
  await complete()
  await mcp.vault.revoke({ tenant: 'ada/b', connection: 'work', reason: 'test' })
  await mcp.vault.revoke({ everything: true, reason: 'test' })
  expect((await keys()).filter((key) => key.startsWith('revocation/'))).toEqual([
    'revocation/notes//',
    'revocation/notes/ada%2Fb/work',
  ])
})

it('stores sealed values in four parts, and data keys under the tenant', async () => {
  const store = memoryStore()
  const key = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')
  const safe = encrypted(store, { keys: key })
  await safe.put('connection/notes/ada%2Fb/work', 'x')
  await safe.put('other', 'x', { ttlMs: 1000 })
  const rows = Object.fromEntries((await store.list('')).entries.map((entry) => [entry.key, entry.value]))
  expect(Object.keys(rows)).toEqual([
    'connection/notes/ada%2Fb/work',
    'datakey/shared',
    'datakey/tenant/ada%2Fb',
    'other',
  ])
  expect(rows['connection/notes/ada%2Fb/work']).toMatch(/^v1\.[0-9a-z]+-[\w-]{8}\.\.[\w-]+$/)
  expect(rows['other']).toMatch(/^v1\.[0-9a-z]+-[\w-]{8}\.\d+\.[\w-]+$/)
  expect(JSON.parse(rows['datakey/shared'] ?? '')).toEqual({
    format: 'v1',
    keys: [{ id: expect.any(String), keyId: 'k1', wrapped: expect.any(String) }],
  })
})
