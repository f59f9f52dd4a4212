import type { Clock } from '../ports/clock.ts'
import type { Barrier } from './barrier.ts'

/** Entries looked at for each block that is set: expired ones go, without a timer. */
const LOOKS_PER_BLOCK = 2

/**
 * Scopes that a provider has told to wait: a `Retry-After` for one call pauses all calls of its scope, siblings too.
 * Times are monotonic milliseconds.
 */
export class Blocks {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #until = new Map<string, number>()
  #hand = this.#until.entries()

  constructor(options: { readonly clock: Pick<Clock, 'monotonic'> }) {
    this.#clock = options.clock
  }

  /** How many scopes are remembered; those whose time is over go when they are next asked for, or in passing. */
  get size(): number {
    return this.#until.size
  }

  /** Holds `key` back until then. Of several blocks the longest holds. */
  block(key: string, untilMonotonicMs: number): void {
    const nowMs = this.#clock.monotonic()
    this.#sweep(nowMs)
    if (untilMonotonicMs > Math.max(this.#until.get(key) ?? 0, nowMs)) this.#until.set(key, untilMonotonicMs)
  }

  /** Milliseconds that `key` still has to wait; 0: it may go. */
  waitFor(key: string, nowMs: number): number {
    if (this.#until.size === 0) return 0
    const until = this.#until.get(key)
    if (until === undefined) return 0
    if (until > nowMs) return until - nowMs
    this.#until.delete(key)
    return 0
  }

  /** The block of `key` as something to wait for at a gate. */
  barrier(key: string): Barrier {
    return new BlockBarrier(this, key)
  }

  #sweep(nowMs: number): void {
    for (let look = 0; look < LOOKS_PER_BLOCK; look += 1) {
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

  /** Nothing to take: when the time is over, everybody may go. */
  take(): void {}
}
