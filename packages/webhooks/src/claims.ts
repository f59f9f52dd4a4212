import type { Clock, Store, Version } from '@mcpclient/core'
import { storeKey } from '@mcpclient/core'
import { toHex } from './verification/decoding.ts'

/** A claim that was not settled after this time belongs to a process that stopped. */
const ABANDONED_MS = 60_000
/** The time for which a settled claim is kept after the provider's last retry. */
const MARGIN_MS = 86_400_000

type Claimed = { readonly since: number } | { readonly settled: true }

/** The state of a notice: claimed for the caller to handle, `settled` before, or being handled by another process. */
export type Claim = { readonly version: Version } | 'settled' | 'taken'

/** Lets each notice be handled once: a durable row that outlives the provider's last retry. */
export class Claims {
  readonly #store: Store
  readonly #clock: Clock

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  async claim(serverId: string, digest: string, retriesForMs: number): Promise<Claim> {
    const key = claimKey(serverId, digest)
    const now = this.#clock.now()
    const ttlMs = retriesForMs + MARGIN_MS
    const row = JSON.stringify({ since: now } satisfies Claimed)
    const first = await this.#store.put(key, row, { ifVersion: null, ttlMs })
    if (!('conflict' in first)) return first
    const stored = await this.#store.get(key)
    if (stored === undefined) return 'taken'
    const claimed = JSON.parse(stored.value) as Claimed
    if ('settled' in claimed) return 'settled'
    if (claimed.since + ABANDONED_MS > now) return 'taken'
    const taken = await this.#store.put(key, row, { ifVersion: stored.version, ttlMs })
    return 'conflict' in taken ? 'taken' : taken
  }

  /** Keeps the notice from being handled again. */
  async settle(serverId: string, digest: string, retriesForMs: number): Promise<void> {
    const row = JSON.stringify({ settled: true } satisfies Claimed)
    await this.#store.put(claimKey(serverId, digest), row, { ttlMs: retriesForMs + MARGIN_MS })
  }

  /** Lets the provider's retry handle the notice, unless another process took it over. */
  async release(serverId: string, digest: string, { version }: { readonly version: Version }): Promise<void> {
    await this.#store.delete(claimKey(serverId, digest), { ifVersion: version })
  }
}

const claimKey = (serverId: string, digest: string): string => storeKey('hook', 'claim', serverId, digest)

/** Returns a digest of some parts. */
export async function digestOf(...parts: readonly (string | Uint8Array<ArrayBuffer>)[]): Promise<string> {
  const blob = new Blob(parts.flatMap((part) => [part, '\0']))
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer())))
}
