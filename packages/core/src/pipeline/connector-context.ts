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

/** The context of the stages of one connector. Stages are created once for each connector. */
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
  /** Emits an event. Calls `data` only if the event has a listener. */
  emit<E extends keyof RuntimeEvents>(event: E, data: () => RuntimeEvents[E]): void
}
