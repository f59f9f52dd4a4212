import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { ConnectorClient, Logger, McpClientOptions, RuntimeEvents, Store } from '@mcpclient/core'
import type { Connector, McpClient } from '@mcpclient/core'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import type { Answerer, FakeClock, RecordedRequest } from '@mcpclient/testing'
import { leaksIn, printed } from './detector.ts'
import type { Canary, Leak } from './detector.ts'

export const REDIRECT_URI = 'https://host.example/callback'

/** Every event there is: the compiler misses one that is added. */
const eventNames = Object.keys({
  'call.finished': true,
  'request.retrying': true,
  'limit.blocked': true,
  'breaker.opened': true,
  'breaker.half_opened': true,
  'breaker.closed': true,
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
type Options = Omit<Partial<McpClientOptions<Connectors>>, 'connectors' | 'transport' | 'clock'>

export interface Scene {
  readonly mcp: McpClient<Connectors>
  readonly clock: FakeClock
  readonly store: Store
  readonly requests: readonly RecordedRequest[]
  readonly witness: Witness
  /** The client of a connector as tenant `ada` has it. */
  readonly client: (serverId: string) => ConnectorClient
  /** Does something and writes down what came of it; undefined if it failed. */
  attempt<Value>(what: string, work: () => Value | Promise<Value>): Promise<Value | undefined>
}

/** A client with ears on every place at which something can come out of it. */
export function stage(connectors: Connectors, answer: Answerer, options: Options = {}): Scene {
  const witness = createWitness()
  const clock = createFakeClock()
  const store = options.credentials ?? memoryStore({ clock })
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
    credentials: store,
    redirectUri: REDIRECT_URI,
    logger: witness.logger,
    audit: { wantsUse: true, record: (entry) => witness.see('audit', entry) },
    retry: { attempts: 1 },
    permissions: {
      approve: (proposal) => {
        witness.see('proposal', proposal)
        return true
      },
    },
    ...options,
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
  /** Writes down, at once, everything that can be printed of a value. */
  see(surface: string, value: unknown): void
  /**
   * What of the secrets came out.
   * @param allowed places that are there for a secret to get to, as `places` names them
   */
  leaks(canaries: Iterable<Canary>, allowed?: readonly string[]): readonly Leak[]
  /** Where the secrets came out, as `surface: kind`, each once. */
  places(canaries: Iterable<Canary>): readonly string[]
  readonly seen: readonly (readonly [surface: string, text: string])[]
}

export function createWitness(): Witness {
  const seen: (readonly [string, string])[] = []
  const see = (surface: string, value: unknown): void => void seen.push(...printed(surface, value))
  const hear = (level: string) => (fields: unknown, message: unknown) => {
    see(`log ${level}`, fields)
    see(`log ${level}`, message)
  }
  const all = (canaries: Iterable<Canary>): readonly Leak[] => {
    const wanted = [...canaries]
    return seen.flatMap(([surface, text]) => leaksIn(surface, text, wanted))
  }
  return {
    logger: {
      debug: hear('debug'),
      info: hear('info'),
      warn: hear('warn'),
      error: hear('error'),
      isLevelEnabled: () => true,
    },
    see,
    seen,
    leaks: (canaries, allowed = []) => all(canaries).filter((leak) => !allowed.includes(placeOf(leak))),
    places: (canaries) => [...new Set(all(canaries).map(placeOf))].toSorted(),
  }
}

/** `inspect(authorize URL)` and `authorize URL` are one place. */
const placeOf = ({ surface, kind }: Leak): string =>
  `${surface.replace(/^(?:inspect|JSON\.stringify)\((.*)\)$/, '$1')}: ${kind}`
