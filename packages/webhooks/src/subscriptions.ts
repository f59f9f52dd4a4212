import { ConnectorError } from '@mcpclient/core'
import type { ClientContext, ClientOperation, ErrorCode, Job, JobOutcome, Store } from '@mcpclient/core'
import type { Secrets, Subscription, SubscriptionHandle } from '@mcpclient/core/define'
import { announce } from './announce.ts'
import { MAKING_MS, nextRenewal, renewalOf } from './channels.ts'
import type { Channel, Channels, Subscribed } from './channels.ts'
import { noSecret } from './endpoints.ts'
import type { Endpoint, Endpoints } from './endpoints.ts'
import { RENEWAL } from './subscription-notices.ts'
import { readHandle } from './subscription-handle.ts'
import { isMaking, keyOf, SubscriptionRows } from './subscription-rows.ts'
import type { SubscriptionRow } from './subscription-rows.ts'

/** A subscription is checked this long after it was begun, in case the process stops before it is complete. */
const CHECK_AFTER_MS = 2 * MAKING_MS
/** A failed job waits up to an hour. Without a subscription the sync is polled, so it costs no more to try as often. */
const RETRY_LAPSED_MS = 900_000
const HANDLER = RENEWAL

/** An endpoint with secrets, of which the tokens and keys of channels are made. */
type SecretEndpoint = Endpoint & { readonly secrets: Secrets }

/** Creates subscriptions at providers, renews them before they end, and stops them. One channel for each is live. */
export class Subscriptions {
  readonly #client: ClientContext
  readonly #rows: SubscriptionRows
  readonly #channels: Channels
  readonly #endpoints: Endpoints
  readonly #adding = new Map<string, Promise<void>>()

  constructor(client: ClientContext, store: Store, channels: Channels, endpoints: Endpoints) {
    this.#client = client
    this.#rows = new SubscriptionRows(store)
    this.#channels = channels
    this.#endpoints = endpoints
  }

  /** Registers the function that renews. Needs a capability that runs jobs. */
  listen(): void {
    this.#client.jobs.handle(HANDLER, (job) => this.#renew(job))
  }

  async add(target: Subscribed): Promise<void> {
    const key = await keyOf(target)
    const running = this.#adding.get(key) ?? this.#add(key, target)
    this.#adding.set(key, running)
    try {
      await running
    } finally {
      this.#adding.delete(key)
    }
  }

