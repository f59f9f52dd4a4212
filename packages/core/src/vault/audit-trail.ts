import type { AuditEntry, AuditSink } from '../ports/audit-sink.ts'
import type { Clock } from '../ports/clock.ts'
import { sleep } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import { redactText } from '../redaction/redact-text.ts'

/** An entry before it has a time and a fingerprint. */
export interface AuditFacts extends Omit<AuditEntry, 'at' | 'fingerprint'> {
  readonly fingerprint?: Promise<string | undefined> | undefined
  /** Taken out of the reason, should anybody have put one in. */
  readonly secrets?: readonly string[] | undefined
}

const LONGEST_REASON = 200
/** For so long closing a client waits for a sink. */
const CLOSING_MS = 5000

/** Writes entries out of named fields, so that nothing gets in which has no name, and hands them over in their order. */
export class AuditTrail {
  readonly wantsUse: boolean
  readonly #sink: AuditSink
  readonly #clock: Clock
  readonly #logger: Logger
  #last: Promise<void> = Promise.resolve()
  readonly #underWay = new Set<Promise<void>>()

  constructor(sink: AuditSink, clock: Clock, logger: Logger) {
    this.#sink = sink
    this.#clock = clock
    this.#logger = logger
    this.wantsUse = sink.wantsUse === true
  }

  /** Never rejects. Resolves once the sink has been told; what the sink does with it is not waited for. */
  record(facts: AuditFacts): Promise<void> {
    const at = new Date(this.#clock.now()).toISOString()
    const { operation, outcome, actor, serverId, tenant, connection, reason, requestId, secrets = [] } = facts
    // The fingerprint takes a moment, and nothing that happened later may be told of first.
    this.#last = this.#last.then(async () => {
      this.#hand({
        at,
        operation,
        outcome,
        actor: actor && { tenant: actor.tenant, user: actor.user, agent: actor.agent },
        serverId,
        tenant,
        connection,
        fingerprint: await facts.fingerprint?.catch(() => undefined),
        reason: reason && redactText(reason, secrets).slice(0, LONGEST_REASON),
        requestId,
      })
    })
    return this.#last
  }

  /** Resolves when the sink is done with what it was told, or has taken too long. */
  async settled(): Promise<void> {
    await this.#last
    if (this.#underWay.size === 0) return
    const patience = new AbortController()
    const late = sleep(this.#clock, CLOSING_MS, patience.signal).then(() => {
      this.#logger.warn({ entries: this.#underWay.size }, 'The audit sink did not finish in time.')
    })
    await Promise.race([Promise.all(this.#underWay), late.catch(() => undefined)])
    patience.abort()
  }

  #hand(entry: AuditEntry): void {
    const { operation, serverId, tenant } = entry
    const fail = (error: unknown) => {
      this.#logger.warn({ operation, serverId, tenant, error }, 'The audit sink did not take an entry.')
    }
    try {
      const taking = this.#sink.record(entry)
      if (taking === undefined) return
      const taken: Promise<void> = Promise.resolve(taking)
        .catch(fail)
        .finally(() => this.#underWay.delete(taken))
      this.#underWay.add(taken)
    } catch (error) {
      fail(error)
    }
  }
}
