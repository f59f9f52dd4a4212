import { ConnectorError, createMcpClient, listAll } from '@mcpclient/core'
import type { ConnectResult, RuntimeEvents, Store } from '@mcpclient/core'
import { encrypted, vault } from '@mcpclient/core/vault'
import { describe, expect, it } from 'vitest'
import { REDIRECT_URI, rotatingProvider } from './credential-scenarios/rotating-provider.ts'
import { shiftingClock } from './credential-scenarios/shifting-clock.ts'

export interface CredentialScenariosOptions {
  /**
   * The name of the store in the tests' titles.
   * @default 'a store'
   */
  readonly name?: string | undefined
  /** Opens another store over the same data, as another process would. Without it, the clients share one store. */
  readonly shared?: ((store: Store) => Promise<Store> | Store) | undefined
}

const CLIENTS = 4
const CALLS_EACH = 8
const HOUR_MS = 3_600_000
const TIMEOUT_MS = 30_000

/**
 * Registers scenarios of several clients on one store with vitest: a token is refreshed once for all of them, a failure
 * logs no user out, and nothing is readable at rest. The provider runs in memory and revokes a grant whose refresh token
 * is used twice.
 *
 * Run it beside `storeContract`, which proves that the store keeps its promises; the scenarios prove that those suffice.
 * @param makeStore opens an empty store; called once per test, and closed after it
 */
export function credentialScenarios(
  makeStore: () => Store | Promise<Store>,
  { name = 'a store', shared }: CredentialScenariosOptions = {},
): void {
  const scenario = (title: string, run: (context: ScenarioContext) => Promise<void>) =>
    it(title, { timeout: TIMEOUT_MS }, async () => {
      const store = await makeStore()
      const context = await setUp(store, shared)
      try {
        await run(context)
      } finally {
        await context.close()
        await store.close?.()
      }
    })

  describe(`the credential scenarios over ${name}`, () => {
    scenario('one client connects, and the others call with it', async ({ clients, connect, whoami }) => {
      await connect('ada')
      expect(await Promise.all(clients.map((client) => whoami(client, 'ada')))).toEqual(Array(CLIENTS).fill('ada'))
    })

    scenario('many calls of many clients with an expired token cause one refresh', async (context) => {
      await context.connect('ada')
      for (let expiry = 1; expiry <= 3; expiry++) {
        context.clock.shift(HOUR_MS)
        expect(await context.callFromEveryClient('ada')).toEqual(Array(CLIENTS * CALLS_EACH).fill('ada'))
        expect(context.provider.seen).toMatchObject({ refreshes: expiry, reuses: 0 })
      }
      expect(await context.states('ada')).toEqual(Array(CLIENTS).fill('active'))
    })

    scenario('a server that is down logs no user out', async (context) => {
      await context.connect('ada')
      context.clock.shift(HOUR_MS)
      context.provider.faults.tokenResponse = { status: 503 }
      expect(new Set(await context.callFromEveryClient('ada'))).not.toContain('ada')
      expect(new Set(await context.states('ada'))).toEqual(new Set(['degraded']))
      context.provider.faults.tokenResponse = undefined
      context.clock.shift(HOUR_MS)
      expect(await context.callFromEveryClient('ada')).toEqual(Array(CLIENTS * CALLS_EACH).fill('ada'))
      expect(context.told).toEqual(expect.arrayContaining(['connection.degraded', 'connection.recovered']))
      expect(context.told).not.toContain('connection.needs_reauth')
    })

    scenario('a grant that the user revoked is reported once, and connecting again repairs it', async (context) => {
      await context.connect('ada')
      context.clock.shift(HOUR_MS)
      context.provider.endEverything()
      expect(new Set(await context.callFromEveryClient('ada'))).toEqual(new Set(['MCP_AUTHENTICATION_FAILURE']))
      expect(await context.states('ada')).toEqual(Array(CLIENTS).fill('needs_reauth'))
      expect(context.told.filter((event) => event === 'connection.needs_reauth')).toHaveLength(1)
      await context.connect('ada')
      expect(await context.states('ada')).toEqual(Array(CLIENTS).fill('active'))
    })

    scenario('a user who connects again during a refresh keeps the new grant', async (context) => {
      await context.connect('ada')
      context.clock.shift(HOUR_MS)
      let open = () => {}
      context.provider.faults.gate = new Promise((resolve) => (open = resolve))
      const calling = context.callFromEveryClient('ada')
      const url = await context.begin('ada')
      open()
      await context.complete(url, 'ada', 'ada again')
      await calling
      // The other clients use their cached grant for another half minute.
      context.clock.shift(60_000)
      expect(await context.callFromEveryClient('ada')).toEqual(Array(CLIENTS * CALLS_EACH).fill('ada again'))
      expect(context.provider.seen.reuses).toBe(0)
    })

    scenario('a callback is valid once, in any client, and only for its user', async (context) => {
      const url = await context.begin('ada')
      await expect(context.complete(url, 'eve')).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
      const all = await Promise.allSettled(context.clients.map((client) => context.complete(url, 'ada', 'ada', client)))
      expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    })

    scenario('tenants never see each other', async (context) => {
      const tenants = ['ada', 'ad', 'ada/default', 'ada%', 'Ada', 'åda']
      for (const tenant of tenants) await context.connect(tenant)
      context.clock.shift(HOUR_MS)
      for (const tenant of tenants) {
        expect(new Set(await context.callFromEveryClient(tenant))).toEqual(new Set([tenant]))
      }
      expect(await context.first.as('eve').service.isConnected()).toBe(false)
      expect(context.provider.seen).toMatchObject({ refreshes: tenants.length, reuses: 0 })
    })

    scenario('disconnecting revokes the grant at the provider and deletes every row', async (context) => {
      await context.connect('ada')
      expect(await context.first.as('ada').service.disconnect()).toBe(true)
      expect(context.provider.seen.revocations).toBe(1)
      expect(await context.stored('connection/')).toEqual([])
      context.clock.shift(60_000)
      expect(new Set(await context.callFromEveryClient('ada'))).toEqual(new Set(['MCP_AUTHENTICATION_FAILURE']))
    })

    scenario('nothing at rest can be read', async (context) => {
      await context.connect('ada')
      await context.begin('bob')
      const stored = await context.stored('')
      expect(stored.length).toBeGreaterThan(1)
      for (const value of stored) expect(context.provider.isSecret(value)).toBe(false)
    })
  })
}

