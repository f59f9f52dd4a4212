import { storeKey } from '@mcpclient/core'
import type { Clock, Store } from '@mcpclient/core'
import type { RequestRefusal } from './verify-request.ts'

/** The latest requests of an endpoint. Times are in milliseconds since 1970. */
export interface Sightings {
  readonly verifiedAt?: number | undefined
  readonly refusedAt?: number | undefined
  /** The reason of the latest refusal. */
  readonly reason?: RequestRefusal | undefined
}

/** One write a minute for each endpoint and outcome, so that forged requests cannot flood the store. */
const EVERY_MS = 60_000

/** Remembers when an endpoint last verified or refused a request, for `diagnose`. */
export class SightingsLog {
  readonly #store: Store
  readonly #clock: Clock
  readonly #written = new Map<string, number>()

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** @param refusal undefined if the request was verified */
  async note(serverId: string, refusal: RequestRefusal | undefined): Promise<void> {
    const now = this.#clock.now()
    const outcome = refusal === undefined ? 'verified' : 'refused'
    const key = storeKey('hook', outcome, serverId)
    if (now - (this.#written.get(key) ?? -Infinity) < EVERY_MS) return
    this.#written.set(key, now)
    await this.#store.put(key, JSON.stringify({ at: now, reason: refusal }))
  }

  async read(serverId: string): Promise<Sightings> {
    const [verified, refused] = await Promise.all(
      ['verified', 'refused'].map((outcome) => this.#store.get(storeKey('hook', outcome, serverId))),
    )
    const parsed = (value: string | undefined) =>
      value === undefined ? undefined : (JSON.parse(value) as { readonly at: number; readonly reason?: RequestRefusal })
    const refusal = parsed(refused?.value)
    return { verifiedAt: parsed(verified?.value)?.at, refusedAt: refusal?.at, reason: refusal?.reason }
  }
}
