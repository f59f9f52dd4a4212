import type { Clock } from '../ports/clock.ts'
import { KeyedRows } from './keyed-rows.ts'
import { PackedWindow } from './packed-window.ts'

const BUCKET_MS = 2000
/** Calls count over at most 10 s. */
const CALL_BUCKETS = 5
/** Retries count over at least 10 s, so that the ratio holds for every span of 10 s. */
const RETRY_BUCKETS = CALL_BUCKETS + 1
const DEFAULT_IDLE_MS = 60_000

export interface RetryBudgetOptions {
  readonly clock: Pick<Clock, 'monotonic'>
  /**
   * Retries allowed for each call of the last 10 s.
   * @default 0.1
   */
  readonly ratio?: number | undefined
  /**
   * Retries per second, averaged over 10 s, that are always allowed. Serves keys with few calls.
   * @default 3
   */
  readonly minimumPerSecond?: number | undefined
}

/**
 * Limits retries, so that they do not multiply the load on a failing provider. For each key and any 10 s: at most a tenth
 * as many retries as calls, or 3 per second, whichever is more.
 */
export class RetryBudget {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #ratio: number
  readonly #minimumPerBucket: number
  readonly #minimum: number
  readonly #rows: KeyedRows<never>
  /** Calls first, retries second. */
  readonly #window: PackedWindow

  constructor(options: RetryBudgetOptions) {
    this.#clock = options.clock
    this.#ratio = options.ratio ?? 0.1
    this.#minimumPerBucket = ((options.minimumPerSecond ?? 3) * BUCKET_MS) / 1000
    this.#minimum = this.#minimumPerBucket * CALL_BUCKETS
    this.#rows = new KeyedRows({
      cells: {},
      width: PackedWindow.widthOf(RETRY_BUCKETS),
      clock: options.clock,
      idleMs: DEFAULT_IDLE_MS,
    })
    this.#window = new PackedWindow(this.#rows, { cell: 0, buckets: RETRY_BUCKETS, bucketMs: BUCKET_MS })
  }

  /** Records the first attempt of a call. Do not record retries. */
  deposit(key: string, nowMs: number = this.#clock.monotonic()): void {
    this.#window.addFirst(this.#rows.rowOf(key, nowMs), nowMs)
  }

  /**
   * Returns whether one more retry is allowed, and counts it if so.
   * @param keys every key that must allow it, such as the connection and the connector: all are counted, or none
   */
  withdraw(...keys: readonly string[]): boolean {
    const nowMs = this.#clock.monotonic()
    if (!keys.every((key) => this.#allows(key, nowMs))) return false
    for (const key of keys) this.#window.addSecond(this.#rows.rowOf(key, nowMs), nowMs)
    return true
  }

  #allows(key: string, nowMs: number): boolean {
    const row = this.#rows.rowOf(key, nowMs)
    const retries = this.#window.counts(row, nowMs).second + 1
    if (retries <= this.#window.counts(row, nowMs, CALL_BUCKETS).first * this.#ratio) return true
    return retries <= this.#minimum && this.#window.counts(row, nowMs, 1).second + 1 <= this.#minimumPerBucket
  }
}
