import { ConnectorError, listAll, storeKey } from '@mcpclient/core'
import type { ClientContext, ClientOperation, Job, JobOutcome, Store, Stored } from '@mcpclient/core'
import type { Subscription, SubscriptionHandle } from '@mcpclient/core/define'
import { MAKING_MS } from './channels.ts'
import type { Channel, Channels, Subscribed } from './channels.ts'
import { digestOf } from './claims.ts'
import type { Endpoint, Endpoints } from './endpoints.ts'

/** The row of a subscription: its channel, and the one that is being made. */
interface Row extends Subscribed {
  readonly channel?: string | undefined
  readonly making?: { readonly id: string; readonly at: number } | undefined
}

/** Renews after this share of the life, so that a failing renewal has the rest to be repeated. */
const RENEW_AFTER = 0.75
const HANDLER = 'webhook_subscription'

/** Creates subscriptions at providers, renews them before they end, and stops them. One channel for each is live. */
export class Subscriptions {
  readonly #client: ClientContext
  readonly #store: Store
  readonly #channels: Channels
  readonly #endpoints: Endpoints

  constructor(client: ClientContext, store: Store, channels: Channels, endpoints: Endpoints) {
    this.#client = client
    this.#store = store
    this.#channels = channels
    this.#endpoints = endpoints
  }

  /** Registers the function that renews. Needs a capability that runs jobs. */
  listen(): void {
    this.#client.jobs.handle(HANDLER, (job) => this.#renew(job))
  }

