import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { Capability, Store, WakeTarget } from '@mcpclient/core'
import { bearer, defineConnector, get, sync, webhook, withSigningSecret } from '@mcpclient/core/define'
import { jobs } from '@mcpclient/core/jobs'
import { vault } from '@mcpclient/core/vault'
import type { VaultOptions } from '@mcpclient/core/vault'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import { webhooks } from '@mcpclient/webhooks'
import { github } from '@mcpclient/webhooks/schemes'
import { signedRequest } from '@mcpclient/webhooks/testing'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

const ADDRESS = 'https://app.example/hooks'
const APP_SECRET = 'secret-of-the-composition'
const Call = z.object({
  to: z.union([z.object({ account: z.string() }), z.object({ channel: z.string() }), z.object({ handle: z.string() })]),
  id: z.string().optional(),
})
const calls = sync({
  description: 'Calls.',
  params: z.object({ line: z.string().default('main') }),
  item: z.object({ id: z.string() }),
  key: 'id',
  codes: {},
  pull: () => get('calls'),
  get: (id) => get(`calls/${id}`),
})

/** The number of deliveries that a connector was asked to read. */
let reads = 0
const hook = webhook({
  verify: github(),
  connectionSecret: 'token',
  read: ({ json }) => {
    reads++
    const { to, id } = json(Call)
    return { id, to, event: 'call' as const, data: {}, sync: 'calls' as const, subscription: 'ended' as const }
  },
})
const service = {
  name: 'Phone',
  baseUrl: 'https://phone.example/',
  check: { request: get('me'), account: { id: 'id' } },
  tools: {},
  syncs: { calls },
  events: { call: z.object({}) },
} as const
/** Signs with the token of the account itself. */
const phone = defineConnector({ ...service, id: 'phone', auth: bearer(), webhook: hook })
/** Signs with a key beside the token. */
const post = defineConnector({
  ...service,
  id: 'post',
  auth: withSigningSecret(bearer(), { label: 'Signing key' }),
  webhook: { ...hook, connectionSecret: 'signingSecret' },
})

interface SetUp {
  readonly state?: Store
  readonly signingSecret?: string
  readonly vaultOptions?: VaultOptions
}

async function setUp({ signingSecret, vaultOptions, ...given }: SetUp = {}) {
  const clock = createFakeClock()
  const state = given.state ?? memoryStore({ clock })
  const accounts = vault({ store: memoryStore({ clock }), ...vaultOptions })
  const hooks = webhooks({ address: ADDRESS })
  const woken: WakeTarget[] = []
  const engine: Capability = {
    name: 'engine',
    syncEngine: { run: () => Promise.reject(new Error('not run')), wake: async (target) => void woken.push(target) },
    bind() {},
  }
  const composed = signingSecret === undefined ? {} : { signingSecret }
  const refused = new Set<string>()
  const lines: unknown[] = []
  const log = (fields: object, message?: string) => void lines.push({ ...fields, message })
  const runner = jobs()
  const mcp = createMcpClient({
    connectors: { phone: phone(composed), post: post(composed) },
    vault: accounts,
    capabilities: [engine, runner, hooks],
    clock,
    state,
    logger: { debug: log, info: log, warn: log, error: log },
    transport: scriptedTransport(({ headers }) => {
      const token = headers['authorization']?.replace('Bearer ', '') ?? ''
      return refused.has(token) ? { status: 401, json: {} } : { json: { id: token.split('-')[0] } }
    }),
  })
  const seen: (readonly [tenant: string | undefined, connection: string | undefined])[] = []
  for (const connector of ['phone', 'post']) {
    hooks.on(connector, 'call', ({ tenant, connection }) => void seen.push([tenant, connection]))
  }
  const deliver = async (url: string, secret: string, body: unknown = { to: { account: 'anyone' } }) =>
    hooks.receive(await signedRequest({ scheme: 'github', secret, url, body }))
  const addressOf = (tenant: string, connection?: string, connector = 'phone') =>
    hooks.addressOf({ connector, tenant, connection })
  return { accounts, addressOf, clock, deliver, hooks, lines, mcp, refused, runner, seen, state, woken }
}