  async #add(key: string, target: Subscribed): Promise<void> {
    const { clock } = this.#client
    const { subscription } = this.#subscriptionOf(target)
    // First, because nothing else would renew the channel if the process stopped after it was made.
    if (subscription.lifeMs !== undefined && (await this.#client.jobs.get(HANDLER, key)) === undefined) {
      await this.#client.jobs.schedule(HANDLER, key, { at: clock.now() + CHECK_AFTER_MS })
    }
    const row = (await this.#rows.read(key))?.row
    const current = row?.channel === undefined ? undefined : await this.#channels.read(row.channel)
    const isLive = current !== undefined && (current.expiresAt ?? Infinity) > clock.now()
    if (isLive && row?.owesPull === true) await this.#catchUp(key)
    const channel = isLive ? undefined : await this.#replace(key, target)
    if (channel?.expiresAt !== undefined) {
      await this.#client.jobs.schedule(HANDLER, key, { at: renewalOf(channel, subscription.renewAfterMs) })
    }
  }

  async remove(target: Subscribed): Promise<void> {
    await this.#remove(await keyOf(target))
  }

  /** Stops every subscription of a connection. */
  async removeAll(connection: Pick<Subscribed, 'serverId' | 'tenant' | 'connection'>): Promise<void> {
    for await (const { key } of this.#rows.list(connection)) await this.#remove(key)
  }

  /** Yields the live channels of a connection. */
  async *list(connection: Pick<Subscribed, 'serverId' | 'tenant' | 'connection'>): AsyncGenerator<Channel> {
    for await (const { row } of this.#rows.list(connection)) {
      const channel = row.channel === undefined ? undefined : await this.#channels.read(row.channel)
      if (channel !== undefined) yield channel
    }
  }

  async #renew({ key }: Job): Promise<JobOutcome> {
    const stored = await this.#rows.read(key)
    if (stored === undefined) return undefined
    const { row } = stored
    const { clock } = this.#client
    if (row.channel === undefined) return isMaking(row, clock) ? { at: clock.now() + MAKING_MS } : undefined
    const channel = await this.#channels.read(row.channel)
    const hasLapsed = channel === undefined || (channel.expiresAt ?? Infinity) <= clock.now()
    if (!hasLapsed && row.owesPull === true) await this.#catchUp(key)
    const afterMs = this.#endpoints.of(row.serverId)?.webhook.subscribe?.renewAfterMs
    if (!hasLapsed && !channel.isDue && clock.now() < renewalOf(channel, afterMs, 1))
      return nextRenewal(channel, afterMs)
    try {
      const renewed = hasLapsed ? await this.#replace(key, row) : await this.#extendOrReplace(key, row, channel)
      if (renewed === undefined) return { at: clock.now() + MAKING_MS }
      if (hasLapsed && row.lapsed !== true) this.#announceLapse(row, undefined)
      announce(this.#client, 'subscription.renewed', { ...aboutSubscription(row), expiresAt: renewed.expiresAt })
      return nextRenewal(renewed, afterMs)
    } catch (error) {
      if (!hasLapsed) throw error
      if (row.lapsed !== true) await this.#lapse(key, row, error)
      const fields = { event: 'subscription.not_renewed', ...aboutSubscription(row), error }
      this.#client.logger.warn(fields, 'A subscription that ended was not made again.')
      return { at: clock.now() + RETRY_LAPSED_MS }
    }
  }

  async #lapse(key: string, row: SubscriptionRow, error: unknown): Promise<void> {
    await this.#setPushed(row, false)
    const stored = await this.#rows.read(key)
    if (stored === undefined || !(await this.#rows.write(key, { ...stored.row, lapsed: true }, stored))) return
    this.#announceLapse(row, ConnectorError.from(error, 'Renewing a subscription').code)
  }

  #announceLapse(row: SubscriptionRow, code: ErrorCode | undefined): void {
    announce(this.#client, 'subscription.lapsed', { ...aboutSubscription(row), code })
  }

  /**
   * Makes a new channel and stops the one before.
   * @returns undefined if another process is making one
   */
  async #replace(key: string, target: Subscribed): Promise<Channel | undefined> {
    const { clock } = this.#client
    const stored = await this.#rows.read(key)
    const { serverId, tenant, connection, sync, params } = target
    const owner = { serverId, tenant, connection, sync, params }
    const rest: SubscriptionRow = stored?.row ?? owner
    if (isMaking(rest, clock)) return undefined
    const id = crypto.randomUUID()
    if (!(await this.#rows.write(key, { ...rest, making: { id, at: clock.now() } }, stored))) return undefined
    const draft: Channel = { ...owner, state: 'making', createdAt: clock.now() }
    await this.#channels.write(id, draft)
    let channel: Channel
    try {
      channel = { ...draft, state: 'live', ...(await this.#create(id, draft)) }
    } catch (error) {
      // It may exist at the provider, which then sends notices.
      await this.#channels.write(id, { ...draft, state: 'stopped' })
      await this.#settle(key, id, { ...rest, making: undefined })
      throw error
    }
    await this.#channels.write(id, channel)
    if (!(await this.#settle(key, id, { ...owner, channel: id, owesPull: true }))) {
      await this.#stop(id, channel, 'stopped')
      return undefined
    }
    const old = rest.channel === undefined ? undefined : await this.#channels.read(rest.channel)
    if (rest.channel !== undefined && old !== undefined) await this.#stop(rest.channel, old, 'replaced')
    await this.#catchUp(key)
    return channel
  }

  /** Wakes the sync: changes since its last pull may have been delivered to no channel. */
  async #catchUp(key: string): Promise<void> {
    const stored = await this.#rows.read(key)
    if (stored === undefined) return
    const { serverId, tenant, connection, sync, params } = stored.row
    await this.#setPushed(stored.row, true)
    if (sync !== undefined) await this.#client.syncEngine?.wake?.({ serverId, sync, tenant, connection, params })
    // If another process changed the row, the sync is woken once more.
    await this.#rows.write(key, { ...stored.row, owesPull: undefined }, stored)
  }

  /** Replaces the row, if the channel that is being made is still ours. */
  async #settle(key: string, id: string, row: SubscriptionRow): Promise<boolean> {
    const stored = await this.#rows.read(key)
    return stored?.row.making?.id === id && this.#rows.write(key, row, stored)
  }

  async #create(id: string, draft: Channel): Promise<SubscriptionHandle> {
    const { subscription, endpoint } = this.#subscriptionOf(draft)
    const { verify } = endpoint.webhook
    const token = (await verify.issueToken?.(id, endpoint.secrets)) ?? ''
    const channel = { id, token, address: endpoint.address, expiresAt: this.#endOf(subscription), params: draft.params }
    let qualified = (handle: string): string => handle
    const response = await this.#send(draft, {
      name: 'webhook_subscribe',
      effect: 'write',
      idempotent: false,
      request: (context) => {
        const { create, handleOf } = subscription
        if (handleOf !== undefined) qualified = (handle) => handleOf(handle, context as never)
        return create(channel as never, context as never)
      },
    })
    const { handle, ...created } = await this.#handleIn(draft, id, response)
    return { ...this.#lifeOf(subscription), ...created, handle: handle === undefined ? undefined : qualified(handle) }
  }

  /** Extends a channel in place if the provider can, and replaces it if the provider has lost it. */
  async #extendOrReplace(key: string, row: SubscriptionRow, channel: Channel): Promise<Channel | undefined> {
    const { renew } = this.#subscriptionOf(row).subscription
    if (renew === undefined || channel.handle === undefined || row.channel === undefined) return this.#replace(key, row)
    try {
      return await this.#extend(key, row.channel, channel)
    } catch (error) {
      const isLost = ConnectorError.is(error) && (error.details.status === 404 || error.details.status === 410)
      if (!isLost) throw error
      return this.#replace(key, row)
    }
  }

  /** @returns undefined if the subscription ended meanwhile */
  async #extend(key: string, id: string, channel: Channel): Promise<Channel | undefined> {
    const { subscription, endpoint } = this.#subscriptionOf(channel)
    const { params, handle = '' } = channel
    const token = (await endpoint.webhook.verify.issueToken?.(id, endpoint.secrets)) ?? ''
    const subject = { id, token, address: endpoint.address, expiresAt: this.#endOf(subscription), params, handle }
    const response = await this.#send(channel, {
      name: 'webhook_renew',
      effect: 'write',
      idempotent: true,
      request: (context) => (subscription.renew ?? subscription.create)(subject as never, context as never),
    })
    const given = { ...this.#lifeOf(subscription), ...(await this.#handleIn(channel, id, response)) }
    // A renewal may repeat the id, and extends the same subscription.
    const kept = subscription.handleOf === undefined ? {} : { handle }
    const renewed = { ...channel, handle, ...given, ...kept, createdAt: this.#client.clock.now() }
    await this.#channels.write(id, { ...renewed, isDue: undefined })
    if ((await this.#rows.read(key))?.row.channel === id) return renewed
    await this.#stop(id, renewed, 'stopped')
    return undefined
  }

  #handleIn(target: Subscribed, id: string, response: unknown): Promise<SubscriptionHandle> {
    const { subscription, endpoint } = this.#subscriptionOf(target)
    return readHandle(subscription, response, { channel: id, secrets: endpoint.secrets, now: this.#client.clock.now() })
  }

  async #remove(key: string): Promise<void> {
    const stored = await this.#rows.read(key)
    if (stored === undefined) return
    if (this.#client.hasJobs) await this.#client.jobs.cancel(HANDLER, key)
    await this.#rows.remove(key)
    const { channel: id } = stored.row
    const channel = id === undefined ? undefined : await this.#channels.read(id)
    if (id !== undefined && channel !== undefined) await this.#stop(id, channel, 'stopped')
    await this.#setPushed(stored.row, false)
  }

  /** Stops a channel. If the provider cannot be reached, it ends by itself, and its notices are known. */
  async #stop(id: string, channel: Channel, state: 'replaced' | 'stopped'): Promise<void> {
    const { handle, serverId, tenant, connection } = channel
    await this.#channels.write(id, { ...channel, state })
    const { stop, perAccount } = this.#endpoints.of(serverId)?.webhook.subscribe ?? {}
    if (stop === undefined || handle === undefined) return
    if (perAccount === true && (await this.#hasOther(id, channel))) return
    try {
      const request = () => stop({ id, handle })
      await this.#send(channel, { name: 'webhook_stop', effect: 'write', idempotent: true, request })
    } catch (error) {
      const fields = { event: 'subscription.not_stopped', serverId, tenant, connection, error }
      this.#client.logger.warn(fields, 'A subscription was not stopped at the provider. It ends by itself.')
    }
  }

  /** Returns whether a connection has a live channel beside this one. */
  async #hasOther(id: string, connection: Channel): Promise<boolean> {
    for await (const { row } of this.#rows.list(connection)) {
      if (row.channel === undefined || row.channel === id) continue
      if ((await this.#channels.read(row.channel))?.state === 'live') return true
    }
    return false
  }

  async #setPushed({ sync, ...connection }: Subscribed, isPushed: boolean): Promise<void> {
    if (sync !== undefined) await this.#client.syncEngine?.setPushed?.({ ...connection, sync }, isPushed)
  }

  #send({ serverId, tenant, connection }: Subscribed, operation: ClientOperation): Promise<unknown> {
    return this.#client.send(serverId, { tenant, agent: 'webhooks' }, connection, operation)
  }

  /** Returns the end that was asked for, which is that of a subscription whose response has none. */
  #lifeOf(subscription: Subscription): Pick<Channel, 'expiresAt'> {
    return subscription.lifeMs === undefined ? {} : { expiresAt: this.#endOf(subscription) }
  }

  #endOf({ lifeMs = 0 }: Subscription): number {
    return this.#client.clock.now() + lifeMs
  }

  /** @throws ConnectorError INVALID_INPUT if the connector has no subscriptions; CONFIGURATION_ERROR if it has no secret */
  #subscriptionOf({ serverId }: Subscribed): {
    readonly subscription: Subscription
    readonly endpoint: SecretEndpoint
  } {
    const endpoint = this.#endpoints.of(serverId)
    const subscription = endpoint?.webhook.subscribe
    if (endpoint !== undefined && subscription !== undefined) {
      const { secrets } = endpoint
      if (secrets === undefined) throw noSecret(serverId)
      return { subscription, endpoint: { ...endpoint, secrets } }
    }
    throw new ConnectorError('INVALID_INPUT', `${serverId} has no subscriptions.`, {
      hint: 'Register the address of diagnose() in the settings of the provider.',
      outcome: 'not_processed',
    })
  }
}

const aboutSubscription = ({ serverId, tenant, connection, sync }: Subscribed) => ({
  serverId,
  tenant,
  connection,
  sync,
})
