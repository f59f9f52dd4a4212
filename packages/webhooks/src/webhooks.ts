import { ConnectorError } from '@mcpclient/core'
import type { Capability, ClientContext, Store } from '@mcpclient/core'
import { Addresses } from './addresses.ts'
import { Channels } from './channels.ts'
import type { Subscribed } from './channels.ts'
import { Claims } from './claims.ts'
import { openDelivery } from './delivery.ts'
import { Dispatcher, noticesIn } from './dispatcher.ts'
import type { WebhookHandler } from './dispatcher.ts'
import { Endpoints } from './endpoints.ts'
import { Handover } from './handover.ts'
import { bodyOf, Parking } from './parking.ts'
import type { ParkedDelivery } from './parking.ts'
import { addressed, receive } from './receiver.ts'
import { SightingsLog } from './sightings.ts'
import type { Sightings } from './sightings.ts'
import { Subscriptions } from './subscriptions.ts'
import { DEFAULT_MAX_BYTES } from './verify-request.ts'

export interface WebhooksOptions {
  /**
   * The public address under which `receive` is mounted, such as `https://app.example/hooks`. The endpoint of each connector
   * is below it: `https://app.example/hooks/slack`.
   */
  readonly address: string
  /** The server ids that are served. @default every connector that has a webhook */
  readonly connectors?: readonly string[] | undefined
  /** Holds claims, channels and parked deliveries. @default the state of the client */
  readonly store?: Store | undefined
  /** The most bytes of a body, compressed and not. @default 1_048_576 */
  readonly maxBytes?: number | undefined
}

/** The connection, and the collection of a sync, that a subscription is for. */
export interface SubscriptionTarget {
  /** The server id of the connector. */
  readonly connector: string
  readonly tenant: string
  /** @default 'default' */
  readonly connection?: string | undefined
  /** The sync that its notices wake. */
  readonly sync?: string | undefined
  /** The params of the subscription: those of the sync, if there is one. */
  readonly params?: object | undefined
}

/** A subscription, as `diagnose` shows it. Times are in milliseconds since 1970. */
export interface SubscriptionStatus {
  readonly sync: string | undefined
  readonly params: object
  readonly state: 'live' | 'lapsed'
  readonly expiresAt: number | undefined
}

export interface WebhookDiagnosis extends Sightings {
  /** The address to register at the provider. */
  readonly address: string
  /** The subscriptions of the connection that was asked for. */
  readonly subscriptions: readonly SubscriptionStatus[]
}

/** The capability that receives webhooks, and subscribes to them. */
export interface Webhooks extends Capability {
  /**
   * Responds to a request of a provider. Mount it for every method at `{address}/*`, before any body parser.
   * @throws ConnectorError CONFIGURATION_ERROR if a body parser was first
   */
  receive(request: Request): Promise<Response>
  /**
   * Handles an event of a connector. The provider gets its 2xx once all handlers resolved; a handler that rejects, or takes
   * longer than the provider waits, is repeated by a job. So an event may arrive more than once, with the same id.
   * @returns a function that removes the handler
   */
  on<Data = unknown>(connector: string, event: string, handler: WebhookHandler<Data>): () => void
  /**
   * Subscribes a connection at the provider, and renews the subscription until it is ended. Does nothing if there is one.
   * @throws ConnectorError INVALID_INPUT if the connector has no subscriptions; as any call does, if the request fails
   */
  subscribe(target: SubscriptionTarget): Promise<void>
  /** Ends a subscription. Disconnecting its connection does the same. */
  unsubscribe(target: SubscriptionTarget): Promise<void>
  /**
   * Returns the URL to register at the provider for one connection, if tenants have accounts of their own. Deliveries to it are
   * verified with the secret of that connection alone, and are for no other. It stays the same until the connection is
   * disconnected, and may be requested before it is connected.
   * @throws ConnectorError INVALID_INPUT if the connector has no webhook, or none for single connections;
   *   CONFIGURATION_ERROR without a vault, or if the connector was composed with the app's own credential
   */
  addressOf(target: Pick<SubscriptionTarget, 'connector' | 'tenant' | 'connection'>): Promise<string>
  /**
   * Returns what is known of a connector's webhook, or of the address of a connection.
   * @throws ConnectorError INVALID_INPUT if it has none
   */
  diagnose(target: Pick<SubscriptionTarget, 'connector'> & Partial<SubscriptionTarget>): Promise<WebhookDiagnosis>
  /** Yields the deliveries of the last 30 days that could not be read or handled. */
  parked(): AsyncIterable<ParkedDelivery>
  /**
   * Reads and handles a parked delivery again, and removes it if that succeeds.
   * @throws ConnectorError INVALID_INPUT if there is none; the error of `read` or of a handler
   */
  replay(id: string): Promise<void>
  /** Removes a parked delivery. Returns false if there was none. */
  discard(id: string): Promise<boolean>
}

