import { storeKey } from '@mcpclient/core'
import type { Clock, JobOutcome, Store } from '@mcpclient/core'
import type { Notice } from '@mcpclient/core/define'

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
  /** The secret with which the provider signs, encrypted: see `sealSecret`. */
  readonly secret?: string | undefined
  /** Whether the provider asked to renew it before its time. */
  readonly isDue?: boolean | undefined
  /** Whether it is the address of the connection itself, which no subscription opened. */
  readonly isAddress?: boolean | undefined
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

  async remove(id: string): Promise<void> {
    await this.#store.delete(storeKey('hook', 'channel', id))
  }

  async write(id: string, channel: Channel): Promise<void> {
    const { expiresAt, serverId, state, handle } = channel
    // A channel whose process stopped while it was made stays as it is, so its row has to end as well.
    const end = expiresAt ?? (state === 'live' ? undefined : this.#clock.now())
    const ttlMs = end === undefined ? undefined : Math.max(0, end - this.#clock.now()) + AFTERLIFE_MS
    const making = storeKey('hook', 'making', serverId, id)
    if (state === 'making') await this.#store.put(making, '', { ttlMs: MAKING_MS })
    if (handle !== undefined) await this.#index(storeKey('hook', 'handle', serverId, handle), id, state, ttlMs)
    await this.#store.put(storeKey('hook', 'channel', id), JSON.stringify(channel), { ttlMs })
    if (state !== 'making') await this.#store.delete(making)
  }

  /** Maps a handle to its channel. A newer channel may have the same handle. */
  async #index(key: string, id: string, state: Channel['state'], ttlMs: number | undefined): Promise<void> {
    if (state === 'live' || (await this.#store.get(key))?.value === id) await this.#store.put(key, id, { ttlMs })
  }

  /**
   * Returns whether a channel belongs to a connector, and its token is in the delivery.
   * @param proven the channels whose tokens the delivery carries; undefined if the scheme has none
   */
  async isKnown(serverId: string, id: string, proven: readonly string[] | undefined): Promise<boolean> {
    if (proven !== undefined && !proven.includes(id)) return false
    return (await this.read(id))?.serverId === serverId
  }

  /**
   * Returns the notices with the channel of each handle.
   * @returns undefined if a handle is unknown while a subscription is being made, because it may be the one
   */
  async resolve(serverId: string, notices: readonly Notice[]): Promise<readonly Notice[] | undefined> {
    const resolved: Notice[] = []
    for (const notice of notices) {
      const { to } = notice
      if (!('handle' in to)) resolved.push(notice)
      else {
        const channel = (await this.#store.get(storeKey('hook', 'handle', serverId, to.handle)))?.value
        if (channel !== undefined) resolved.push({ ...notice, to: { channel } })
        else if (await this.isMaking(serverId)) return undefined
      }
    }
    return resolved
  }

  /** Returns whether a subscription of a connector is being made. */
  async isMaking(serverId: string): Promise<boolean> {
    const { entries } = await this.#store.list(`${storeKey('hook', 'making', serverId)}/`, { limit: 1 })
    return entries.length > 0
  }
}

/** Renews after this share of the life, so that a failing renewal has the rest to be repeated. */
const RENEW_AFTER = 0.75
/** The share of the time until a renewal by which it may be early, because subscriptions are often created together. */
const SPREAD = 0.05

/**
 * Returns the time to renew a channel.
 * @param afterMs the time that the provider advises; ignored if it is later than usual
 * @param early the share of the spread by which it is early, 0 to 1
 */
export function renewalOf(
  { createdAt, expiresAt = Infinity }: Channel,
  afterMs = Infinity,
  early = Math.random(),
): number {
  const waitMs = Math.min(afterMs, (expiresAt - createdAt) * RENEW_AFTER)
  return Math.round(createdAt + Math.max(MAKING_MS, waitMs * (1 - SPREAD * early)))
}

export const nextRenewal = (channel: Channel, afterMs?: number): JobOutcome =>
  channel.expiresAt === undefined ? undefined : { at: renewalOf(channel, afterMs) }