  async add(target: Subscribed): Promise<void> {
    const key = await keyOf(target)
    this.#subscriptionOf(target)
    if ((await this.#read(key))?.row.channel !== undefined) return
    const channel = await this.#replace(key, target)
    if (channel?.expiresAt === undefined) return
    await this.#client.jobs.schedule(HANDLER, key, { at: renewalOf(channel) })
  }

  async remove(target: Subscribed): Promise<void> {
    await this.#remove(await keyOf(target))
  }

  /** Stops every subscription of a connection. */
  async removeAll(connection: Pick<Subscribed, 'serverId' | 'tenant' | 'connection'>): Promise<void> {
    for await (const { key } of this.#rows(connection)) await this.#remove(key)
  }

  /** Yields the live channels of a connection. */
  async *list(connection: Pick<Subscribed, 'serverId' | 'tenant' | 'connection'>): AsyncGenerator<Channel> {
    for await (const { row } of this.#rows(connection)) {
      const channel = row.channel === undefined ? undefined : await this.#channels.read(row.channel)
      if (channel !== undefined) yield channel
    }
  }

  async #renew({ key }: Job): Promise<JobOutcome> {
    const stored = await this.#read(key)
    const id = stored?.row.channel
    if (stored === undefined || id === undefined) return undefined
    const { row } = stored
    const channel = await this.#channels.read(id)
    const hasLapsed = channel === undefined || (channel.expiresAt ?? Infinity) <= this.#client.clock.now()
    try {
      const { renew } = this.#subscriptionOf(row).subscription
      const isExtended = renew !== undefined && !hasLapsed && channel.handle !== undefined
      const renewed = isExtended ? await this.#extend(id, channel) : await this.#replace(key, row)
      if (renewed === undefined) return { at: this.#client.clock.now() + MAKING_MS }
      this.#client.emit('subscription.renewed', { ...aboutSubscription(row), expiresAt: renewed.expiresAt })
      return renewed.expiresAt === undefined ? undefined : { at: renewalOf(renewed) }
    } catch (error) {
      if (hasLapsed && channel?.lapsed !== true) await this.#lapse(id, row, channel, error)
      throw error
    }
  }

  async #lapse(id: string, row: Row, channel: Channel | undefined, error: unknown): Promise<void> {
    if (channel !== undefined) await this.#channels.write(id, { ...channel, lapsed: true })
    const { code } = ConnectorError.from(error, 'Renewing a subscription')
    this.#client.emit('subscription.lapsed', { ...aboutSubscription(row), code })
    await this.#setPushed(row, false)
  }

  /**
   * Makes a new channel and stops the one before.
   * @returns undefined if another process is making one
   */
  async #replace(key: string, target: Subscribed): Promise<Channel | undefined> {
    const { clock } = this.#client
    const stored = await this.#read(key)
    const { making } = stored?.row ?? {}
    if (making !== undefined && making.at + MAKING_MS > clock.now()) return undefined
    const before = stored?.row.channel
    const id = crypto.randomUUID()
    const { serverId, tenant, connection, sync, params } = target
    const owner = { serverId, tenant, connection, sync, params }
    const claim: Row = { ...owner, channel: before, making: { id, at: clock.now() } }
    if (!(await this.#write(key, claim, stored))) return undefined
    const draft: Channel = { ...owner, state: 'making', createdAt: clock.now() }
    await this.#channels.write(id, draft)
    let channel: Channel
    try {
      channel = { ...draft, state: 'live', ...(await this.#create(id, draft)) }
    } catch (error) {
      // It may exist at the provider, which then sends notices.
      await this.#channels.write(id, { ...draft, state: 'stopped' })
      await this.#settle(key, id, { ...owner, channel: before })
      throw error
    }
    await this.#channels.write(id, channel)
    if (!(await this.#settle(key, id, { ...owner, channel: id }))) {
      await this.#stop(id, channel, 'stopped')
      return undefined
    }
    const old = before === undefined ? undefined : await this.#channels.read(before)
    if (before !== undefined && old !== undefined) await this.#stop(before, old, 'replaced')
    await this.#setPushed(target, true)
    // Changes since the last pull may have been delivered to no channel.
    if (sync !== undefined) await this.#client.syncEngine?.wake?.({ serverId, sync, tenant, connection, params })
    return channel
  }

  /** Replaces the row, if the channel that is being made is still ours. */
  async #settle(key: string, id: string, row: Row): Promise<boolean> {
    const stored = await this.#read(key)
    return stored?.row.making?.id === id && this.#write(key, row, stored)
  }

  async #create(id: string, draft: Channel): Promise<Pick<Channel, 'handle' | 'expiresAt'>> {
    const { subscription, endpoint } = this.#subscriptionOf(draft)
    const { verify } = endpoint.webhook
    const token = (await verify.issueToken?.(id, endpoint.secrets)) ?? ''
    const channel = { id, token, address: endpoint.address, expiresAt: this.#endOf(subscription), params: draft.params }
    const response = await this.#send(draft, {
      name: 'webhook_subscribe',
      effect: 'write',
      idempotent: false,
      request: () => subscription.create(channel as never),
    })
    return handleIn(subscription, response)
  }

  async #extend(id: string, channel: Channel): Promise<Channel> {
    const { subscription, endpoint } = this.#subscriptionOf(channel)
    const { params, handle = '' } = channel
    const token = (await endpoint.webhook.verify.issueToken?.(id, endpoint.secrets)) ?? ''
    const subject = { id, token, address: endpoint.address, expiresAt: this.#endOf(subscription), params, handle }
    const response = await this.#send(channel, {
      name: 'webhook_renew',
      effect: 'write',
      idempotent: true,
      request: () => subscription.renew?.(subject as never) ?? subscription.create(subject as never),
    })
    const renewed = { ...channel, handle, ...handleIn(subscription, response), createdAt: this.#client.clock.now() }
    await this.#channels.write(id, renewed)
    return renewed
  }

  async #remove(key: string): Promise<void> {
    const stored = await this.#read(key)
    if (stored === undefined) return
    if (this.#client.hasJobs) await this.#client.jobs.cancel(HANDLER, key)
    await this.#store.delete(rowKey(key))
    const { channel: id } = stored.row
    const channel = id === undefined ? undefined : await this.#channels.read(id)
    if (id !== undefined && channel !== undefined) await this.#stop(id, channel, 'stopped')
    await this.#setPushed(stored.row, false)
  }

  /** Stops a channel. If the provider cannot be reached, it ends by itself, and its notices are known. */
  async #stop(id: string, channel: Channel, state: 'replaced' | 'stopped'): Promise<void> {
    const { handle, serverId, tenant, connection } = channel
    await this.#channels.write(id, { ...channel, state })
    const stop = this.#endpoints.of(serverId)?.webhook.subscribe?.stop
    if (stop === undefined || handle === undefined) return
    try {
      const request = () => stop({ id, handle })
      await this.#send(channel, { name: 'webhook_stop', effect: 'write', idempotent: true, request })
    } catch (error) {
      const fields = { event: 'subscription.not_stopped', serverId, tenant, connection, error }
      this.#client.logger.warn(fields, 'A subscription was not stopped at the provider. It ends by itself.')
    }
  }

  async #setPushed({ sync, ...connection }: Subscribed, isPushed: boolean): Promise<void> {
    if (sync !== undefined) await this.#client.syncEngine?.setPushed?.({ ...connection, sync }, isPushed)
  }

