import type { Clock } from '../ports/clock.ts'
import { KeyedRows } from './keyed-rows.ts'
import { PackedWindow } from './packed-window.ts'

const BUCKET_MS = 2000
/** Calls are counted over at most 10 s. */
const CALL_BUCKETS = 5
/** Retries are counted over at least 10 s, so that the share holds for any 10 s, wherever they begin. */
const RETRY_BUCKETS = CALL_BUCKETS + 1
const DEFAULT_IDLE_MS = 60_000

export interface RetryBudgetOptions {
  readonly clock: Pick<Clock, 'monotonic'>
  /** Retries allowed for each call of the last 10 s. Default 0.1. */
  readonly ratio?: number | undefined
  /** Retries a second, on average over 10 s, that are always allowed, for keys with few calls. Default 3. */
  readonly minimumPerSecond?: number | undefined
}

/**
 * Keeps retries from doubling the load on a provider that is down: for each key, at most a tenth as many retries as
 * calls over any 10 s, or 3 a second, whichever is more.
 */
export class RetryBudget {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #ratio: number
  readonly #minimumPerBucket: number
  readonly #minimum: number
  readonly #rows: KeyedRows
  /** Calls first, retries second. */
  readonly #window = new PackedWindow({ column: 0, buckets: RETRY_BUCKETS, bucketMs: BUCKET_MS })

  constructor(options: RetryBudgetOptions) {
    this.#clock = options.clock
    this.#ratio = options.ratio ?? 0.1
    this.#minimumPerBucket = ((options.minimumPerSecond ?? 3) * BUCKET_MS) / 1000
    this.#minimum = this.#minimumPerBucket * CALL_BUCKETS
    this.#rows = new KeyedRows({ width: this.#window.width, clock: options.clock, idleMs: DEFAULT_IDLE_MS })
  }

  /** A call begins, for the first time. Retries are not deposited. */
  deposit(key: string, nowMs: number = this.#clock.monotonic()): void {
    const offset = this.#rows.rowOf(key, nowMs)
    this.#window.countFirst(this.#rows.data, offset, nowMs)
  }

  /**
   * Whether there may be one more retry; if so, it is counted.
   * @param keys every key that must allow it, such as the connection and the connector: all are counted, or none
   */
  withdraw(...keys: readonly string[]): boolean {
    const nowMs = this.#clock.monotonic()
    if (!keys.every((key) => this.#allows(key, nowMs))) return false
    for (const key of keys) {
      const offset = this.#rows.rowOf(key, nowMs)
      this.#window.countSecond(this.#rows.data, offset, nowMs)
    }
    return true
  }

  #allows(key: string, nowMs: number): boolean {
    const offset = this.#rows.rowOf(key, nowMs)
    const { data } = this.#rows
    const retries = this.#window.second(data, offset, nowMs) + 1
    if (retries <= this.#window.first(data, offset, nowMs, CALL_BUCKETS) * this.#ratio) return true
    return retries <= this.#minimum && this.#window.second(data, offset, nowMs, 1) + 1 <= this.#minimumPerBucket
  }
}
