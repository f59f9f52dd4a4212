import { isValid, renewAt } from '../../src/credentials/renewal/refresh-timing.ts'
import type { ConnectionRecord } from '../../src/credentials/connection-record.ts'
import { isInService, type Row } from '../../src/credentials/renewal/renewal-world.ts'
import { count } from './counts.ts'
import type { Plan } from './plan.ts'
import { PLACE } from './store-wire.ts'
import type { Verdict } from './verdict.ts'
import type { VirtualTime } from './virtual-time.ts'
import type { Worker } from './worker.ts'

/** Watches who is at the grant: that nobody takes a lease too early, and that nobody passes up what waits for him. */
export class LeaseWatch {
  readonly #plan: Plan
  readonly #time: VirtualTime
  readonly #verdict: Verdict
  /** When the lease in the row was written. */
  #leasedAt = -Infinity
  readonly #leases = new Map<Worker, number>()
  /** What a worker has seen that it should renew. */
  readonly #duties = new Map<Worker, string>()
  /** Who has done its part in the renewal that is under way, or was kept from it by a fault. */
  readonly #excused = new Set<Worker>()

  constructor(plan: Plan, time: VirtualTime, verdict: Verdict) {
    this.#plan = plan
    this.#time = time
    this.#verdict = verdict
  }

  /** When this worker's lease was written. */
  leasedAt(worker: Worker): number {
    return this.#leases.get(worker) ?? -Infinity
  }

  get ageMs(): number {
    return this.#time.now - this.#leasedAt
  }

  forced(): void {
    this.#leasedAt = -Infinity
  }

  wrote(worker: Worker, before: ConnectionRecord, after: ConnectionRecord): void {
    const { lease } = after
    if (lease === undefined || (lease.owner === before.lease?.owner && lease.until === before.lease.until)) return
    if (before.lease !== undefined && before.lease.owner !== worker.id) {
      count(this.#verdict.counts, 'leases taken over')
      const { ageMs } = this
      this.#verdict.check(
        'leases_are_respected',
        ageMs >= this.#plan.timing.leaseMs,
        () => `${worker.id} took the lease of ${before.lease?.owner}, which was ${ageMs} ms old`,
      )
    }
    this.#verdict.check(
      'leases_are_respected',
      lease.owner === worker.id,
      () => `${worker.id} took a lease for another`,
    )
    this.#leasedAt = this.#time.now
    this.#leases.set(worker, this.#time.now)
  }

  // ------------------------------------------------------------------------------------------ what should be done

  looked(worker: Worker, row: Row | undefined): void {
    const token = row?.record.grant?.refreshToken
    if (token !== undefined && !this.#excused.has(worker) && this.#isUpTo(worker, row?.record))
      this.#duties.set(worker, token)
    else this.#duties.delete(worker)
  }

  excuse(worker: Worker): void {
    this.#duties.delete(worker)
    this.#excused.add(worker)
  }

  renewalEnded(worker: Worker): void {
    const token = this.#duties.get(worker)
    this.#duties.delete(worker)
    this.#excused.delete(worker)
    this.#verdict.check(
      'no_idle_look',
      token === undefined || !worker.alive,
      () => `${worker.id} saw that ${token} is due, and did nothing`,
    )
  }

  /** Whether nothing speaks against renewing the grant now, on the worker's own clock. */
  #isUpTo(worker: Worker, record: ConnectionRecord | undefined): boolean {
    const { grant, lease, trouble, unresolved } = record ?? {}
    if (record === undefined || grant === undefined || lease !== undefined || !isInService(record)) return false
    if (worker.landing !== undefined || worker.unsaved !== undefined) return false
    // Who comes because another token was refused is content with this one.
    if (worker.cause?.kind === 'refused' && worker.cause.accessToken !== grant.accessToken) return false
    const now = worker.clock.now()
    if (now < renewAt(grant, PLACE) || now < (trouble?.retryAt ?? -Infinity)) return false
    const mayWait = this.#plan.model.name === 'strict' && unresolved !== undefined && isValid(grant, now)
    return !mayWait
  }
}
