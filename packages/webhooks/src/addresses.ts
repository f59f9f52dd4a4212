import { storeKey } from '@mcpclient/core'
import type { Clock, Store } from '@mcpclient/core'
import type { Notice } from '@mcpclient/core/define'
import type { Channel, Channels, Subscribed } from './channels.ts'
import { toBase64Url } from './verification/decoding.ts'

/** The connection that an address is for. */
export type Addressed = Pick<Subscribed, 'serverId' | 'tenant' | 'connection'>

/** 128 random bits, which are not those of a channel: a UUID. */
const ID_BYTES = 16
const ID = /\/([\w-]{22})$/

/** Returns the id that the path of a URL ends with, if it may be that of an address. It proves nothing. */
export const addressIdIn = (url: string): string | undefined => ID.exec(new URL(url).pathname)?.[1]

/** The addresses of connections. Each is a channel without a subscription, which lives as long as its connection. */
export class Addresses {
  readonly #store: Store
  readonly #channels: Channels
  readonly #clock: Clock

  constructor(store: Store, channels: Channels, clock: Clock) {
    this.#store = store
    this.#channels = channels
    this.#clock = clock
  }

  /** Returns the id of a connection's address, which the first call makes up. */
  async open(connection: Addressed): Promise<string> {
    const made = toBase64Url(crypto.getRandomValues(new Uint8Array(ID_BYTES)))
    // Several processes may open it at the same time.
    const written = await this.#store.put(keyOf(connection), made, { ifVersion: null })
    const id = 'conflict' in written ? await this.find(connection) : made
    if (id === undefined) return this.open(connection)
    if ((await this.#channels.read(id)) === undefined) {
      const channel: Channel = {
        ...connection,
        params: {},
        state: 'live',
        createdAt: this.#clock.now(),
        isAddress: true,
      }
      await this.#channels.write(id, channel)
    }
    return id
  }

  /** Returns the id of a connection's address; undefined if it has none. */
  async find(connection: Addressed): Promise<string | undefined> {
    return (await this.#store.get(keyOf(connection)))?.value
  }

  /** Returns the connection that an address is for; undefined if no connection of the connector has it. */
  async read(serverId: string, id: string): Promise<Addressed | undefined> {
    const channel = await this.#channels.read(id)
    if (channel?.serverId !== serverId) return undefined
    // It may be the channel of a subscription, or have been removed while another process opened it.
    return (await this.find(channel)) === id ? channel : undefined
  }

  async remove(connection: Addressed): Promise<void> {
    const id = await this.find(connection)
    if (id === undefined) return
    await this.#channels.remove(id)
    await this.#store.delete(keyOf(connection))
  }
}

const keyOf = ({ serverId, tenant, connection }: Addressed): string =>
  storeKey('hook', 'address', serverId, tenant, connection)

/** Returns notices for the connection of an address alone: its secret proves nothing about other accounts and subscriptions. */
export const atAddress = (id: string, notices: readonly Notice[]): readonly Notice[] =>
  notices.map((notice) => ({ ...notice, to: { channel: id }, subscription: undefined }))
