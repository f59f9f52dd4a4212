import type { Connector } from '../connector/connector.ts'
import type { Profile } from '../connector/profile.ts'
import type { Clock } from '../ports/clock.ts'
import type { CredentialSource } from '../ports/credential-source.ts'
import type { Logger } from '../ports/logger.ts'
import type { Transport } from '../ports/transport.ts'
import type { CircuitBreaker } from '../resilience/circuit.ts'
import type { Lifetime } from '../resilience/lifetime.ts'
import type { Policies } from './policies.ts'
import type { RuntimeEvents } from './runtime-events.ts'

/** What the stages of one connector run with. Stages are made once for a connector, and keep their state in here. */
export interface ConnectorContext {
  readonly serverId: string
  readonly connector: Connector
  readonly profile: Profile
  /** Signs requests, and connects accounts. */
  readonly credentials: CredentialSource
  readonly allowPrivateHosts: readonly string[] | undefined
  readonly policies: Policies
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly transport: Transport
  readonly lifetime: Lifetime
  readonly circuit: CircuitBreaker
  /** Emits an event; `data` is called only if somebody listens. */
  emit<E extends keyof RuntimeEvents>(event: E, data: () => RuntimeEvents[E]): void
}
