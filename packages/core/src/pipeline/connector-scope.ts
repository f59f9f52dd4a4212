import type { Attempt, Call, Connection } from '../connector/call.ts'
import type { Profile } from '../connector/profile.ts'
import type { Consent } from '../credentials/consent.ts'
import type { Vault } from '../credentials/vault.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Transport } from '../ports/transport.ts'
import type { CircuitBreaker } from '../resilience/circuit.ts'
import type { Lifetime } from './lifetime.ts'
import type { Permissions } from './permit.ts'
import type { RuntimeEvents } from './runtime-events.ts'

/** What the stages of one connector stand on. They are made once for it, and keep what they remember in here. */
export interface ConnectorScope {
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

/** What a host decides for all its connectors, with every default filled in. Durations are milliseconds. */
export interface Policies {
  readonly permissions: Permissions | undefined
  readonly retry: RetryPolicy
  readonly timeouts: TimeoutPolicy
  readonly limits: LimitPolicy
  readonly breaker: BreakerPolicy
  /** Bytes of an answer that are read at most; a longer one is an error, not a crash. */
  readonly maxResponseBytes: number
}

export interface RetryPolicy {
  /** Times that a request is sent at most, the first one included. */
  readonly attempts: number
  /** The longest wait before the first retry; it doubles with each. The wait itself is drawn at random below it. */
  readonly baseMs: number
  readonly maxMs: number
}

export interface TimeoutPolicy {
  /** For one call, waiting and retries included. */
  readonly callMs: number
  /** For one request. */
  readonly requestMs: number
}

export interface LimitPolicy {
  /** What a request does that a limit has no room for: wait its turn, or fail at once with `retryAfterMs`. */
  readonly whenLimited: 'wait' | 'refuse'
  /** The longest wait; one that would take longer fails at once. */
  readonly maxWaitMs: number
}

export interface BreakerPolicy {
  /** The window that is looked at. */
  readonly windowMs: number
  /** Calls in the window before it may open. */
  readonly minimumCalls: number
  /** The share of failures, 0 to 1, at which it opens. */
  readonly failureRate: number
  /** How long it stays open before probes are let through; doubles, up to `maxOpenMs`, each time they fail. */
  readonly openMs: number
  readonly maxOpenMs: number
  /** How many probes are let through; the rest is refused at once. */
  readonly probes: number
}

export const defaultPolicies: Policies = {
  permissions: undefined,
  retry: { attempts: 3, baseMs: 500, maxMs: 20_000 },
  timeouts: { callMs: 120_000, requestMs: 30_000 },
  limits: { whenLimited: 'wait', maxWaitMs: 60_000 },
  breaker: { windowMs: 10_000, minimumCalls: 10, failureRate: 0.5, openMs: 10_000, maxOpenMs: 60_000, probes: 1 },
  maxResponseBytes: 16 * 1024 * 1024,
}

/** Milliseconds left until the call must have ended. */
export const timeLeft = (call: Call, clock: Clock): number => call.deadline - clock.monotonic()

/** What names an attempt in an event: never its input, never its answer. */
export const aboutAttempt = ({ call, request, number }: Attempt) => ({
  serverId: call.serverId,
  toolName: call.toolName,
  tenant: call.principal.tenant,
  connection: call.connection.name,
  requestId: call.requestId,
  method: request.method,
  attempt: number,
})