interface WebhooksContext {
  readonly client: ClientContext
  readonly endpoints: Endpoints
  readonly channels: Channels
  readonly addresses: Addresses
  readonly subscriptions: Subscriptions
  readonly handover: Handover
  readonly parking: Parking
  readonly sightings: SightingsLog
  readonly maxBytes: number
}

/**
 * Creates the capability that receives webhooks: `createMcpClient({ capabilities: [jobs(), webhooks({ address })] })`.
 * @throws ConnectorError CONFIGURATION_ERROR if the address is no https URL without a query. Composing it throws the same
 *   if a connector that it serves has no secret.
 */
export function webhooks({ address, connectors, store, maxBytes = DEFAULT_MAX_BYTES }: WebhooksOptions): Webhooks {
  assertAddress(address)
  const handlers = new Map<string, Set<WebhookHandler>>()
  let bound: WebhooksContext | undefined
  const parts = (): WebhooksContext => {
    if (bound !== undefined) return bound
    throw new ConnectorError('CONFIGURATION_ERROR', 'These webhooks are not composed into a client.', {
      hint: 'Pass them to createMcpClient({ capabilities: [...] }) first.',
    })
  }

  return {
    name: 'webhooks',
    bind(client) {
      const state = store ?? client.state
      const { clock } = client
      const endpoints = new Endpoints(client, address, connectors)
      const channels = new Channels(state, clock)
      const addresses = new Addresses(state, channels, clock)
      const parking = new Parking(state, clock)
      const dispatcher = new Dispatcher(client, channels, handlers)
      const handover = new Handover(client, new Claims(state, clock), dispatcher, parking)
      const subscriptions = new Subscriptions(client, state, channels, endpoints)
      const sightings = new SightingsLog(state, clock)
      if (client.hasJobs) {
        handover.listen()
        subscriptions.listen()
      }
      bound = { client, endpoints, channels, addresses, subscriptions, handover, parking, sightings, maxBytes }
      return () => {
        bound = undefined
      }
    },
    async beforeDisconnect({ serverId, tenant, name }) {
      if (tenant === undefined) return
      const connection = { serverId, tenant, connection: name }
      await parts().addresses.remove(connection)
      await parts().subscriptions.removeAll(connection)
    },
    receive: (request) => receive(parts(), request),
    on(connector, event, handler) {
      const key = `${connector}.${event}`
      const registered = handlers.get(key) ?? new Set()
      handlers.set(key, registered.add(handler as WebhookHandler))
      return () => registered.delete(handler as WebhookHandler)
    },
    async subscribe(target) {
      await parts().subscriptions.add(subscribed(parts().client, target))
    },
    async unsubscribe(target) {
      await parts().subscriptions.remove(subscribed(parts().client, target))
    },
    async addressOf({ connector: serverId, tenant, connection = DEFAULT_CONNECTION }) {
      const { client, endpoints, addresses } = parts()
      client.identify({ tenant })
      const endpoint = endpoints.of(serverId)
      if (endpoint === undefined) throw noWebhook(serverId)
      if (endpoint.webhook.connectionSecret === undefined) throw noAddresses(serverId)
      if (client.connectors.get(serverId)?.appCredential !== undefined) throw isShared(serverId)
      // Rejects without a vault, in which no connection has a secret.
      await client.signingSecretsOf(serverId, tenant, connection)
      return `${endpoint.address}/${await addresses.open({ serverId, tenant, connection })}`
    },
    async diagnose({ connector, tenant, connection = DEFAULT_CONNECTION }) {
      const { endpoints, sightings, subscriptions, addresses, client } = parts()
      const endpoint = endpoints.of(connector)
      if (endpoint === undefined) throw noWebhook(connector)
      const found: SubscriptionStatus[] = []
      const target = { serverId: connector, tenant: tenant ?? '', connection }
      for await (const { sync, params, expiresAt } of tenant === undefined ? [] : subscriptions.list(target)) {
        const state = (expiresAt ?? Infinity) > client.clock.now() ? 'live' : 'lapsed'
        found.push({ sync, params, state, expiresAt })
      }
      const own = tenant === undefined ? undefined : await addresses.find({ serverId: connector, tenant, connection })
      const address = own === undefined ? endpoint.address : `${endpoint.address}/${own}`
      return { address, ...(await sightings.read(connector, own)), subscriptions: found }
    },
    async *parked() {
      yield* parts().parking.list()
    },
    async replay(id) {
      const { parking, endpoints, handover, channels } = parts()
      const row = await parking.read(id)
      if (row === undefined) throw notParked()
      const { serverId, content } = row
      if ('notice' in content) await handover.replay(serverId, content.noticeId, content.notice)
      else {
        const webhook = endpoints.of(serverId)?.webhook
        if (webhook === undefined) throw noWebhook(serverId)
        const reading = webhook.read(
          openDelivery(new Headers(content.headers.map(([...pair]) => pair)), bodyOf(content.body), content.channels),
        )
        const { channels: proven, address } = content
        const notices = await addressed({ channels }, serverId, noticesIn(reading), { channels: proven, address })
        if (notices === 'unproven') throw unproven()
        for (const notice of notices === 'unknown' ? [] : notices)
          await handover.replay(serverId, notice.id || id, notice)
      }
      await parking.remove(id)
    },
    async discard(id) {
      return parts().parking.remove(id)
    },
  }
}

