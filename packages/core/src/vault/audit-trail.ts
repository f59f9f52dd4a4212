import type { AuditEntry, AuditSink } from '../ports/audit-sink.ts'
import type { Clock } from '../ports/clock.ts'
import { sleep } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import { redactText } from '../redaction/redact-text.ts'

/** An entry before it has a time and a fingerprint. */
export interface AuditFacts extends Omit<AuditEntry, 'at' | 'fingerprint'> {
  readonly fingerprint?: Promise<string | undefined> | undefined
  /** Secrets to redact in the reason. */
  readonly secrets?: readonly string[] | undefined
}

const MAX_REASON_LENGTH = 200
/** The longest that closing a client waits for a sink. */
const CLOSING_MS = 5000

/** Builds entries from named fields only, so that no other value gets in, and passes them to the sink in order. */
export class AuditTrail {
  readonly wantsUse: boolean
  readonly #sink: AuditSink
  readonly #clock: Clock
  readonly #logger: Logger
  #last: Promise<void> = Promise.resolve()
  readonly #pending = new Set<Promise<void>>()

  constructor(sink: AuditSink, clock: Clock, logger: Logger) {
    this.#sink = sink
    this.#clock = clock
    this.#logger = logger
    this.wantsUse = sink.wantsUse === true
  }

  /** Passes an entry to the sink. Never rejects, and does not wait for what the sink does with it. */
  record(facts: AuditFacts): Promise<void> {
    const at = new Date(this.#clock.now()).toISOString()
    const { operation, outcome, actor, serverId, tenant, connection, reason, requestId, secrets = [] } = facts
    // The fingerprint takes a moment, and a later entry must not overtake this one.
    this.#last = this.#last.then(async () => {
      this.#pass({
        at,
        operation,
        outcome,
        actor: actor && { tenant: actor.tenant, user: actor.user, agent: actor.agent },
        serverId,
        tenant,
        connection,
        fingerprint: await facts.fingerprint?.catch(() => undefined),
        reason: reason && redactText(reason, secrets).slice(0, MAX_REASON_LENGTH),
        requestId,
      })
    })
    return this.#last
  }

  /** Resolves when the sink has handled all entries, or after a timeout. */
  async settled(): Promise<void> {
    await this.#last
    if (this.#pending.size === 0) return
    const patience = new AbortController()
    const late = sleep(this.#clock, CLOSING_MS, patience.signal).then(() => {
      this.#logger.warn({ entries: this.#pending.size }, 'The audit sink did not finish in time.')
    })
    await Promise.race([Promise.all(this.#pending), late.catch(() => undefined)])
    patience.abort()
  }

  #pass(entry: AuditEntry): void {
    const { operation, serverId, tenant } = entry
    const fail = (error: unknown) => {
      this.#logger.warn({ operation, serverId, tenant, error }, 'The audit sink did not take an entry.')
    }
    try {
      const taking = this.#sink.record(entry)
      if (taking === undefined) return
      const taken: Promise<void> = Promise.resolve(taking)
        .catch(fail)
        .finally(() => this.#pending.delete(taken))
      this.#pending.add(taken)
    } catch (error) {
      fail(error)
    }
  }
}