/** Everything that a sender can see of a response. */
const visible = async (response: Response) => [response.status, await response.text(), [...response.headers]]

describe('the address of a connection', () => {
  it('is the same each time, another one for each connection, and does not name it', async () => {
    const { addressOf } = await setUp()
    const all = [await addressOf('ada'), await addressOf('ada', 'work'), await addressOf('bob')]
    expect(new Set(all).size).toBe(3)
    expect(await addressOf('ada', 'default')).toBe(all[0])
    for (const address of all) expect(address).toMatch(/^https:\/\/app\.example\/hooks\/phone\/[\w-]{22}$/)
  })

  it('is one if several processes request it at the same time', async () => {
    const state = memoryStore()
    const processes = await Promise.all([setUp({ state }), setUp({ state }), setUp({ state })])
    const addresses = await Promise.all(processes.map(({ addressOf }) => addressOf('ada')))
    expect(new Set(addresses).size).toBe(1)
  })

  it('may be requested before the account is connected', async () => {
    const { addressOf, deliver, mcp, seen } = await setUp()
    const address = await addressOf('ada')
    expect((await deliver(address, 'ada-1')).status).toBe(401)
    await mcp.as('ada').phone.connect({ token: 'ada-1' })
    expect((await deliver(address, 'ada-1')).status).toBe(200)
    expect(seen).toEqual([['ada', 'default']])
  })

  it('is that of diagnose, with its own requests', async () => {
    const { addressOf, deliver, hooks, mcp } = await setUp()
    await mcp.as('ada').phone.connect({ token: 'ada-1' })
    const address = await addressOf('ada')
    await deliver(address, 'ada-1')
    await addressOf('bob')
    await deliver(await addressOf('bob'), 'bob-1')
    const diagnosed = await hooks.diagnose({ connector: 'phone', tenant: 'ada' })
    expect(diagnosed).toMatchObject({ address, refusedAt: undefined })
    expect(diagnosed.verifiedAt).toBeDefined()
    expect(await hooks.diagnose({ connector: 'phone', tenant: 'bob' })).toMatchObject({ reason: 'secret_missing' })
    expect(await hooks.diagnose({ connector: 'phone' })).toMatchObject({
      address: `${ADDRESS}/phone`,
      verifiedAt: undefined,
      refusedAt: undefined,
    })
  })
})

