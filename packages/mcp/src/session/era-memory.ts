import type { Clock } from '@mcpclient/core'
import type { Prior } from './open-session.ts'

/** A server may be upgraded any time, and one that is taken for older still answers: the verdict is asked for anew. */
const LEGACY_HOLDS_MS = 60 * 60_000
const MODERN_HOLDS_MS = 24 * 60 * 60_000

interface Verdict {
  readonly prior: Prior
  /** On the monotonic scale. */
  readonly until: number
}

/**
 * What connecting found out about the era of a server, so that it need not be asked at each connection. That a server
 * is of the older era holds for everybody; what a modern one said of itself holds for the one it was said to.
 */
export class EraMemory {
  readonly #clock: Clock
  #legacy: Verdict | undefined
  readonly #modern = new Map<string, Verdict>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  recall(key: string): Prior | undefined {
    const now = this.#clock.monotonic()
    const verdict = this.#modern.get(key) ?? this.#legacy
    return verdict !== undefined && now < verdict.until ? verdict.prior : undefined
  }

  learn(key: string, prior: Prior): void {
    const now = this.#clock.monotonic()
    if (prior.kind === 'legacy') {
      this.#modern.delete(key)
      this.#legacy = { prior, until: now + LEGACY_HOLDS_MS }
    } else this.#modern.set(key, { prior, until: now + MODERN_HOLDS_MS })
  }

  /** The verdict did not hold, or nobody uses the connection any more. */
  forget(key: string): void {
    this.#modern.delete(key)
  }

  /** The server itself is another one than it was. */
  doubt(key: string): void {
    this.#legacy = undefined
    this.#modern.delete(key)
  }
}
