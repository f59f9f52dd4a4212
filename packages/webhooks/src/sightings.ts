import { storeKey } from '@mcpclient/core'
import type { Clock, Store } from '@mcpclient/core'
import type { RequestRefusal } from './verify-request.ts'

/** The latest requests of an address. Times are in milliseconds since 1970. */
export interface Sightings {
  readonly verifiedAt?: number | undefined
  readonly refusedAt?: number | undefined
  /** The reason of the latest refusal. */
  readonly reason?: RequestRefusal | undefined
}

/** One write a minute for each address and outcome, so that forged requests cannot flood the store. */
const EVERY_MS = 60_000
const KEPT_MS = 30 * 86_400_000

/** Remembers when an address last verified or refused a request, for `diagnose`. */
export class SightingsLog {
  readonly #store: Store
  readonly #clock: Clock
  readonly #written = new Map<string, number>()

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /**
   * @param address that of a connection; undefined: the endpoint's
   * @param refusal undefined if the request was verified
   */
  async note(serverId: string, address: string | undefined, refusal: RequestRefusal | undefined): Promise<void> {
    const now = this.#clock.now()
    const outcome = refusal === undefined ? 'verified' : 'refused'
    const key = keyOf(outcome, serverId, address)
    if (now - (this.#written.get(key) ?? -Infinity) < EVERY_MS) return
    this.#written.set(key, now)
    // That of a connection ends with it, or soon after.
    const ttlMs = address === undefined ? undefined : KEPT_MS
    await this.#store.put(key, JSON.stringify({ at: now, reason: refusal }), { ttlMs })
  }

  async read(serverId: string, address?: string): Promise<Sightings> {
    const [verified, refused] = await Promise.all(
      ['verified', 'refused'].map((outcome) => this.#store.get(keyOf(outcome, serverId, address))),
    )
    const parsed = (value: string | undefined) =>
      value === undefined ? undefined : (JSON.parse(value) as { readonly at: number; readonly reason?: RequestRefusal })
    const refusal = parsed(refused?.value)
    return { verifiedAt: parsed(verified?.value)?.at, refusedAt: refusal?.at, reason: refusal?.reason }
  }
}

const keyOf = (outcome: string, serverId: string, address: string | undefined): string =>
  address === undefined ? storeKey('hook', outcome, serverId) : storeKey('hook', outcome, serverId, address)
