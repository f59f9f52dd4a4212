import { listAll, storeKey } from '@mcpclient/core'
import type { Clock, Store, Stored } from '@mcpclient/core'
import { MAKING_MS } from './channels.ts'
import type { Subscribed } from './channels.ts'
import { digestOf } from './claims.ts'

/** The row of a subscription: its channel, and the one that is being made. */
export interface SubscriptionRow extends Subscribed {
  readonly channel?: string | undefined
  readonly making?: { readonly id: string; readonly at: number } | undefined
  /** No pull was woken yet since the channel was made. */
  readonly owesPull?: boolean | undefined
  /** The channel ended before it was renewed, and `subscription.lapsed` was emitted. */
  readonly lapsed?: boolean | undefined
}

type StoredRow = Stored & { readonly row: SubscriptionRow }

/** The rows of subscriptions. */
export class SubscriptionRows {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  async *list({ serverId, tenant, connection }: Pick<Subscribed, 'serverId' | 'tenant' | 'connection'>) {
    const prefix = rowKey(`${storeKey(serverId, tenant, connection)}/`)
    for await (const { key, value } of listAll(this.#store, prefix)) {
      yield { key: key.slice(rowKey('').length), row: JSON.parse(value) as SubscriptionRow }
    }
  }

  async read(key: string): Promise<StoredRow | undefined> {
    const stored = await this.#store.get(rowKey(key))
    return stored && { ...stored, row: JSON.parse(stored.value) as SubscriptionRow }
  }

  /** Returns false if the row changed since it was read. */
  async write(key: string, row: SubscriptionRow, before: Stored | undefined): Promise<boolean> {
    const ifVersion = before?.version ?? null
    return !('conflict' in (await this.#store.put(rowKey(key), JSON.stringify(row), { ifVersion })))
  }

  async remove(key: string): Promise<void> {
    await this.#store.delete(rowKey(key))
  }
}

const rowKey = (key: string): string => `hook/sub/${key}`

/** Returns whether a process is making a channel. One that takes longer has stopped. */
export const isMaking = ({ making }: SubscriptionRow, clock: Clock): boolean =>
  making !== undefined && making.at + MAKING_MS > clock.now()

export async function keyOf({ serverId, tenant, connection, sync = '', params }: Subscribed): Promise<string> {
  return storeKey(serverId, tenant, connection, sync, await digestOf(canonical(params)))
}

/** Returns JSON whose keys are sorted, so that equal params have one spelling. */
const canonical = (params: object): string =>
  JSON.stringify(params, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  )
