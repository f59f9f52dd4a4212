import type { Clock } from '../ports/clock.ts'
import type { Barrier } from './barrier.ts'

/** Entries checked for each new block. Removes expired ones without a timer. */
const CHECKS_PER_BLOCK = 2

/**
 * The limit scopes that have to wait. A `Retry-After` for one call pauses every call of its scope.
 * Times are monotonic milliseconds.
 */
export class Blocks {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #until = new Map<string, number>()
  #hand = this.#until.entries()

  constructor(options: { readonly clock: Pick<Clock, 'monotonic'> }) {
    this.#clock = options.clock
  }

  /** Number of scopes in memory, including expired ones that were not removed yet. */
  get size(): number {
    return this.#until.size
  }

  /** Blocks `key` until `untilMonotonicMs`. Never shortens a block. */
  block(key: string, untilMonotonicMs: number): void {
    const nowMs = this.#clock.monotonic()
    this.#sweep(nowMs)
    if (untilMonotonicMs > Math.max(this.#until.get(key) ?? 0, nowMs)) this.#until.set(key, untilMonotonicMs)
  }

  /** Returns the milliseconds that `key` still has to wait; 0 if it is not blocked. */
  waitFor(key: string, nowMs: number): number {
    if (this.#until.size === 0) return 0
    const until = this.#until.get(key)
    if (until === undefined) return 0
    if (until > nowMs) return until - nowMs
    this.#until.delete(key)
    return 0
  }

  /** Returns a barrier that opens when the block of `key` ends. */
  barrier(key: string): Barrier {
    return new BlockBarrier(this, key)
  }

  #sweep(nowMs: number): void {
    for (let check = 0; check < CHECKS_PER_BLOCK; check += 1) {
      const next = this.#hand.next()
      if (next.done === true) {
        this.#hand = this.#until.entries()
        return
      }
      const [key, until] = next.value
      if (until <= nowMs) this.#until.delete(key)
    }
  }
}

class BlockBarrier implements Barrier {
  readonly cost = 1
  readonly #blocks: Blocks
  readonly #key: string

  constructor(blocks: Blocks, key: string) {
    this.#blocks = blocks
    this.#key = key
  }

  get room(): string {
    return `block ${this.#key}`
  }

  waitMs(_ahead: number, nowMs: number): number {
    return this.#blocks.waitFor(this.#key, nowMs)
  }

  /** Takes nothing: when the block ends, every call may go. */
  take(): void {}
}
