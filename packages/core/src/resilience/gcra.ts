import { ConnectorError } from '../errors/connector-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { Barrier } from './barrier.ts'
import { KeyedRows } from './keyed-rows.ts'

/** A number of requests (or points) per period. */
export interface RateLimit {
  readonly requests: number
  readonly perMs: number
  /**
   * Number of requests that can be sent at once after a pause. 1 spaces them evenly.
   * @default requests
   */
  readonly burst?: number | undefined
}

/** Tolerance for rounding in sums of emission intervals. It does not add up, because the stored time is exact. */
const ROUNDING_MS = 1e-3
const DEFAULT_IDLE_MS = 60_000

/**
 * Validates a limit. Call it where limits are declared.
 * @throws ConnectorError CONFIGURATION_ERROR for an invalid limit
 */
export function checkRateLimit(limit: RateLimit): void {
  const { requests, perMs, burst = requests } = limit
  if (requests > 0 && perMs > 0 && burst >= 1 && Number.isFinite(requests + perMs + burst)) return
  throw new ConnectorError(
    'CONFIGURATION_ERROR',
    `The rate limit ${String(requests)} per ${String(perMs)} ms, burst ${String(burst)}, is invalid.`,
    { hint: 'Set requests and perMs above 0, and burst to at least 1.' },
  )
}

/**
 * A token bucket per key, stored as one number: the time at which the bucket is full again (generic cell rate algorithm,
 * ITU-T I.371). It is exact, and needs neither a timer nor a window.
 *
 * Times are monotonic milliseconds, read once by the caller. Full buckets are dropped.
 */
export class Gcra {
  readonly #name: string
  readonly #rows: KeyedRows<'fullAt'>

  /**
   * @param options.name separates the waiting rooms of this limiter from those of another at the same gate
   * @param options.idleMs milliseconds after which a full bucket can be dropped. @default 60_000
   */
  constructor(options: {
    readonly clock: Pick<Clock, 'monotonic'>
    readonly name?: string | undefined
    readonly idleMs?: number | undefined
  }) {
    this.#name = options.name ?? ''
    this.#rows = new KeyedRows({
      cells: { fullAt: 0 },
      clock: options.clock,
      idleMs: options.idleMs ?? DEFAULT_IDLE_MS,
      isIdle: ({ fullAt }, row, nowMs) => fullAt.get(row) <= nowMs,
    })
  }

  /** Number of buckets in memory. */
  get size(): number {
    return this.#rows.size
  }

  /**
   * Takes `cost` from the bucket of `key` and returns 0, or takes nothing and returns the milliseconds to wait.
   * @throws ConnectorError CONFIGURATION_ERROR if `cost` is more than the bucket holds
   */
  admit(key: string, limit: RateLimit, cost: number, nowMs: number): number {
    const { fullAt } = this.#rows.columns
    const row = this.#rows.rowOf(key, nowMs)
    const full = fullAt.get(row)
    const wait = waitOf(full, limit, cost, 0, nowMs)
    if (wait === 0) fullAt.set(row, fullAfter(full, limit, cost, nowMs))
    return wait
  }

  /**
   * Returns what `admit` would return, without taking anything.
   * @param ahead cost that will be taken first
   */
  peek(key: string, limit: RateLimit, cost: number, nowMs: number, ahead = 0): number {
    const row = this.#rows.find(key)
    return waitOf(row < 0 ? 0 : this.#rows.columns.fullAt.get(row), limit, cost, ahead, nowMs)
  }

  /** Returns a barrier that opens when the bucket of `key` holds `cost`. */
  barrier(key: string, limit: RateLimit, cost = 1): Barrier {
    return new RateBarrier(this, this.#name, key, limit, cost)
  }
}

class RateBarrier implements Barrier {
  readonly cost: number
  readonly #gcra: Gcra
  readonly #name: string
  readonly #key: string
  readonly #limit: RateLimit

  constructor(gcra: Gcra, name: string, key: string, limit: RateLimit, cost: number) {
    this.cost = cost
    this.#gcra = gcra
    this.#name = name
    this.#key = key
    this.#limit = limit
  }

  get room(): string {
    return `rate ${this.#name} ${this.#key}`
  }

  waitMs(ahead: number, nowMs: number): number {
    return this.#gcra.peek(this.#key, this.#limit, this.cost, nowMs, ahead)
  }

  take(nowMs: number): void {
    this.#gcra.admit(this.#key, this.#limit, this.cost, nowMs)
  }
}

function waitOf(fullAt: number, limit: RateLimit, cost: number, ahead: number, nowMs: number): number {
  const burst = limit.burst ?? limit.requests
  if (cost > burst) throw neverAdmitted(cost, burst)
  const interval = limit.perMs / limit.requests
  const wait = Math.max(fullAt, nowMs) + (cost + ahead - burst) * interval - nowMs
  return wait > ROUNDING_MS ? wait : 0
}

const fullAfter = (fullAt: number, limit: RateLimit, cost: number, nowMs: number): number =>
  Math.max(fullAt, nowMs) + cost * (limit.perMs / limit.requests)

const neverAdmitted = (cost: number, burst: number): ConnectorError =>
  new ConnectorError(
    'CONFIGURATION_ERROR',
    `A call of cost ${String(cost)} exceeds the limit's burst ${String(burst)}.`,
    { hint: 'Split the call, or declare a larger burst.' },
  )
