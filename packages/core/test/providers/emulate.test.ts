import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createEmulator } from 'emulate'
import type { Emulator, ServiceName } from 'emulate'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
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

/** The emulator is told its name before it listens, and then does not say at which port it does. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function world(vendor: Vendor) {
  // An id_token of the emulator says the time of this machine.
  const clock = createFakeClock({ nowMs: Date.now() })
  const proxy = strictProxy(vendor, emulators.get(vendor.service)?.url ?? '', clock)
  const connector = defineConnector({
    id: 'vendor',
    name: 'Vendor',
    baseUrl: vendor.baseUrl,
    auth: vendor.auth,
    errors: vendor.errors,
    tools: {
      look: tool({
        description: 'Look at what is there.',
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
  const told: string[] = []
  const names = ['connected', 'needs_reauth', 'recovered', 'renewed', 'disconnected'] as const
  for (const name of names) mcp.on(`connection.${name}`, () => told.push(name))
  const ada = mcp.as('ada').vendor

  const connect = async () => {
    const started = await ada.connect()
    if (started.status !== 'authorize') throw new Error(`connect answered ${started.status}.`)
    const callback = await agree(proxy, started.url, vendor.person)
    return { asked: new URL(started.url), connected: await mcp.completeAuthorization(callback, 'ada') }
  }
  const refreshes = () => proxy.tokenRequests.filter((form) => form.get('grant_type') === 'refresh_token').length
  const look = () => ada.call('look', {})
  return { clock, proxy, mcp, ada, audit, told, connect, refreshes, look }
}

const rows = Object.entries<Vendor>(vendors)
const lasting = rows.filter(([name]) => name.includes('without an end'))
const expiring = rows.filter((row) => !lasting.includes(row))
const revocable = rows.filter(([, { revocationUrl }]) => revocationUrl !== undefined)
const irrevocable = rows.filter((row) => !revocable.includes(row))

describe.each(rows)('%s', (_name, vendor) => {
  test('is connected by a person who agrees, with PKCE where the vendor has it, and called', async () => {
    const { connect, look, ada, proxy } = world(vendor)
    const { asked, connected } = await connect()
    expect(asked.origin + asked.pathname).toBe(vendor.authorizationUrl)
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      ...vendor.asks,
      response_type: 'code',
      client_id: APP.clientId,
      redirect_uri: REDIRECT_URI,
    })
    expect(asked.searchParams.get('code_challenge_method')).toBe(vendor.pkce ? 'S256' : null)
    expect(connected).toMatchObject({ status: 'connected', serverId: 'vendor', connection: 'default' })
    expect(connected).not.toHaveProperty('missingScopes')
    expect(await look()).toMatchObject(vendor.answer)
    expect(await ada.status()).toMatchObject({ state: 'active' })
    expect(proxy.tokenRequests).toHaveLength(1)
  })

  test('lets nobody in who only looks like it', async () => {
    const { connect, proxy } = world(vendor)
    await connect()
    const [token = ''] = proxy.live()
    const { method, path } = vendor.request
    const replyTo = async (authorization: string) => {
      const reply = await proxy.fetch(`${vendor.baseUrl}${path}`, { method, headers: { authorization } })
      return { status: reply.status, body: (await reply.json()) as unknown }
    }
    expect(await replyTo(`Bearer ${token}`)).toMatchObject({ status: 200, body: vendor.answer })
    expect(await replyTo(`Bearer ${token}x`)).toEqual(vendor.unauthorized)
    const app = { client_id: APP.clientId, client_secret: APP.clientSecret }
    const guess = new URLSearchParams({ grant_type: 'authorization_code', code: 'guessed', ...app })
    const refused = await proxy.fetch(vendor.tokenUrl, { method: 'POST', body: guess.toString() })
    expect(await refused.json()).toEqual(vendor.invalidGrant.code)
  })

  test('a person who took the access away is asked again, and then all is well', async () => {
    const { connect, look, ada, proxy, clock, told } = world(vendor)
    await connect()
    await look()
    proxy.endEverything()
    // Of a token that cannot be renewed, one refusal alone is not believed.
    for (let refusal = 1; refusal <= 2; refusal++) {
      await expect(look()).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
      await clock.advance(60_000)
    }
    expect(await ada.status()).toMatchObject({ state: 'needs_reauth' })
    expect(told).toEqual(['connected', 'needs_reauth'])
    await connect()
    expect(await look()).toMatchObject(vendor.answer)
    expect(await ada.status()).toMatchObject({ state: 'active' })
  })
})

describe.each(expiring)('%s', (_name, vendor) => {
  test('an expired token is renewed once, however many calls want it', async () => {
    const { connect, look, clock, proxy, refreshes, told } = world(vendor)
    await connect()
    const before = proxy.live()
    for (let round = 1; round <= 3; round++) {
      await clock.advance(LIFE_SECONDS * 1000)
      expect(proxy.live()).toEqual([])
      const answers = await Promise.all([look(), look(), look(), look(), look()])
      for (const answer of answers) expect(answer).toMatchObject(vendor.answer)
      expect(refreshes()).toBe(round)
      expect(proxy.live()).toHaveLength(1)
      expect(proxy.live()).not.toEqual(before)
    }
    expect(told).toEqual(['connected', 'renewed', 'renewed', 'renewed'])
  })
})

describe.each(lasting)('%s', (_name, vendor) => {
  test('a token without an end is used for years, and nobody tries to renew it', async () => {
    const { connect, look, clock, ada, refreshes } = world(vendor)
    await connect()
    await clock.advance(3 * 365 * 86_400_000)
    expect(await look()).toMatchObject(vendor.answer)
    expect(refreshes()).toBe(0)
    expect(await ada.status()).toMatchObject({ state: 'active', renews: false, expiresAt: undefined })
  })
})

describe.each(revocable)('%s', (_name, vendor) => {
  test('is revoked at the vendor, and connected again', async () => {
    const { connect, look, ada, proxy, audit } = world(vendor)
    await connect()
    expect(proxy.live()).toHaveLength(1)
    expect(await ada.disconnect({ revoke: true })).toBe(true)
    expect(proxy.live()).toEqual([])
    expect(audit.entries.at(-1)).toMatchObject({ operation: 'revoke', outcome: 'success' })
    await expect(look()).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
    await connect()
    expect(await look()).toMatchObject(vendor.answer)
    expect(proxy.live()).toHaveLength(1)
  })
})

describe.each(irrevocable)('%s', (_name, vendor) => {
  test('has no address to revoke at: it is given up here, the audit says so, and it is connected again', async () => {
    const { connect, look, ada, proxy, audit } = world(vendor)
    await connect()
    expect(await ada.disconnect({ revoke: true })).toBe(true)
    expect(proxy.live()).toHaveLength(1)
    expect(audit.entries.at(-1)).toMatchObject({
      operation: 'revoke',
      outcome: 'failed',
      reason: 'not_ended_at_provider',
    })
    await expect(look()).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
    await connect()
    expect(await look()).toMatchObject(vendor.answer)
  })
})