describe('a delivery to the address of a connection', () => {
  it.each([
    ['of another account', { account: 'bob' }],
    ['of a subscription', { handle: 'subscription-of-bob' }],
    ['of another channel', { channel: 'channel-of-bob' }],
  ])('reaches that connection alone, although it names a recipient %s', async (_what, to) => {
    const { addressOf, deliver, mcp, seen, woken } = await setUp({ signingSecret: APP_SECRET })
    await mcp.as('ada').phone.connect({ token: 'ada-1' })
    await mcp.as('bob').phone.connect({ token: 'bob-1' })
    await addressOf('bob')
    expect((await deliver(await addressOf('ada'), 'ada-1', { to })).status).toBe(200)
    expect(seen).toEqual([['ada', 'default']])
    expect(woken).toEqual([
      { serverId: 'phone', sync: 'calls', tenant: 'ada', connection: 'default', params: undefined },
    ])
  })

  it('cannot name the address of another connection', async () => {
    const { addressOf, deliver, mcp, seen } = await setUp()
    await mcp.as('ada').phone.connect({ token: 'ada-1' })
    await mcp.as('bob').phone.connect({ token: 'bob-1' })
    const channel = (await addressOf('bob')).split('/').at(-1)
    expect((await deliver(await addressOf('ada'), 'ada-1', { to: { channel } })).status).toBe(200)
    expect(seen).toEqual([['ada', 'default']])
  })

  it('is handed over once for each connection that gets it', async () => {
    const { addressOf, deliver, mcp, seen } = await setUp()
    const body = { to: { account: 'a' }, id: 'call-1' }
    for (const tenant of ['ada', 'bob']) {
      await mcp.as(tenant).phone.connect({ token: 'shared-1' })
      for (let n = 0; n < 2; n++) await deliver(await addressOf(tenant), 'shared-1', body)
    }
    expect(seen).toEqual([
      ['ada', 'default'],
      ['bob', 'default'],
    ])
  })

  it('is refused with the secret of another connection, or of the composition', async () => {
    const { addressOf, deliver, mcp, seen } = await setUp({ signingSecret: APP_SECRET })
    await mcp.as('ada').phone.connect({ token: 'ada-1' })
    await mcp.as('ada').phone.at('work').connect({ token: 'work-1' })
    await mcp.as('bob').phone.connect({ token: 'bob-1' })
    const address = await addressOf('ada')
    for (const secret of ['bob-1', 'work-1', APP_SECRET, 'guess']) {
      expect((await deliver(address, secret)).status).toBe(401)
    }
    expect(seen).toEqual([])
  })

  it('is not verified with the secret of a connection at the address of the connector, or of another one', async () => {
    const { addressOf, deliver, mcp, seen } = await setUp({ signingSecret: APP_SECRET })
    await mcp.as('ada').phone.connect({ token: 'ada-1' })
    await mcp.as('ada').post.connect({ token: 'ada-1', signingSecret: 'post-1' })
    const id = (await addressOf('ada')).split('/').at(-1)
    const addresses = [
      `${ADDRESS}/phone`,
      `${ADDRESS}/post/${id}`,
      `${ADDRESS}/phone/${id}x`,
      `${ADDRESS}/phone/x${id}`,
    ]
    for (const address of addresses) {
      for (const secret of ['ada-1', 'post-1']) expect((await deliver(address, secret)).status).toBe(401)
    }
    expect(seen).toEqual([])
  })

  it('is not verified with the secret of the composition if there is no connection, or none with a secret', async () => {
    const { addressOf, deliver, mcp, seen } = await setUp({ signingSecret: APP_SECRET })
    await mcp.as('ada').post.connect({ token: 'ada-1' })
    const withoutSecret = await addressOf('ada', 'default', 'post')
    for (const address of [withoutSecret, await addressOf('ada'), `${ADDRESS}/phone/${'A'.repeat(22)}`]) {
      expect((await deliver(address, APP_SECRET)).status).toBe(401)
    }
    expect((await deliver(`${ADDRESS}/post`, APP_SECRET, { to: { account: 'ada' } })).status).toBe(200)
    expect(seen).toEqual([['ada', 'default']])
  })

  it('does not end the address if it says that a subscription has ended', async () => {
    const { addressOf, clock, deliver, mcp, seen } = await setUp()
    await mcp.as('ada').phone.connect({ token: 'ada-1' })
    const address = await addressOf('ada')
    for (const id of ['call-1', 'call-2']) {
      expect((await deliver(address, 'ada-1', { to: { account: 'a' }, id })).status).toBe(200)
      await clock.advance(30 * 86_400_000)
    }
    expect(seen).toHaveLength(2)
  })

  it('is read only once it is verified', async () => {
    const { addressOf, deliver, mcp } = await setUp()
    await mcp.as('ada').phone.connect({ token: 'ada-1' })
    const address = await addressOf('ada')
    reads = 0
    await deliver(address, 'guess')
    await deliver(`${ADDRESS}/phone/${'A'.repeat(22)}`, 'ada-1')
    expect(reads).toBe(0)
    await deliver(address, 'ada-1')
    expect(reads).toBe(1)
  })

  it('gets the same response, whatever it is refused for', async () => {
    const { accounts, addressOf, deliver, mcp } = await setUp()
    const ada = mcp.as('ada').phone
    await ada.connect({ token: 'ada-1' })
    await ada.at('gone').connect({ token: 'ada-1' })
    await ada.at('revoked').connect({ token: 'ada-1' })
    await mcp.as('ada').post.connect({ token: 'ada-1' })
    const gone = await addressOf('ada', 'gone')
    await ada.at('gone').disconnect()
    const revoked = await addressOf('ada', 'revoked')
    await accounts.revoke({ tenant: 'ada', connection: 'revoked', reason: 'test' })
    const responses = [
      await deliver(await addressOf('ada'), 'guess'),
      await deliver(await addressOf('never', 'connected'), 'ada-1'),
      await deliver(await addressOf('ada', 'default', 'post'), 'ada-1'),
      await deliver(`${ADDRESS}/phone/${'A'.repeat(22)}`, 'ada-1'),
      await deliver(`${ADDRESS}/phone`, 'ada-1'),
      await deliver(gone, 'ada-1'),
      await deliver(revoked, 'ada-1'),
    ]
    const [first, ...others] = await Promise.all(responses.map(visible))
    expect(first).toEqual([401, '', []])
    for (const other of others) expect(other).toEqual(first)
  })

  it('gets a 503 if the store of the credentials cannot be read, so that it is sent again', async () => {
    const store = memoryStore()
    let isDown = false
    const failing: Store = {
      get: (key) => (isDown ? Promise.reject(new Error('down')) : store.get(key)),
      put: store.put.bind(store),
      delete: store.delete.bind(store),
      list: store.list.bind(store),
    }
    const { addressOf, deliver, mcp, seen } = await setUp({ vaultOptions: { store: failing } })
    await mcp.as('ada').phone.connect({ token: 'ada-1' })
    const address = await addressOf('ada')
    isDown = true
    expect((await deliver(address, 'ada-1')).status).toBe(503)
    isDown = false
    expect((await deliver(address, 'ada-1')).status).toBe(200)
    expect(seen).toHaveLength(1)
  })

  it('is parked if it cannot be read, and replayed for its connection alone', async () => {
    const { addressOf, deliver, hooks, mcp, seen, state } = await setUp({ signingSecret: APP_SECRET })
    await mcp.as('ada').phone.connect({ token: 'ada-1' })
    await mcp.as('bob').phone.connect({ token: 'bob-1' })
    expect((await deliver(await addressOf('ada'), 'ada-1', { to: {} })).status).toBe(400)
    const [parked] = await Array.fromAsync(hooks.parked())
    // What the connector reads after it was corrected.
    const key = `hook/parked/${parked?.id}`
    const row = JSON.parse((await state.get(key))?.value ?? '') as { content: { body: string } }
    const body = Buffer.from(JSON.stringify({ to: { account: 'bob' } })).toString('base64')
    await state.put(key, JSON.stringify({ ...row, content: { ...row.content, body } }))
    await hooks.replay(parked?.id ?? '')
    expect(seen).toEqual([['ada', 'default']])
  })

  it('leaves no secret in rows and logs', async () => {
    const { addressOf, deliver, lines, mcp, state } = await setUp()
    await mcp.as('ada').phone.connect({ token: 'ada-canary' })
    const address = await addressOf('ada')
    await deliver(address, 'ada-canary', { to: {} })
    await deliver(address, 'ada-canary')
    await deliver(address, 'guess')
    const rows = (await state.list('')).entries
    expect(rows.length).toBeGreaterThan(3)
    expect(lines.length).toBeGreaterThan(1)
    expect(JSON.stringify([rows, lines])).not.toContain('canary')
  })
})

