import { createMcpClient, memoryStore } from '@mcpclient/core'
import type {
  Connector,
  ConnectorClient,
  Logger,
  McpClient,
  McpClientOptions,
  RuntimeEvents,
  Store,
} from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import type { VaultOptions } from '@mcpclient/core/vault'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import type { Responder, FakeClock, RecordedRequest } from '@mcpclient/testing'
import { leaksIn, printed } from './detector.ts'
import type { Canary, Leak } from './detector.ts'

export const REDIRECT_URI = 'https://host.example/callback'

/** All events; the compiler reports a missing one. */
const eventNames = Object.keys({
  'call.finished': true,
  'request.retrying': true,
  'limit.blocked': true,
  'breaker.opened': true,
  'breaker.half_opened': true,
  'breaker.closed': true,
  'sync.finished': true,
  'sync.braked': true,
  'sync.recovered': true,
  'sync.stuck': true,
  'subscription.renewed': true,
  'subscription.lapsed': true,
  'delivery.parked': true,
  'connection.connected': true,
  'connection.disconnected': true,
  'connection.degraded': true,
  'connection.needs_reauth': true,
  'connection.recovered': true,
  'connection.renewed': true,
  'grant.lost': true,
  'connection.revoked': true,
  'credential.rotated': true,
  'credential.rotation_failed': true,
  'credential.backup_used': true,
  'credential.expiring': true,
} satisfies Record<keyof RuntimeEvents, true>) as (keyof RuntimeEvents)[]

type Connectors = Readonly<Record<string, Connector>>
export type WitnessOptions = Omit<
  Partial<McpClientOptions<Connectors>>,
  'connectors' | 'transport' | 'clock' | 'vault'
> &
  VaultOptions

export interface WitnessedClient {
  readonly mcp: McpClient<Connectors>
  readonly clock: FakeClock
  readonly store: Store
  readonly requests: readonly RecordedRequest[]
  readonly witness: Witness
  /** Returns the client of a connector for tenant `ada`. */
  readonly client: (serverId: string) => ConnectorClient
  /** Runs an operation and records its result; returns undefined if it failed. */
  attempt<Value>(what: string, work: () => Value | Promise<Value>): Promise<Value | undefined>
}

/** Composes a client whose every output is recorded. */
export function witnessedClient(
  connectors: Connectors,
  answer: Responder,
  options: WitnessOptions = {},
): WitnessedClient {
  const witness = createWitness()
  const clock = createFakeClock()
  const { store = memoryStore({ clock }), redirectUri, renewal, access, audit, expiryWarningDays, ...rest } = options
  const transport = scriptedTransport(answer)
  const mcp = createMcpClient<Connectors>({
    connectors,
    transport: {
      send: (request) => {
        witness.see(`URL of a request to ${new URL(request.url).origin}`, request.url)
        return transport.send(request)
      },
    },
    clock,
    vault: vault({
      store,
      redirectUri: redirectUri ?? REDIRECT_URI,
      renewal,
      access,
      audit: audit ?? { wantsUse: true, record: (entry) => witness.see('audit', entry) },
      expiryWarningDays,
    }),
    logger: witness.logger,
    retry: { attempts: 1 },
    permissions: {
      approve: (proposal) => {
        witness.see('proposal', proposal)
        return true
      },
    },
    ...rest,
  })
  for (const name of eventNames) mcp.on(name, (data) => witness.see(`event ${name}`, data))
  const client = (serverId: string) => mcp.client(serverId, { tenant: 'ada', user: 'bob' }) as ConnectorClient
  return {
    mcp,
    clock,
    store,
    requests: transport.requests,
    witness,
    client,
    async attempt(what, work) {
      // Lets limits and cached absences expire.
      await clock.advance(120_000)
      try {
        const value = await work()
        witness.see(what, value)
        return value
      } catch (error) {
        witness.see(`error of ${what}`, error)
        return undefined
      }
    },
  }
}

export interface Witness {
  readonly logger: Logger
  /** Records, at once, everything that can be printed of a value. */
  see(surface: string, value: unknown): void
  /**
   * Returns the leaks of the secrets, one for each place, with the text around it.
   * @param allowed places that may contain a secret, as `surface: kind`; an unused one is reported, too
   */
  leaks(canaries: Iterable<Canary>, allowed?: readonly string[]): readonly (Leak | string)[]
  readonly seen: readonly (readonly [surface: string, text: string])[]
}

export function createWitness(): Witness {
  const seen: (readonly [string, string])[] = []
  const see = (surface: string, value: unknown): void => void seen.push(...printed(surface, value))
  const logAt = (level: string) => (fields: unknown, message: unknown) => {
    see(`log ${level}`, fields)
    see(`log ${level}`, message)
  }
  return {
    logger: {
      debug: logAt('debug'),
      info: logAt('info'),
      warn: logAt('warn'),
      error: logAt('error'),
      isLevelEnabled: () => true,
    },
    see,
    seen,
    leaks(canaries, allowed = []) {
      const wanted = [...canaries]
      const found = new Map<string, Leak>()
      for (const [surface, text] of seen) {
        for (const leak of leaksIn(surface, text, wanted)) found.set(placeOf(leak), leak)
      }
      const unused = allowed.filter((place) => !found.has(place)).map((place) => `no secret in ${place}`)
      return [...[...found].filter(([place]) => !allowed.includes(place)).map(([, leak]) => leak), ...unused]
    },
  }
}

/** Maps `inspect(authorize URL)` to `authorize URL`, which is the same place. */
const placeOf = ({ surface, kind }: Leak): string =>
  `${surface.replace(/^(?:inspect|JSON\.stringify)\((.*)\)$/, '$1')}: ${kind}`
