import { storeKey } from '@mcpclient/core'
import type { Clock, Store } from '@mcpclient/core'

/** The connection and the collection that a subscription is for. */
export interface Subscribed {
  readonly serverId: string
  readonly tenant: string
  readonly connection: string
  /** The sync that its notices wake. */
  readonly sync?: string | undefined
  readonly params: object
}

/** A channel: one subscription at the provider, from its creation to its end. */
export interface Channel extends Subscribed {
  /** `replaced`: a newer one took its place, and its late notices still count. `stopped`: they are ignored. */
  readonly state: 'making' | 'live' | 'replaced' | 'stopped'
  readonly createdAt: number
  /** The provider's own id. */
  readonly handle?: string | undefined
  readonly expiresAt?: number | undefined
  /** It ended before it was renewed, and `subscription.lapsed` was emitted. */
  readonly lapsed?: boolean | undefined
}

/** The time in which a provider creates a subscription, and may check the address. */
export const MAKING_MS = 120_000
/** The time for which the row of a channel outlives it, for late notices. */
const AFTERLIFE_MS = 604_800_000

/** The rows of channels. */
export class Channels {
  readonly #store: Store
  readonly #clock: Clock

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  async read(id: string): Promise<Channel | undefined> {
    const stored = await this.#store.get(storeKey('hook', 'channel', id))
    return stored && (JSON.parse(stored.value) as Channel)
  }

  async write(id: string, channel: Channel): Promise<void> {
    const { expiresAt, serverId, state } = channel
    const isOver = state === 'replaced' || state === 'stopped'
    const end = expiresAt ?? (isOver ? this.#clock.now() : undefined)
    const ttlMs = end === undefined ? undefined : Math.max(0, end - this.#clock.now()) + AFTERLIFE_MS
    const making = storeKey('hook', 'making', serverId, id)
    if (state === 'making') await this.#store.put(making, '', { ttlMs: MAKING_MS })
    await this.#store.put(storeKey('hook', 'channel', id), JSON.stringify(channel), { ttlMs })
    if (state !== 'making') await this.#store.delete(making)
  }

  /** Returns whether a subscription of a connector is being made. */
  async isMaking(serverId: string): Promise<boolean> {
    const { entries } = await this.#store.list(`${storeKey('hook', 'making', serverId)}/`, { limit: 1 })
    return entries.length > 0
  }
}
