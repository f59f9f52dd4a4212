import type { Clock } from '../ports/clock.ts'
import type { Barrier } from './barrier.ts'

/** Entries checked for each new block. Removes expired ones without a timer. */
const CHECKS_PER_BLOCK = 2
/** The time after a block in which calls start slowly. Most limits count per minute, or per less. */
const SLOW_START_MS = 60_000
/** The longest time for which requests in flight delay the next one, so that slow responses do not stop a scope. */
const MAX_SPACING_MS = 100
/** Once the expected number is served, one more request may be in flight for each of so many that are served. */
const SERVED_PER_SLOT = 8

/** The block of one scope, and the requests since its end. */
interface Block {
  until: number
  /** Number of requests that were served between the previous block and this one. 0 if it is not known. */
  readonly expected: number
  inFlight: number
  served: number
  /** The time of the last request. */
  sentAt: number
}

/**
 * The limit scopes that have to wait. A `Retry-After` for one call pauses every call of its scope.
 *
 * Calls that have waited are not sent together, because the provider would refuse most of them again. As in TCP's slow start,
 * the number in flight doubles with each round trip, until as many are served as before the provider refused the last time.
 * From there it starts at one again and grows slowly, so that few requests are in flight when the provider refuses.
 *
 * Times are monotonic milliseconds.
 */
export class Blocks {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #startsSlowly: boolean
  readonly #blocks = new Map<string, Block>()
  #hand = this.#blocks.entries()

  /** @param options.startsSlowly false if a call that cannot pass fails instead of waiting. @default true */
  constructor(options: { readonly clock: Pick<Clock, 'monotonic'>; readonly startsSlowly?: boolean | undefined }) {
    this.#clock = options.clock
    this.#startsSlowly = options.startsSlowly ?? true
  }

  /** Number of scopes in memory, including expired ones that were not removed yet. */
  get size(): number {
    return this.#blocks.size
  }

  /** Blocks `key` until `untilMonotonicMs`. Never shortens a block. */
  block(key: string, untilMonotonicMs: number): void {
    const nowMs = this.#clock.monotonic()
    this.#sweep(nowMs)
    const block = this.#find(key, nowMs)
    if (untilMonotonicMs <= Math.max(block?.until ?? 0, nowMs)) return
    if (block === undefined || block.served > 0) {
      const expected = block?.served ?? 0
      this.#blocks.set(key, { until: untilMonotonicMs, expected, inFlight: 0, served: 0, sentAt: -Infinity })
    } else {
      // The provider has refused several requests that were in flight together.
      block.until = untilMonotonicMs
    }
  }

  /**
   * Returns the milliseconds that a call of `key` still has to wait; 0 if it can be sent.
   * @param ahead number of calls that go first
   */
  waitFor(key: string, nowMs: number, ahead = 0): number {
    const block = this.#find(key, nowMs)
    if (block === undefined) return 0
    const { until, expected, inFlight, served, sentAt } = block
    if (until > nowMs) return until - nowMs
    if (!this.#startsSlowly) return 0
    const isExpected = served + inFlight + ahead < expected
    const slots = 1 + (isExpected ? served : Math.max(0, Math.floor((served - expected) / SERVED_PER_SLOT)))
    return inFlight + ahead < slots ? 0 : Math.max(0, sentAt + MAX_SPACING_MS - nowMs)
  }

  /**
   * Counts a request that is sent after a block.
   * @returns what counts its end; undefined if `key` was not blocked lately
   */
  enter(key: string, nowMs: number): ((isServed: boolean) => void) | undefined {
    const block = this.#find(key, nowMs)
    if (block === undefined) return undefined
    block.inFlight++
    block.sentAt = nowMs
    return (isServed) => {
      block.inFlight--
      if (isServed) block.served++
    }
  }

  /** Returns a barrier that opens when the block of `key` ends, and lets calls pass slowly at first. */
  barrier(key: string): Barrier {
    return new BlockBarrier(this, key)
  }

  #find(key: string, nowMs: number): Block | undefined {
    if (this.#blocks.size === 0) return undefined
    const block = this.#blocks.get(key)
    if (block === undefined || !this.#isExpired(block, nowMs)) return block
    this.#blocks.delete(key)
    return undefined
  }

  #isExpired({ until }: Block, nowMs: number): boolean {
    return until + (this.#startsSlowly ? SLOW_START_MS : 0) <= nowMs
  }

  #sweep(nowMs: number): void {
    for (let check = 0; check < CHECKS_PER_BLOCK; check += 1) {
      const next = this.#hand.next()
      if (next.done === true) {
        this.#hand = this.#blocks.entries()
        return
      }
      const [key, block] = next.value
      if (this.#isExpired(block, nowMs)) this.#blocks.delete(key)
    }
  }
}

class BlockBarrier implements Barrier {
  readonly cost = 1
  readonly #blocks: Blocks
  readonly #key: string
  #leave: ((isServed: boolean) => void) | undefined

  constructor(blocks: Blocks, key: string) {
    this.#blocks = blocks
    this.#key = key
  }

  get room(): string {
    return `block ${this.#key}`
  }

  waitMs(ahead: number, nowMs: number): number {
    return this.#blocks.waitFor(this.#key, nowMs, ahead)
  }

  take(nowMs: number): void {
    this.#leave = this.#blocks.enter(this.#key, nowMs)
  }

  leave(isServed: boolean): void {
    this.#leave?.(isServed)
  }
}