describe('the end of a connection', () => {
  it('ends its address, also for the connection that follows it', async () => {
    const { addressOf, deliver, mcp, seen, state } = await setUp()
    const ada = mcp.as('ada').phone
    await ada.connect({ token: 'ada-1' })
    const address = await addressOf('ada')
    await ada.disconnect()
    expect((await deliver(address, 'ada-1')).status).toBe(401)
    expect((await state.list('hook/address/')).entries).toEqual([])
    expect((await state.list('hook/channel/')).entries).toEqual([])
    await ada.connect({ token: 'ada-1' })
    expect((await deliver(address, 'ada-1')).status).toBe(401)
    const next = await addressOf('ada')
    expect(next).not.toBe(address)
    expect((await deliver(next, 'ada-1')).status).toBe(200)
    expect(seen).toHaveLength(1)
  })

  it('ends an address that another process opened at that moment', async () => {
    const { addressOf, deliver, mcp, state } = await setUp()
    const ada = mcp.as('ada').phone
    await ada.connect({ token: 'ada-1' })
    const address = await addressOf('ada')
    const key = `hook/channel/${address.split('/').at(-1)}`
    const row = (await state.get(key))?.value ?? ''
    await ada.disconnect()
    await state.put(key, row)
    await ada.connect({ token: 'ada-1' })
    expect((await deliver(address, 'ada-1')).status).toBe(401)
  })

  it('drops deliveries whose handler was to be repeated', async () => {
    const { addressOf, clock, deliver, hooks, mcp, runner, seen } = await setUp()
    const ada = mcp.as('ada').phone
    await ada.connect({ token: 'ada-1' })
    let isBroken = true
    hooks.on('phone', 'call', () => {
      if (isBroken) throw new Error('broken')
    })
    await deliver(await addressOf('ada'), 'ada-1')
    expect(seen).toHaveLength(1)
    await ada.disconnect()
    isBroken = false
    await clock.advance(120_000)
    await runner.runDue()
    expect(seen).toHaveLength(1)
  })

  it.each([
    ['is revoked', async ({ accounts }: Scene) => void (await accounts.revoke({ tenant: 'ada', reason: 'test' }))],
    [
      'is replaced by another account',
      async ({ mcp }: Scene) => void (await mcp.as('ada').phone.connect({ token: 'eve-1' })),
    ],
    ['is of a connector that is removed', async ({ mcp }: Scene) => void (await mcp.remove('phone'))],
  ])('ends what its secret verifies if it %s', async (_how, end) => {
    const scene = await setUp()
    await scene.mcp.as('ada').phone.connect({ token: 'ada-1' })
    const address = await scene.addressOf('ada')
    await end(scene)
    expect((await scene.deliver(address, 'ada-1')).status).toBeGreaterThanOrEqual(401)
    expect(scene.seen).toEqual([])
  })

  it('ends what a key verifies that the provider refuses, but not what a secret beside it does', async () => {
    const { addressOf, clock, deliver, mcp, refused } = await setUp()
    const ada = mcp.as('ada')
    await ada.phone.connect({ token: 'ada-1' })
    await ada.post.connect({ token: 'ada-1', signingSecret: 'post-1' })
    const addresses = [await addressOf('ada'), await addressOf('ada', 'default', 'post')] as const
    refused.add('ada-1')
    for (let n = 0; n < 3; n++) {
      for (const client of [ada.phone, ada.post]) await client.health()
      await clock.advance(60_000)
    }
    expect([(await ada.phone.status()).state, (await ada.post.status()).state]).toEqual([
      'needs_reauth',
      'needs_reauth',
    ])
    expect((await deliver(addresses[0], 'ada-1')).status).toBe(401)
    expect((await deliver(addresses[1], 'post-1')).status).toBe(200)
  })
})