const DEFAULT_CONNECTION = 'default'

function subscribed({ connectors }: ClientContext, target: SubscriptionTarget): Subscribed {
  const { connector: serverId, tenant, connection = DEFAULT_CONNECTION, sync, params = {} } = target
  const base = { serverId, tenant, connection, sync }
  if (sync === undefined) return { ...base, params }
  const syncs = connectors.get(serverId)?.syncs ?? {}
  const definition = Object.hasOwn(syncs, sync) ? syncs[sync] : undefined
  if (definition === undefined) {
    throw new ConnectorError('INVALID_INPUT', `${serverId} has no sync with this name.`, {
      choices: Object.keys(syncs),
      outcome: 'not_processed',
    })
  }
  const parsed = definition.params?.safeParse(params)
  if (parsed?.success === false) {
    throw new ConnectorError('INVALID_INPUT', `The params of ${sync} are invalid.`, {
      hint: 'Pass the params of the sync.',
      outcome: 'not_processed',
    })
  }
  return { ...base, params: (parsed?.data as object | undefined) ?? {} }
}

function assertAddress(address: unknown): void {
  const url = typeof address === 'string' && URL.canParse(address) ? new URL(address) : undefined
  const isLocal = url?.hostname === 'localhost' || url?.hostname === '127.0.0.1'
  if (url !== undefined && (url.protocol === 'https:' || isLocal) && url.search === '' && url.hash === '') return
  throw new ConnectorError('CONFIGURATION_ERROR', 'The address of webhooks() is no https URL without a query.', {
    hint: "Pass the public address, such as 'https://app.example/hooks'.",
  })
}

const noWebhook = (serverId: string): ConnectorError =>
  new ConnectorError('INVALID_INPUT', `${serverId} has no webhook that is served.`, {
    hint: 'Name a composed connector that has one.',
    outcome: 'not_processed',
  })

const noAddresses = (serverId: string): ConnectorError =>
  new ConnectorError('INVALID_INPUT', `${serverId} has no webhook for single connections.`, {
    hint: 'Register the address of diagnose(), or subscribe the connection with subscribe().',
    outcome: 'not_processed',
  })

const isShared = (serverId: string): ConnectorError =>
  new ConnectorError('CONFIGURATION_ERROR', `${serverId} was composed with the app's own credential.`, {
    hint: 'Register the address of diagnose(): all deliveries are for that credential.',
    outcome: 'not_processed',
  })

const unproven = (): ConnectorError =>
  new ConnectorError('INVALID_INPUT', 'The delivery names a channel without its token.', {
    hint: 'Discard it: its sender may not speak for that channel.',
    outcome: 'not_processed',
  })

const notParked = (): ConnectorError =>
  new ConnectorError('INVALID_INPUT', 'No delivery with this id is parked.', {
    hint: 'Pass the id of a delivery that parked() yields.',
    outcome: 'not_processed',
  })
