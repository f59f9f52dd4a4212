import type { Cells } from './keyed-rows.ts'

/** The two counts share a number: the second is stored times this. Each may reach 67 million in a bucket. */
const SECOND = 2 ** 26

/**
 * Two counts over a sliding time window, in neighbouring cells of a row: the number of the newest bucket, then a ring of
 * buckets. The window moves only when it is used, so it needs no timer, and reads as empty after an idle hour.
 */
export class PackedWindow {
  readonly #rows: Cells
  readonly #width: number
  readonly #cell: number
  readonly #buckets: number
  readonly #bucketMs: number

  /** Returns the number of cells that a window takes. */
  static widthOf(buckets: number): number {
    return buckets + 1
  }

  /**
   * @param rows holds the rows
   * @param options.cell the first of its cells in a row
   * @param options.buckets number of buckets; the window reaches back to the start of the oldest
   * @param options.bucketMs length of a bucket in milliseconds
   */
  constructor(rows: Cells, options: { readonly cell: number; readonly buckets: number; readonly bucketMs: number }) {
    this.#rows = rows
    this.#width = rows.width
    this.#cell = options.cell
    this.#buckets = options.buckets
    this.#bucketMs = options.bucketMs
  }

  /** Adds one event to the first count. */
  addFirst(row: number, nowMs: number): void {
    this.#add(row, nowMs, 1)
  }

  /** Adds one event to the second count. */
  addSecond(row: number, nowMs: number): void {
    this.#add(row, nowMs, SECOND)
  }

  /** Returns both counts over the newest `buckets` buckets. */
  counts(
    row: number,
    nowMs: number,
    buckets: number = this.#buckets,
  ): { readonly first: number; readonly second: number } {
    const sum = this.#sum(row, nowMs, buckets)
    const second = Math.floor(sum / SECOND)
    return { first: sum - second * SECOND, second }
  }

  /** Resets both counts. */
  clear(row: number): void {
    const start = row * this.#width + this.#cell
    this.#rows.data.fill(0, start, start + PackedWindow.widthOf(this.#buckets))
  }

  #add(row: number, nowMs: number, amount: number): void {
    const newest = this.#moveTo(row, nowMs)
    const { data } = this.#rows
    data[newest] = (data[newest] as number) + amount
  }

  #sum(row: number, nowMs: number, buckets: number): number {
    const newest = this.#moveTo(row, nowMs)
    const { data } = this.#rows
    const ring = row * this.#width + this.#cell + 1
    let sum = 0
    for (let age = 0, at = newest; age < buckets; age += 1) {
      sum += data[at] as number
      at = at === ring ? ring + this.#buckets - 1 : at - 1
    }
    return sum
  }

  /** Empties the buckets that have left the window since its last use. Returns the cell of the newest bucket. */
  #moveTo(row: number, nowMs: number): number {
    const { data } = this.#rows
    const start = row * this.#width + this.#cell
    const now = Math.floor(nowMs / this.#bucketMs)
    const newest = data[start] as number
    if (now > newest) {
      for (let bucket = Math.max(newest, now - this.#buckets) + 1; bucket <= now; bucket += 1) {
        data[start + 1 + (bucket % this.#buckets)] = 0
      }
      data[start] = now
    }
    return start + 1 + (Math.max(now, newest) % this.#buckets)
  }
}
