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
  const scenario = (title: string, run: (world: World) => Promise<void>) =>
    it(title, { timeout: TIMEOUT_MS }, async () => {
      const store = await makeStore()
      const world = await setUp(store, shared)
      try {
        await run(world)
      } finally {
        await world.close()
        await store.close?.()
      }
    })

  describe(`the credential scenarios over ${name}`, () => {
    scenario('one client connects, and the others call with it', async ({ clients, connect, whoami }) => {
      await connect('ada')
      expect(await Promise.all(clients.map((client) => whoami(client, 'ada')))).toEqual(Array(CLIENTS).fill('ada'))
    })

    scenario('many calls of many clients with an expired token make one renewal', async (world) => {
      await world.connect('ada')
      for (let expiry = 1; expiry <= 3; expiry++) {
        world.clock.shift(HOUR_MS)
        expect(await world.everybodyCalls('ada')).toEqual(Array(CLIENTS * CALLS_EACH).fill('ada'))
        expect(world.provider.seen).toMatchObject({ refreshes: expiry, reuses: 0 })
      }
      expect(await world.states('ada')).toEqual(Array(CLIENTS).fill('active'))
    })

    scenario('a server that is down logs nobody out', async (world) => {
      await world.connect('ada')
      world.clock.shift(HOUR_MS)
      world.provider.faults.tokenAnswer = { status: 503 }
      expect(new Set(await world.everybodyCalls('ada'))).not.toContain('ada')
      expect(new Set(await world.states('ada'))).toEqual(new Set(['degraded']))
      world.provider.faults.tokenAnswer = undefined
      world.clock.shift(HOUR_MS)
      expect(await world.everybodyCalls('ada')).toEqual(Array(CLIENTS * CALLS_EACH).fill('ada'))
      expect(world.told).toEqual(expect.arrayContaining(['connection.degraded', 'connection.recovered']))
      expect(world.told).not.toContain('connection.needs_reauth')
    })

    scenario('a grant that the user ended is reported once, and connecting again mends it', async (world) => {
      await world.connect('ada')
      world.clock.shift(HOUR_MS)
      world.provider.endEverything()
      expect(new Set(await world.everybodyCalls('ada'))).toEqual(new Set(['MCP_AUTHENTICATION_FAILURE']))
      expect(await world.states('ada')).toEqual(Array(CLIENTS).fill('needs_reauth'))
      expect(world.told.filter((event) => event === 'connection.needs_reauth')).toHaveLength(1)
      await world.connect('ada')
      expect(await world.states('ada')).toEqual(Array(CLIENTS).fill('active'))
    })

    scenario('a user who connects again while a renewal is under way keeps the new grant', async (world) => {
      await world.connect('ada')
      world.clock.shift(HOUR_MS)
      let open = () => {}
      world.provider.faults.gate = new Promise((resolve) => (open = resolve))
      const calling = world.everybodyCalls('ada')
      const url = await world.begin('ada')
      open()
      await world.complete(url, 'ada', 'ada again')
      await calling
      // What the others have at hand they use for half a minute more.
      world.clock.shift(60_000)
      expect(await world.everybodyCalls('ada')).toEqual(Array(CLIENTS * CALLS_EACH).fill('ada again'))
      expect(world.provider.seen.reuses).toBe(0)
    })

    scenario('a callback counts once, in whichever client, and for nobody else', async (world) => {
      const url = await world.begin('ada')
      await expect(world.complete(url, 'eve')).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
      const all = await Promise.allSettled(world.clients.map((client) => world.complete(url, 'ada', 'ada', client)))
      expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    })

    scenario('tenants never see each other', async (world) => {
      const tenants = ['ada', 'ad', 'ada/default', 'ada%', 'Ada', 'åda']
      for (const tenant of tenants) await world.connect(tenant)
      world.clock.shift(HOUR_MS)
      for (const tenant of tenants) {
        expect(new Set(await world.everybodyCalls(tenant))).toEqual(new Set([tenant]))
      }
      expect(await world.first.as('eve').service.isConnected()).toBe(false)
      expect(world.provider.seen).toMatchObject({ refreshes: tenants.length, reuses: 0 })
    })

    scenario('disconnecting ends it at the provider, and leaves nothing behind', async (world) => {
      await world.connect('ada')
      expect(await world.first.as('ada').service.disconnect()).toBe(true)
      expect(world.provider.seen.revocations).toBe(1)
      expect(await world.stored('connection/')).toEqual([])
      world.clock.shift(60_000)
      expect(new Set(await world.everybodyCalls('ada'))).toEqual(new Set(['MCP_AUTHENTICATION_FAILURE']))
    })

    scenario('nothing at rest can be read', async (world) => {
      await world.connect('ada')
      await world.begin('bob')
      const stored = await world.stored('')
      expect(stored.length).toBeGreaterThan(1)
      for (const value of stored) expect(world.provider.isSecret(value)).toBe(false)
    })
  })
}

type World = Awaited<ReturnType<typeof setUp>>

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
      // A renewal that failed is tried again at once, since no time passes in here.
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
    /** What each call answered: the account, or the code of its failure. */
    everybodyCalls: (tenant: string): Promise<string[]> =>
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
