import { isValid, renewAt } from '../../src/vault/renewal/refresh-timing.ts'
import type { ConnectionRecord } from '../../src/vault/connection-record.ts'
import { isInService, type Row } from '../../src/vault/renewal/renewal-context.ts'
import { count } from './counts.ts'
import type { Plan } from './plan.ts'
import { PLACE } from './store-wire.ts'
import type { Verdict } from './verdict.ts'
import type { VirtualTime } from './virtual-time.ts'
import type { Worker } from './worker.ts'

/** Waits in a row are believed so far ahead: the longest one, an hour, and five minutes between two clocks. */
export const MAX_WAIT_MS = 65 * 60_000

/** Watches who is at the grant: that nobody takes a lease too early, and that nobody passes up what waits for him. */
export class LeaseWatch {
  readonly #plan: Plan
  readonly #time: VirtualTime
  readonly #verdict: Verdict
  /** When the lease in the row was written. */
  #leasedAt = -Infinity
  /** When a process last took over a lease too early, because of a clock that is off by more than leases allow for. */
  strayTakeoverAt = -Infinity
  #holder: Worker | undefined
  readonly #leases = new Map<Worker, number>()
  /** What a worker has seen that it should renew. */
  readonly #duties = new Map<Worker, { readonly token: string; readonly since: number }>()
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
      () => `${worker.id} took a lease for another`,
    )
    this.#leasedAt = this.#time.now
    this.#leases.set(worker, this.#time.now)
    this.#holder = worker
  }

  // ------------------------------------------------------------------------------------------ what should be done

  looked(worker: Worker, row: Row | undefined): void {
    const token = row?.record.grant?.refreshToken
    if (token !== undefined && !this.#excused.has(worker) && this.#isUpTo(worker, row?.record))
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
      'no_idle_look',
      duty === undefined || !worker.alive || worker.jumpedAt >= duty.since,
      () => `${worker.id} saw that ${duty?.token} is due, and did nothing`,
    )
  }

  /** A time that lies further ahead than any wait was written by a clock that is wrong. */
  #mustWait(retryAt: number | undefined, now: number): boolean {
    return retryAt !== undefined && now < retryAt && retryAt - now <= MAX_WAIT_MS
  }

  /** Whether nothing speaks against renewing the grant now, on the worker's own clock. */
  #isUpTo(worker: Worker, record: ConnectionRecord | undefined): boolean {
    const { grant, lease, trouble, unresolved } = record ?? {}
    if (record === undefined || grant === undefined || lease !== undefined || !isInService(record)) return false
    if (worker.landing !== undefined || worker.unsaved !== undefined) return false
    // Who comes because another token was refused is content with this one.
    if (worker.cause?.kind === 'refused' && worker.cause.accessToken !== grant.accessToken) return false
    const now = worker.clock.now()
    if (now < renewAt(grant, PLACE) || this.#mustWait(trouble?.retryAt, now)) return false
    const refusedFresh = record.refusedFresh?.generation === (record.generation ?? 0)
    if (refusedFresh && worker.cause?.kind === 'refused' && isValid(grant, now)) return false
    const mayWait = this.#plan.model.name === 'strict' && unresolved !== undefined && isValid(grant, now)
    return !mayWait
  }
}