type Scene = Awaited<ReturnType<typeof setUp>>

describe('the secret of a connection', () => {
  it('is replaced with the credential, and the old one verifies for as long as it is kept', async () => {
    const { addressOf, clock, deliver, mcp } = await setUp()
    const ada = mcp.as('ada').phone
    await ada.connect({ token: 'ada-1' })
    const address = await addressOf('ada')
    await ada.rotate({ token: 'ada-2' }, { keepOldForMs: 3_600_000 })
    const statuses = async () => [
      (await deliver(address, 'ada-1', { to: { account: 'a' }, id: crypto.randomUUID() })).status,
      (await deliver(address, 'ada-2', { to: { account: 'a' }, id: crypto.randomUUID() })).status,
    ]
    expect(await statuses()).toEqual([200, 200])
    await clock.advance(3_600_000)
    expect(await statuses()).toEqual([401, 200])
    await ada.rotate({ token: 'ada-3' })
    expect(await statuses()).toEqual([401, 401])
  })

  it('may be beside the key, and be added later', async () => {
    const { addressOf, deliver, hooks, mcp, seen } = await setUp()
    const ada = mcp.as('ada').post
    await ada.connect({ token: 'ada-1' })
    const address = await addressOf('ada', 'default', 'post')
    for (const secret of ['post-1', 'ada-1']) expect((await deliver(address, secret)).status).toBe(401)
    expect(await hooks.diagnose({ connector: 'post', tenant: 'ada' })).toMatchObject({ reason: 'secret_missing' })
    await ada.rotate({ token: 'ada-1', signingSecret: 'post-1' })
    expect((await deliver(address, 'ada-1')).status).toBe(401)
    expect((await deliver(address, 'post-1')).status).toBe(200)
    expect(seen).toEqual([['ada', 'default']])
  })

  it('is not used if the access policy of the vault forbids it', async () => {
    const { addressOf, deliver, mcp, seen } = await setUp({
      vaultOptions: { access: ({ operation, principal }) => operation !== 'use' || principal.agent !== 'webhooks' },
    })
    await mcp.as('ada').phone.connect({ token: 'ada-1' })
    expect((await deliver(await addressOf('ada'), 'ada-1')).status).toBe(401)
    expect(seen).toEqual([])
  })
})

