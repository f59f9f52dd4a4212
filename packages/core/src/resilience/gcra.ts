import { ConnectorError } from '../errors/connector-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { Barrier } from './barrier.ts'
import { cell, KeyedRows } from './keyed-rows.ts'

/** So many requests (or points) in so many milliseconds. */
export interface RateLimit {
  readonly requests: number
  readonly perMs: number
  /** How many may go at once after a pause. Absent: as many as `requests`; 1 spaces them evenly. */
  readonly burst?: number | undefined
}

/** One of several limits on one call. */
export interface RateEntry {
  /** Names the bucket. A bucket has one limit, and stands once in a list of entries. */
  readonly key: string
  readonly limit: RateLimit
  readonly cost: number
}

/** Sums of emission intervals round; a microsecond early is not early. It never adds up: what is kept is exact. */
const ROUNDING_MS = 1e-3
const DEFAULT_IDLE_MS = 60_000

/**
 * @throws ConnectorError CONFIGURATION_ERROR for a limit that means nothing; call it where limits are declared
 */
export function checkRateLimit(limit: RateLimit): void {
  const { requests, perMs, burst = requests } = limit
  if (requests > 0 && perMs > 0 && burst >= 1 && Number.isFinite(requests + perMs + burst)) return
  throw new ConnectorError(
    'CONFIGURATION_ERROR',
    `A rate limit of ${String(requests)} requests per ${String(perMs)} ms, burst ${String(burst)}, cannot work.`,
    { hint: 'Give requests and perMs greater than 0, and a burst of at least 1.' },
  )
}

/**
 * A token bucket for each key, kept as one number: the time at which the bucket will be full again (the generic cell
 * rate algorithm, ITU-T I.371). Exact, without a timer and without a window's edge.
 *
 * Times are monotonic milliseconds, read once by the caller. A bucket that is full again is forgotten.
 */
export class Gcra {
  readonly #name: string
  readonly #rows: KeyedRows

  /**
   * @param options.name sets the waiting rooms of this limiter apart from those of another at the same gate
   * @param options.idleMs milliseconds after which a full bucket may be forgotten; default a minute
   */
  constructor(options: {
    readonly clock: Pick<Clock, 'monotonic'>
    readonly name?: string | undefined
    readonly idleMs?: number | undefined
  }) {
    this.#name = options.name ?? ''
    this.#rows = new KeyedRows({
      width: 1,
      clock: options.clock,
      idleMs: options.idleMs ?? DEFAULT_IDLE_MS,
      isIdle: (data, offset, nowMs) => cell(data, offset) <= nowMs,
    })
  }

  /** How many buckets are remembered. */
  get size(): number {
    return this.#rows.size
  }

  /**
   * Takes `cost` from the bucket of `key` and answers 0; or takes nothing and answers the milliseconds to wait.
   * @throws ConnectorError CONFIGURATION_ERROR if `cost` is more than the bucket holds
   */
  admit(key: string, limit: RateLimit, cost: number, nowMs: number): number {
    const rows = this.#rows
    const offset = rows.rowOf(key, nowMs)
    const full = cell(rows.data, offset)
    const wait = waitOf(full, limit, cost, 0, nowMs)
    if (wait === 0) rows.data[offset] = fullAfter(full, limit, cost, nowMs)
    return wait
  }

  /**
   * What `admit` would answer, taking nothing.
   * @param ahead cost that will be taken before this one
   */
  peek(key: string, limit: RateLimit, cost: number, nowMs: number, ahead = 0): number {
    const offset = this.#rows.find(key)
    return waitOf(offset < 0 ? 0 : cell(this.#rows.data, offset), limit, cost, ahead, nowMs)
  }

  /** Takes from every bucket and answers 0; or takes from none and answers the longest wait. */
  admitAll(entries: readonly RateEntry[], nowMs: number): number {
    let longest = 0
    for (const { key, limit, cost } of entries) longest = Math.max(longest, this.peek(key, limit, cost, nowMs))
    if (longest === 0) for (const { key, limit, cost } of entries) this.admit(key, limit, cost, nowMs)
    return longest
  }

  /** The bucket of `key` as something to wait for at a gate. */
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

function waitOf(full: number, limit: RateLimit, cost: number, ahead: number, nowMs: number): number {
  const burst = limit.burst ?? limit.requests
  if (cost > burst) throw neverAdmitted(cost, burst)
  const interval = limit.perMs / limit.requests
  const wait = Math.max(full, nowMs) + (cost + ahead - burst) * interval - nowMs
  return wait > ROUNDING_MS ? wait : 0
}

const fullAfter = (full: number, limit: RateLimit, cost: number, nowMs: number): number =>
  Math.max(full, nowMs) + cost * (limit.perMs / limit.requests)

const neverAdmitted = (cost: number, burst: number): ConnectorError =>
  new ConnectorError(
    'CONFIGURATION_ERROR',
    `A call that costs ${String(cost)} can never pass a limit that holds ${String(burst)}.`,
    { hint: 'Split the call, or declare a larger burst.' },
  )
