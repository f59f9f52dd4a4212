import { ConnectorError } from '@mcpclient/core'
import type { ClientContext } from '@mcpclient/core'
import type { Notice, Reading } from '@mcpclient/core/define'
import type { Channel, Channels } from './channels.ts'
import { followNotice } from './subscription-notices.ts'

/** An event that a provider delivered, for one connection. */
export interface WebhookEvent<Data = unknown> {
  /** The same in every repetition: use it to recognize an event that was handled before. */
  readonly id: string
  readonly serverId: string
  /** The name of the event, as the connector defines it. */
  readonly event: string
  /** Undefined if the app's own credential is used, which belongs to no tenant. */
  readonly tenant: string | undefined
  readonly connection: string | undefined
  readonly data: Data
}

export type WebhookHandler<Data = unknown> = (event: WebhookEvent<Data>) => Promise<void> | void

interface Recipient {
  readonly tenant: string | undefined
  readonly connection: string | undefined
  /** The params of the subscription. Undefined: every collection of the connection. */
  readonly params?: object | undefined
}

/** Returns the notices of a reading; none if the delivery is ignored. */
export function noticesIn(reading: Reading): readonly Notice[] {
  if (isList(reading)) return reading
  return 'ignore' in reading ? [] : [reading]
}

const isList = (reading: Reading): reading is readonly Notice[] => Array.isArray(reading)

/** Hands notices over: wakes syncs, emits events on the client, and calls the host's handlers. */
export class Dispatcher {
  readonly #client: ClientContext
  readonly #channels: Channels
  readonly #handlers: ReadonlyMap<string, ReadonlySet<WebhookHandler>>

  constructor(client: ClientContext, channels: Channels, handlers: ReadonlyMap<string, ReadonlySet<WebhookHandler>>) {
    this.#client = client
    this.#channels = channels
    this.#handlers = handlers
  }

  /** Wakes the syncs that a notice names, and renews the subscription that it is about. Nothing is lost if it rejects: the provider has to send it again. */
  async wake(serverId: string, notice: Notice): Promise<void> {
    await followNotice(this.#client, this.#channels, notice)
    const { to, sync } = notice
    if (sync === undefined) return
    for await (const { tenant, connection, params } of this.#recipients(serverId, to)) {
      if (tenant === undefined || connection === undefined) continue
      await this.#client.syncEngine?.wake?.({ serverId, sync, tenant, connection, params })
    }
  }

  /**
   * Emits the event of a notice and waits for the host's handlers.
   * @throws the first error of a handler or listener, after all of them ran
   */
  async deliver(serverId: string, id: string, { to, event, data }: Notice): Promise<void> {
    if (event === undefined) return
    const failures: unknown[] = []
    const attempt = async (run: () => Promise<void> | void): Promise<void> => {
      try {
        await run()
      } catch (error) {
        failures.push(error)
      }
    }
    for await (const { tenant, connection } of this.#recipients(serverId, to)) {
      await attempt(() => {
        this.#client.emitOf({ serverId, tenant, connection }, event, data)
      })
      for (const handler of this.#handlers.get(`${serverId}.${event}`) ?? []) {
        await attempt(() => handler({ id, serverId, event, tenant, connection, data }))
      }
    }
    if (failures.length > 0) throw ConnectorError.from(failures[0], `A handler of ${serverId}.${event}`)
  }

  async *#recipients(serverId: string, to: Notice['to']): AsyncGenerator<Recipient> {
    if ('channel' in to) {
      const channel = await this.#channels.read(to.channel)
      if (channel === undefined || channel.state === 'stopped' || !(await this.#isInUse(channel))) return
      const { tenant, connection, params, isAddress } = channel
      yield { tenant, connection, params: isAddress === true ? undefined : params }
      return
    }
    // The receiver has replaced handles by channels.
    if ('handle' in to) return
    if (this.#client.connectors.get(serverId)?.appCredential !== undefined) {
      yield { tenant: undefined, connection: undefined }
      return
    }
    for await (const { tenant, name } of this.#client.connectionsOf(serverId, to.account)) {
      yield { tenant, connection: name }
    }
  }

  /** Returns whether the connection of a channel still exists: a revoked one has no chance to stop its subscriptions. */
  async #isInUse({ serverId, tenant, connection }: Channel): Promise<boolean> {
    const isShared = this.#client.connectors.get(serverId)?.appCredential !== undefined
    return isShared || (await this.#client.signingSecretsOf(serverId, tenant, connection)) !== undefined
  }
}