describe('a composition', () => {
  it('needs no secret if each connection has one, and refuses what is sent to the address of the connector', async () => {
    const { deliver, hooks } = await setUp()
    expect((await deliver(`${ADDRESS}/phone`, 'undefined')).status).toBe(401)
    expect(await hooks.diagnose({ connector: 'phone' })).toMatchObject({ reason: 'secret_missing' })
  })

  it("verifies with the app's own credential, without naming its secret twice", async () => {
    const hooks = webhooks({ address: ADDRESS })
    createMcpClient({ connectors: { phone: phone({ token: 'app-1' }) }, capabilities: [hooks] })
    let handled = 0
    hooks.on('phone', 'call', () => void handled++)
    const url = `${ADDRESS}/phone`
    for (const secret of ['app-1', 'guess']) {
      await hooks.receive(await signedRequest({ scheme: 'github', secret, url, body: { to: { account: 'a' } } }))
    }
    expect(handled).toBe(1)
    const { code } = await errorOf(hooks.addressOf({ connector: 'phone', tenant: 'ada' }))
    expect(code).toBe('CONFIGURATION_ERROR')
  })

  it('fails if the own credential of the app comes without a secret beside it', () => {
    const connectors = { post: post({ token: 'app-1' }) }
    expect(() => createMcpClient({ connectors, capabilities: [webhooks({ address: ADDRESS })] })).toThrow(
      'The webhook of post has no secret.',
    )
  })

  it('has addresses of connections with a vault only', async () => {
    const hooks = webhooks({ address: ADDRESS })
    createMcpClient({ connectors: { phone: phone() }, capabilities: [hooks] })
    const { code, details } = await errorOf(hooks.addressOf({ connector: 'phone', tenant: 'ada' }))
    expect([code, details.reason]).toEqual(['CONFIGURATION_ERROR', 'vault_missing'])
  })

  it.each([
    ['a connector that is not composed', { connector: 'other', tenant: 'ada' }, 'INVALID_INPUT'],
    ['a connector whose connections have no secret', { connector: 'plain', tenant: 'ada' }, 'INVALID_INPUT'],
    ['no tenant', { connector: 'phone', tenant: '' }, 'INVALID_INPUT'],
  ])('refuses the address of %s', async (_what, target, expected) => {
    const { connectionSecret: _secret, ...signedByApp } = hook
    const plain = defineConnector({ ...service, id: 'plain', auth: bearer(), webhook: signedByApp })
    const hooks = webhooks({ address: ADDRESS })
    createMcpClient({
      connectors: { phone: phone(), plain: plain({ signingSecret: APP_SECRET }) },
      vault: vault({ store: memoryStore() }),
      capabilities: [hooks],
    })
    expect((await errorOf(hooks.addressOf(target))).code).toBe(expected)
  })
})
