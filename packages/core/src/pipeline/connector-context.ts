import type { Connection } from '../identity/connection.ts'
import type { Profile } from '../connector/profile.ts'
import type { Consent } from '../vault/consent.ts'
import type { Vault } from '../vault/vault.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Transport } from '../ports/transport.ts'
import type { CircuitBreaker } from '../resilience/circuit.ts'
import type { Lifetime } from './lifetime.ts'
import type { Policies } from './policies.ts'
import type { RuntimeEvents } from './runtime-events.ts'

/** What the stages of one connector stand on. They are made once for it, and keep what they remember in here. */
export interface ConnectorContext {
  readonly serverId: string
  readonly profile: Profile
  readonly baseUrl: (settings: object) => string
  /** The composition's settings with the connection's over them; not a promise where they are at hand. */
  readonly settings: (connection: Connection) => object | Promise<object>
  readonly allowPrivateHosts: readonly string[] | undefined
  readonly policies: Policies
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly transport: Transport
  readonly vault: Vault
  /** How people are asked to agree; undefined where the strategy needs nobody's consent. */
  readonly consent: (() => Promise<Consent>) | undefined
  /** The connectors of this client whose grants lie in the same group as this one's. */
  readonly shareOf: (group: string) => readonly string[]
  readonly lifetime: Lifetime
  readonly circuit: CircuitBreaker
  /** Tells the host's listeners; costs nothing while nobody listens. */
  emit<E extends keyof RuntimeEvents>(event: E, data: () => RuntimeEvents[E]): void
}
