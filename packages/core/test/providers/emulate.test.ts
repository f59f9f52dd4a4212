import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createEmulator } from 'emulate'
import type { Emulator, ServiceName } from 'emulate'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { createMcpClient, fetchTransport } from '@mcpclient/core'
import { memoryAuditLog, vault } from '@mcpclient/core/vault'
import { defineConnector, tool } from '@mcpclient/core/define'
import { createFakeClock } from '@mcpclient/testing'
import { agree, LIFE_SECONDS, strictProxy } from './strict-proxy.ts'
import type { Vendor } from './vendor.ts'
import { APP, REDIRECT_URI, vendors } from './vendors.ts'

const emulators = new Map<ServiceName, { readonly url: string; readonly emulator: Emulator }>()
const opened: { close(): Promise<void> }[] = []

beforeAll(async () => {
  for (const { service, seed, origin } of Object.values<Vendor>(vendors)) {
    if (emulators.has(service)) continue
    const port = await freePort()
    const emulator = await createEmulator({ service, seed, port, baseUrl: origin })
    emulators.set(service, { url: `http://127.0.0.1:${port}`, emulator })
  }
})

afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})

afterAll(async () => {
  for (const { emulator } of emulators.values()) await emulator.close()
})

/** Returns a free port, because the emulator does not report its own. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function setUp(vendor: Vendor) {
  // The emulator issues id_tokens with the time of this machine.
  const clock = createFakeClock({ nowMs: Date.now() })
  const proxy = strictProxy(vendor, emulators.get(vendor.service)?.url ?? '', clock)
  const connector = defineConnector({
    id: 'vendor',
    name: 'Vendor',
    baseUrl: vendor.baseUrl,
    auth: vendor.auth,
    errors: vendor.errors,
    tools: {
      read: tool({
        description: 'Read a resource.',
        effect: 'read',
        input: z.object({}),
        output: z.record(z.string(), z.unknown()),
        request: () => vendor.request,
      }),
    },
  })
  const audit = memoryAuditLog()
  const mcp = createMcpClient({
    connectors: { vendor: connector(APP) },
    vault: vault({ redirectUri: REDIRECT_URI, audit }),
    transport: fetchTransport({ fetch: proxy.fetch }),
    clock,
  })
  opened.push(mcp)
  const eventNames: string[] = []
  const names = ['connected', 'needs_reauth', 'recovered', 'renewed', 'disconnected'] as const
  for (const name of names) mcp.on(`connection.${name}`, () => eventNames.push(name))
  const ada = mcp.as('ada').vendor

  const connect = async () => {
    const started = await ada.connect()
    if (started.status !== 'authorize') throw new Error(`connect() returned ${started.status}.`)
    const callback = await agree(proxy, started.url, vendor.userName)
    return { authorizationUrl: new URL(started.url), connected: await mcp.completeAuthorization(callback, 'ada') }
  }
  const refreshes = () => proxy.tokenRequests.filter((form) => form.get('grant_type') === 'refresh_token').length
  const read = () => ada.call('read', {})
  return { clock, proxy, mcp, ada, audit, eventNames, connect, refreshes, read }
}

const rows = Object.entries<Vendor>(vendors)
const lasting = rows.filter(([name]) => name.includes('without an end'))
const expiring = rows.filter((row) => !lasting.includes(row))
const revocable = rows.filter(([, { revocationUrl }]) => revocationUrl !== undefined)
const irrevocable = rows.filter((row) => !revocable.includes(row))

describe.each(rows)('%s', (_name, vendor) => {
  it('connects with consent, with PKCE if the vendor supports it, and calls', async () => {
    const { connect, read, ada, proxy } = setUp(vendor)
    const { authorizationUrl, connected } = await connect()
    expect(authorizationUrl.origin + authorizationUrl.pathname).toBe(vendor.authorizationUrl)
    expect(Object.fromEntries(authorizationUrl.searchParams)).toMatchObject({
      ...vendor.authorizationParams,
      response_type: 'code',
      client_id: APP.clientId,
      redirect_uri: REDIRECT_URI,
    })
    expect(authorizationUrl.searchParams.get('code_challenge_method')).toBe(vendor.pkce ? 'S256' : null)
    expect(connected).toMatchObject({ status: 'connected', serverId: 'vendor', connection: 'default' })
    expect(connected).not.toHaveProperty('missingScopes')
    expect(await read()).toMatchObject(vendor.response)
    expect(await ada.status()).toMatchObject({ state: 'active' })
    expect(proxy.tokenRequests).toHaveLength(1)
  })

  it('rejects altered tokens and guessed codes', async () => {
    const { connect, proxy } = setUp(vendor)
    await connect()
    const [token = ''] = proxy.live()
    const { method, path } = vendor.request
    const replyTo = async (authorization: string) => {
      const reply = await proxy.fetch(`${vendor.baseUrl}${path}`, { method, headers: { authorization } })
      return { status: reply.status, body: (await reply.json()) as unknown }
    }
    expect(await replyTo(`Bearer ${token}`)).toMatchObject({ status: 200, body: vendor.response })
    expect(await replyTo(`Bearer ${token}x`)).toEqual(vendor.unauthorized)
    const app = { client_id: APP.clientId, client_secret: APP.clientSecret }
    const guess = new URLSearchParams({ grant_type: 'authorization_code', code: 'guessed', ...app })
    const refused = await proxy.fetch(vendor.tokenUrl, { method: 'POST', body: guess.toString() })
    expect(await refused.json()).toEqual(vendor.invalidGrant.code)
  })

  it('needs_reauth follows a revocation by the user, and a new consent recovers', async () => {
    const { connect, read, ada, proxy, clock, eventNames } = setUp(vendor)
    await connect()
    await read()
    proxy.revokeEverything()
    // A single refusal of a token that cannot be refreshed is not final.
    for (let refusal = 1; refusal <= 2; refusal++) {
      await expect(read()).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
      await clock.advance(60_000)
    }
    expect(await ada.status()).toMatchObject({ state: 'needs_reauth' })
    expect(eventNames).toEqual(['connected', 'needs_reauth'])
    await connect()
    expect(await read()).toMatchObject(vendor.response)
    expect(await ada.status()).toMatchObject({ state: 'active' })
  })
})

describe.each(expiring)('%s', (_name, vendor) => {
  it('refreshes an expired token once for concurrent calls', async () => {
    const { connect, read, clock, proxy, refreshes, eventNames } = setUp(vendor)
    await connect()
    const before = proxy.live()
    for (let round = 1; round <= 3; round++) {
      await clock.advance(LIFE_SECONDS * 1000)
      expect(proxy.live()).toEqual([])
      const results = await Promise.all([read(), read(), read(), read(), read()])
      for (const result of results) expect(result).toMatchObject(vendor.response)
      expect(refreshes()).toBe(round)
      expect(proxy.live()).toHaveLength(1)
      expect(proxy.live()).not.toEqual(before)
    }
    expect(eventNames).toEqual(['connected', 'renewed', 'renewed', 'renewed'])
  })
})

describe.each(lasting)('%s', (_name, vendor) => {
  it('uses a token without an expiry for years, and never refreshes it', async () => {
    const { connect, read, clock, ada, refreshes } = setUp(vendor)
    await connect()
    await clock.advance(3 * 365 * 86_400_000)
    expect(await read()).toMatchObject(vendor.response)
    expect(refreshes()).toBe(0)
    expect(await ada.status()).toMatchObject({ state: 'active', renews: false, expiresAt: undefined })
  })
})

describe.each(revocable)('%s', (_name, vendor) => {
  it('revokes at the vendor, and connects again', async () => {
    const { connect, read, ada, proxy, audit } = setUp(vendor)
    await connect()
    expect(proxy.live()).toHaveLength(1)
    expect(await ada.disconnect({ revoke: true })).toBe(true)
    expect(proxy.live()).toEqual([])
    expect(audit.entries.at(-1)).toMatchObject({ operation: 'revoke', outcome: 'success' })
    await expect(read()).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
    await connect()
    expect(await read()).toMatchObject(vendor.response)
    expect(proxy.live()).toHaveLength(1)
  })
})

describe.each(irrevocable)('%s', (_name, vendor) => {
  it('disconnects without a revocation endpoint, audits that, and connects again', async () => {
    const { connect, read, ada, proxy, audit } = setUp(vendor)
    await connect()
    expect(await ada.disconnect({ revoke: true })).toBe(true)
    expect(proxy.live()).toHaveLength(1)
    expect(audit.entries.at(-1)).toMatchObject({
      operation: 'revoke',
      outcome: 'failed',
      reason: 'not_ended_at_provider',
    })
    await expect(read()).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
    await connect()
    expect(await read()).toMatchObject(vendor.response)
  })
})
