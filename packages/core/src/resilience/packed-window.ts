import { cell } from './keyed-rows.ts'

/** Two counts share a number: the second is stored times this. Either may come to 67 million a bucket. */
const SECOND = 2 ** 26

/**
 * A sliding time window of two counts, as columns of a row: the number of the newest bucket, then a ring of buckets.
 * It is moved on only when somebody counts or looks, so after an idle hour it is empty, without any timer.
 */
export class PackedWindow {
  /** Columns that it takes. */
  readonly width: number
  readonly #column: number
  readonly #buckets: number
  readonly #bucketMs: number

  /**
   * @param options.column the first of its columns in the row
   * @param options.buckets how many buckets; the window ends now and begins with the oldest bucket
   * @param options.bucketMs length of a bucket in milliseconds
   */
  constructor(options: { readonly column: number; readonly buckets: number; readonly bucketMs: number }) {
    this.width = options.buckets + 1
    this.#column = options.column
    this.#buckets = options.buckets
    this.#bucketMs = options.bucketMs
  }

  countFirst(data: Float64Array, offset: number, nowMs: number): void {
    const newest = this.#moveOn(data, offset, nowMs)
    data[newest] = cell(data, newest) + 1
  }

  countSecond(data: Float64Array, offset: number, nowMs: number): void {
    const newest = this.#moveOn(data, offset, nowMs)
    data[newest] = cell(data, newest) + SECOND
  }

  /** The first count, over the newest `buckets` buckets. */
  first(data: Float64Array, offset: number, nowMs: number, buckets: number = this.#buckets): number {
    return this.#sum(data, offset, nowMs, buckets) % SECOND
  }

  /** The second count, over the newest `buckets` buckets. */
  second(data: Float64Array, offset: number, nowMs: number, buckets: number = this.#buckets): number {
    return Math.floor(this.#sum(data, offset, nowMs, buckets) / SECOND)
  }

  /** Forgets every count. */
  clear(data: Float64Array, offset: number): void {
    const start = offset + this.#column
    data.fill(0, start, start + this.width)
  }

  #sum(data: Float64Array, offset: number, nowMs: number, buckets: number): number {
    this.#moveOn(data, offset, nowMs)
    const start = offset + this.#column
    const newest = cell(data, start)
    let sum = 0
    for (let age = 0; age < buckets; age += 1)
      sum += cell(data, start + 1 + ((newest + this.#buckets - age) % this.#buckets))
    return sum
  }

  /** Empties the buckets that have left the window since the last time; answers where the newest is. */
  #moveOn(data: Float64Array, offset: number, nowMs: number): number {
    const start = offset + this.#column
    const now = Math.floor(nowMs / this.#bucketMs)
    const newest = cell(data, start)
    if (now > newest) {
      for (let bucket = Math.max(newest, now - this.#buckets) + 1; bucket <= now; bucket += 1) {
        data[start + 1 + (bucket % this.#buckets)] = 0
      }
      data[start] = now
    }
    return start + 1 + (Math.max(now, newest) % this.#buckets)
  }
}
