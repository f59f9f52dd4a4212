import { isValid, renewAt } from '../../src/vault/renewal/refresh-timing.ts'
import type { ConnectionRecord } from '../../src/vault/connection-record.ts'
import { isInService, type Row } from '../../src/vault/renewal/renewal-context.ts'
import { count } from './counts.ts'
import type { Plan } from './plan.ts'
import { PLACE } from './unreliable-store.ts'
import type { Verdict } from './verdict.ts'
import type { VirtualTime } from './virtual-time.ts'
import type { Worker } from './worker.ts'

/** The maximum wait in a row that is followed: an hour, and five minutes between two clocks. */
export const MAX_WAIT_MS = 65 * 60_000

/** Checks that no worker takes a lease too early, and that a worker that reads a due grant refreshes it. */
export class LeaseWatch {
  readonly #plan: Plan
  readonly #time: VirtualTime
  readonly #verdict: Verdict
  /** The time at which the lease in the row was written. */
  #leasedAt = -Infinity
  /** The time of the last takeover that was too early, because of a clock beyond the tolerance of leases. */
  strayTakeoverAt = -Infinity
  #holder: Worker | undefined
  readonly #leases = new Map<Worker, number>()
  /** The due grant that each worker has read. */
  readonly #duties = new Map<Worker, { readonly token: string; readonly since: number }>()
  /** The workers that have done their part in the running refresh, or were prevented by a fault. */
  readonly #excused = new Set<Worker>()

  constructor(plan: Plan, time: VirtualTime, verdict: Verdict) {
    this.#plan = plan
    this.#time = time
    this.#verdict = verdict
  }

  /** Returns the time at which this worker's lease was written. */
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
      const isLapsed = ageMs >= this.#plan.timing.leaseMs
      const isStray = worker.wasStray || this.#holder?.wasStray === true
      if (!isLapsed && isStray) {
        this.strayTakeoverAt = this.#time.now
        count(this.#verdict.counts, 'leases taken by wrong clocks')
      }
      this.#verdict.check(
        'leases_are_respected',
        isLapsed || isStray,
        () => `${worker.id} took the lease of ${before.lease?.owner}, which was ${ageMs} ms old`,
      )
    }
    this.#verdict.check(
      'leases_are_respected',
      lease.owner === worker.id,
      () => `${worker.id} took a lease for another worker`,
    )
    this.#leasedAt = this.#time.now
    this.#leases.set(worker, this.#time.now)
    this.#holder = worker
  }

  // ------------------------------------------------------------------------------------------ due grants

  didRead(worker: Worker, row: Row | undefined): void {
    const token = row?.record.grant?.refreshToken
    if (token !== undefined && !this.#excused.has(worker) && this.#shouldRefresh(worker, row?.record))
      this.#duties.set(worker, { token, since: this.#time.now })
    else this.#duties.delete(worker)
  }

  excuse(worker: Worker): void {
    this.#duties.delete(worker)
    this.#excused.add(worker)
  }

  renewalEnded(worker: Worker): void {
    const duty = this.#duties.get(worker)
    this.#duties.delete(worker)
    this.#excused.delete(worker)
    this.#verdict.check(
      'due_grants_are_refreshed',
      duty === undefined || !worker.alive || worker.jumpedAt >= duty.since,
      () => `${worker.id} read that ${duty?.token} is due, and did not refresh it`,
    )
  }

  /** Returns whether a wait applies. A time further ahead than any wait was written by a wrong clock. */
  #mustWait(retryAt: number | undefined, now: number): boolean {
    return retryAt !== undefined && now < retryAt && retryAt - now <= MAX_WAIT_MS
  }

  /** Returns whether the worker should refresh the grant now, by its own clock. */
  #shouldRefresh(worker: Worker, record: ConnectionRecord | undefined): boolean {
    const { grant, lease, trouble, unresolved } = record ?? {}
    if (record === undefined || grant === undefined || lease !== undefined || !isInService(record)) return false
    if (worker.committing !== undefined || worker.uncommitted !== undefined) return false
    // A worker whose refused token was another one uses this one.
    if (worker.cause?.kind === 'refused' && worker.cause.accessToken !== grant.accessToken) return false
    const now = worker.clock.now()
    if (now < renewAt(grant, PLACE) || this.#mustWait(trouble?.retryAt, now)) return false
    const refusedFresh = record.refusedFresh?.generation === (record.generation ?? 0)
    if (refusedFresh && worker.cause?.kind === 'refused' && isValid(grant, now)) return false
    const mayWait = this.#plan.model.name === 'strict' && unresolved !== undefined && isValid(grant, now)
    return !mayWait
  }
}