  #send({ serverId, tenant, connection }: Subscribed, operation: ClientOperation): Promise<unknown> {
    return this.#client.send(serverId, { tenant, agent: 'webhooks' }, connection, operation)
  }

  #endOf({ lifeMs = 0 }: Subscription): number {
    return this.#client.clock.now() + lifeMs
  }

  /** @throws ConnectorError INVALID_INPUT if the connector has no subscriptions */
  #subscriptionOf({ serverId }: Subscribed): { readonly subscription: Subscription; readonly endpoint: Endpoint } {
    const endpoint = this.#endpoints.of(serverId)
    const subscription = endpoint?.webhook.subscribe
    if (endpoint !== undefined && subscription !== undefined) return { subscription, endpoint }
    throw new ConnectorError('INVALID_INPUT', `${serverId} has no subscriptions.`, {
      hint: 'Register the address of diagnose() in the settings of the provider.',
      outcome: 'not_processed',
    })
  }

  async *#rows({ serverId, tenant, connection }: Pick<Subscribed, 'serverId' | 'tenant' | 'connection'>) {
    const prefix = rowKey(`${storeKey(serverId, tenant, connection)}/`)
    for await (const { key, value } of listAll(this.#store, prefix)) {
      yield { key: key.slice(rowKey('').length), row: JSON.parse(value) as Row }
    }
  }

  async #read(key: string): Promise<(Stored & { readonly row: Row }) | undefined> {
    const stored = await this.#store.get(rowKey(key))
    return stored && { ...stored, row: JSON.parse(stored.value) as Row }
  }

  async #write(key: string, row: Row, before: Stored | undefined): Promise<boolean> {
    const ifVersion = before?.version ?? null
    return !('conflict' in (await this.#store.put(rowKey(key), JSON.stringify(row), { ifVersion })))
  }
}

const rowKey = (key: string): string => `hook/sub/${key}`

async function keyOf({ serverId, tenant, connection, sync = '', params }: Subscribed): Promise<string> {
  return storeKey(serverId, tenant, connection, sync, await digestOf(canonical(params)))
}

/** Returns JSON whose keys are sorted, so that equal params have one spelling. */
const canonical = (params: object): string =>
  JSON.stringify(params, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  )

function handleIn(subscription: Subscription, response: unknown): SubscriptionHandle {
  const parsed = subscription.created.safeParse(response)
  if (parsed.success) return parsed.data
  throw new ConnectorError('DATA_TRANSFORMATION_ERROR', 'The response describes no subscription.', {
    outcome: 'unknown',
    hint: "Report it to the connector's author.",
  })
}

/** Spreads renewals a little, because subscriptions are often created together. */
const renewalOf = ({ createdAt, expiresAt = 0 }: Channel): number =>
  Math.round(createdAt + (expiresAt - createdAt) * RENEW_AFTER * (0.95 + 0.05 * Math.random()))

const aboutSubscription = ({ serverId, tenant, connection, sync }: Subscribed) => ({
  serverId,
  tenant,
  connection,
  sync,
})
