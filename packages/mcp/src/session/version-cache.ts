import type { Clock } from '@mcpclient/core'
import type { Prior } from '../protocol/connect-client.ts'

/** A server may be upgraded at any time, and a modern one still speaks the legacy revisions. */
const LEGACY_TTL_MS = 60 * 60_000
const MODERN_TTL_MS = 24 * 60 * 60_000

interface Entry {
  readonly prior: Prior
  /** On the monotonic scale. */
  readonly expiresAt: number
}

/**
 * Caches which revisions a server speaks, so that not every connection has to probe. `legacy` applies to all sessions;
 * what a modern server said about itself applies to the session that it was said to.
 */
export class VersionCache {
  readonly #clock: Clock
  #legacy: Entry | undefined
  readonly #modern = new Map<string, Entry>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get(key: string): Prior | undefined {
    const entry = this.#modern.get(key) ?? this.#legacy
    return entry !== undefined && this.#clock.monotonic() < entry.expiresAt ? entry.prior : undefined
  }

  set(key: string, prior: Prior): void {
    const now = this.#clock.monotonic()
    if (prior.kind === 'legacy') {
      this.#modern.delete(key)
      this.#legacy = { prior, expiresAt: now + LEGACY_TTL_MS }
    } else this.#modern.set(key, { prior, expiresAt: now + MODERN_TTL_MS })
  }

  /** Removes what one session found out. */
  delete(key: string): void {
    this.#modern.delete(key)
  }

  /** Removes what is known of the server itself as well: it was replaced or downgraded. */
  invalidate(key: string): void {
    this.#legacy = undefined
    this.#modern.delete(key)
  }
}