type ScenarioContext = Awaited<ReturnType<typeof setUp>>

async function setUp(store: Store, shared: CredentialScenariosOptions['shared']) {
  const provider = rotatingProvider()
  const clock = shiftingClock()
  const told: string[] = []
  const others: Store[] = []
  const another = async () => {
    if (shared === undefined) return store
    const opened = await shared(store)
    others.push(opened)
    return opened
  }
  const keys = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))
  const compose = (on: Store) => {
    const client = createMcpClient({
      connectors: { service: provider.connector() },
      vault: vault({ store: encrypted(on, { keys }), redirectUri: REDIRECT_URI, renewal: { pollMs: 5 } }),
      transport: provider.transport(),
      // A failed refresh is retried immediately, because no time passes here.
      retry: { attempts: 1 },
      clock,
    })
    const names: readonly (keyof RuntimeEvents)[] = [
      'connection.degraded',
      'connection.recovered',
      'connection.needs_reauth',
      'grant.lost',
    ]
    for (const event of names) client.on(event, () => told.push(event))
    return client
  }
  const clients = await Promise.all(Array.from({ length: CLIENTS }, async () => compose(await another())))
  const first = clients[0] ?? compose(store)

  const whoami = async (client: typeof first, tenant: string): Promise<string> =>
    (await client.as(tenant).service.call('whoami', {})).account
  const begin = async (tenant: string): Promise<string> => urlOf(await first.as(tenant).service.connect())
  const complete = (url: string, tenant: string, code = tenant, client = clients.at(-1) ?? first) => {
    const state = new URL(url).searchParams.get('state') ?? ''
    return client.completeAuthorization(`${REDIRECT_URI}?${new URLSearchParams({ state, code })}`, tenant)
  }
  return {
    provider,
    clock,
    told,
    clients,
    first,
    whoami,
    begin,
    complete,
    connect: async (tenant: string) => complete(await begin(tenant), tenant),
    /** The result of each call: the account, or the code of its failure. */
    callFromEveryClient: (tenant: string): Promise<string[]> =>
      Promise.all(
        clients.flatMap((client) =>
          Array.from({ length: CALLS_EACH }, () =>
            whoami(client, tenant).catch((error: unknown) => (ConnectorError.is(error) ? error.code : String(error))),
          ),
        ),
      ),
    states: (tenant: string) =>
      Promise.all(clients.map(async (client) => (await client.as(tenant).service.status()).state)),
    stored: async (prefix: string): Promise<string[]> => {
      const values: string[] = []
      for await (const { value } of listAll(store, prefix)) values.push(value)
      return values
    },
    close: async () => {
      await Promise.all(clients.map((client) => client.close()))
      for (const opened of others) await opened.close?.()
    },
  }
}

function urlOf(result: ConnectResult): string {
  if (result.status === 'authorize') return result.url
  throw new Error(`The scenario's provider asks for consent, and got "${result.status}".`)
}
