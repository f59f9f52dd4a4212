import type { Clock } from '@mcpclient/core'
import type { GraphChange } from './context.ts'
import { GraphFailure } from './failure.ts'
import type { Fields, GraphCall, GraphRoute } from './routes.ts'

/** The ways in which notifications fail. A probability is a number from 0 to 1. */
export interface SimulatedGraphNotificationOptions {
  /**
   * Receives the validation of an address and every notification, as the host's endpoint does. Without it, addresses are
   * not validated, and notifications are counted only.
   */
  readonly deliver?: ((request: Request) => Response | Promise<Response>) | undefined
  /**
   * Milliseconds between a change and its notification.
   * @default 1000
   */
  readonly notificationDelayMs?: number | undefined
  /** Probability that a notification is lost. */
  readonly lostNotifications?: number | undefined
  /** Probability that a notification arrives twice. */
  readonly repeatedNotifications?: number | undefined
}

export type SimulatedLifecycleEvent = 'reauthorizationRequired' | 'subscriptionRemoved' | 'missed'

/** A subscription that has not ended. */
export interface SimulatedSubscription {
  readonly id: string
  readonly resource: string
  readonly changeType: string
  readonly notificationUrl: string
  readonly lifecycleNotificationUrl?: string | undefined
  readonly clientState?: string | undefined
  readonly immutableIds: boolean
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

export interface Subscriptions {
  readonly routes: readonly GraphRoute[]
  notify(change: GraphChange): void
  /** Sends a lifecycle notification to every subscription. */
  lifecycle(event: SimulatedLifecycleEvent): void
  live(): readonly SimulatedSubscription[]
  lose(count: number): void
  repeat(count: number): void
  behave(): void
  readonly sent: number
}

const MINUTE_MS = 60_000
/** Source: https://learn.microsoft.com/graph/change-notifications-overview#subscription-lifetime */
const MAX_LIFE_MINUTES = 10_080
const MAX_TASK_LIFE_MINUTES = 4230
/** A shorter life is extended to this one. */
const MIN_LIFE_MINUTES = 45
const MAX_CLIENT_STATE = 128
const TENANT = '84bd8158-6d4d-4958-8b9f-9d6445542f95'
const MAX_RETRIES = 5
const FIRST_RETRY_MS = 10_000

/** Creates the subscriptions of a mailbox. */
export function createSubscriptions(
  options: SimulatedGraphNotificationOptions & { readonly clock: Clock; readonly random: () => number },
): Subscriptions {
  const { clock, random, deliver, notificationDelayMs = 1000 } = options
  const subscriptions = new Map<string, SimulatedSubscription>()
  let isHostile = true
  let made = 0
  let toLose = 0
  let toRepeat = 0
  let sent = 0

  const happens = (probability = 0): boolean => isHostile && random() < probability
  const isLive = ({ expiresAt }: SimulatedSubscription): boolean => clock.now() < expiresAt
  const find = ({ ids: [id = ''] }: GraphCall): SimulatedSubscription => {
    const found = subscriptions.get(id)
    if (found !== undefined && isLive(found)) return found
    throw new GraphFailure('ResourceNotFound', { message: 'The object was not found.' })
  }

  const attempt = async (address: string, notification: Fields, retries: number): Promise<void> => {
    sent++
    const status = await statusOf(deliver, address, notification)
    if (status < 400 || retries === MAX_RETRIES) return
    clock.schedule(FIRST_RETRY_MS * 2 ** retries, () => {
      void attempt(address, notification, retries + 1)
    })
  }
  const send = (address: string, notification: Fields): void => {
    if (toLose > 0 || happens(options.lostNotifications)) {
      toLose = Math.max(0, toLose - 1)
      return
    }
    const isRepeated = toRepeat > 0 || happens(options.repeatedNotifications)
    if (isRepeated) toRepeat = Math.max(0, toRepeat - 1)
    for (let copy = 0; copy <= Number(isRepeated); copy++) {
      clock.schedule(notificationDelayMs, () => {
        void attempt(address, notification, 0)
      })
    }
  }
  /** Validates an address: it has to return the token as plain text. */
  const validate = async (address: string): Promise<void> => {
    if (deliver === undefined) return
    const token = `Validation: Testing client application reachability for subscription Request-Id: ${++made}`
    const url = new URL(address)
    url.searchParams.set('validationToken', token)
    const request = new Request(url, { method: 'POST', headers: { 'content-type': 'text/plain; charset=utf-8' } })
    const response = await Promise.resolve(deliver(request)).catch(() => undefined)
    const isText = response?.headers.get('content-type')?.startsWith('text/plain') === true
    if (response?.status === 200 && isText && (await response.text()) === token) return
    throw new GraphFailure('ValidationError', {
      message: `Subscription validation request failed. HTTP status code is '${response?.status ?? 'none'}'.`,
    })
  }

  const create = async (call: GraphCall): Promise<Response> => {
    const body = await call.body()
    const { changeType, resource, clientState } = body
    const [address, lifecycle] = [addressIn(body, 'notificationUrl'), addressIn(body, 'lifecycleNotificationUrl')]
    if (
      typeof changeType !== 'string' ||
      !/^(?:created|updated|deleted)(?:,(?:created|updated|deleted))*$/.test(changeType)
    ) {
      throw invalid('changeType')
    }
    if (typeof resource !== 'string' || resource === '') throw invalid('resource')
    if (clientState !== undefined && (typeof clientState !== 'string' || clientState.length > MAX_CLIENT_STATE)) {
      throw invalid('clientState')
    }
    if (address === undefined) throw invalid('notificationUrl')
    const expiresAt = endIn(body, resource, clock.now())
    await validate(address)
    if (lifecycle !== undefined && lifecycle !== address) await validate(lifecycle)
    const subscription: SimulatedSubscription = {
      id: `7f105c7d-2dc5-4530-97cd-${String(++made).padStart(12, '0')}`,
      resource,
      changeType,
      notificationUrl: address,
      lifecycleNotificationUrl: lifecycle,
      clientState,
      immutableIds: call.preferences.immutableIds,
      expiresAt,
    }
    subscriptions.set(subscription.id, subscription)
    return Response.json(shown(subscription), { status: 201 })
  }
  const renew = async (call: GraphCall): Promise<Response> => {
    const subscription = find(call)
    const renewed = { ...subscription, expiresAt: endIn(await call.body(), subscription.resource, clock.now()) }
    subscriptions.set(renewed.id, renewed)
    return Response.json(shown(renewed))
  }

  const one = /^subscriptions\/([^/]+)$/
  return {
    routes: [
      { operation: 'subscriptions.create', method: 'POST', path: /^subscriptions$/, run: create },
      { operation: 'subscriptions.get', method: 'GET', path: one, run: (call) => Response.json(shown(find(call))) },
      { operation: 'subscriptions.update', method: 'PATCH', path: one, run: renew },
      {
        operation: 'subscriptions.delete',
        method: 'DELETE',
        path: one,
        run(call) {
          subscriptions.delete(find(call).id)
          return new Response(null, { status: 204 })
        },
      },
    ],
    notify({ resources, changeType, type, idFor, etag }) {
      for (const subscription of subscriptions.values()) {
        const isWatched = resources.includes(subscription.resource.replace(/^\//, ''))
        if (!isWatched || !isLive(subscription) || !subscription.changeType.includes(changeType)) continue
        const id = idFor(subscription.immutableIds)
        const resource = `Users/${TENANT}/${type[0]?.toUpperCase()}${type.slice(1)}s/${id}`
        send(subscription.notificationUrl, {
          ...about(subscription),
          changeType,
          resource,
          resourceData: {
            '@odata.type': `#Microsoft.Graph.${type[0]?.toUpperCase()}${type.slice(1)}`,
            '@odata.id': resource,
            ...(etag !== undefined && { '@odata.etag': etag }),
            id,
          },
        })
      }
    },
    lifecycle(event) {
      for (const subscription of subscriptions.values()) {
        if (!isLive(subscription)) continue
        if (event === 'subscriptionRemoved') subscriptions.delete(subscription.id)
        const { lifecycleNotificationUrl: address } = subscription
        if (address !== undefined) send(address, { ...about(subscription), lifecycleEvent: event })
      }
    },
    live: () => [...subscriptions.values()].filter(isLive),
    lose(count) {
      toLose += count
    },
    repeat(count) {
      toRepeat += count
    },
    behave() {
      isHostile = false
    },
    get sent() {
      return sent
    },
  }
}

const invalid = (name: string): GraphFailure =>
  new GraphFailure('BadRequest', { message: `The value of ${name} is not valid.` })

function addressIn(body: Fields, name: string): string | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string' || !URL.canParse(value) || new URL(value).protocol !== 'https:') throw invalid(name)
  return value
}

function endIn({ expirationDateTime: end }: Fields, resource: string, now: number): number {
  const asked = typeof end === 'string' ? Date.parse(end) : Number.NaN
  const longest = resource.includes('todo') ? MAX_TASK_LIFE_MINUTES : MAX_LIFE_MINUTES
  if (Number.isNaN(asked) || asked <= now || asked > now + longest * MINUTE_MS) {
    throw new GraphFailure('ErrorInvalidRequest', {
      message: `Subscription expiration can only be ${longest} minutes in the future.`,
    })
  }
  return Math.max(asked, now + MIN_LIFE_MINUTES * MINUTE_MS)
}

const shown = ({ expiresAt, immutableIds: _kind, ...subscription }: SimulatedSubscription): Fields => ({
  '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#subscriptions/$entity',
  ...subscription,
  applicationId: '6731de76-14a6-49ae-97bc-6eba6914391e',
  creatorId: '8ee44408-0679-472c-bc2a-692812af3437',
  latestSupportedTlsVersion: 'v1_2',
  expirationDateTime: new Date(expiresAt).toISOString(),
})

const about = ({ id, clientState, expiresAt }: SimulatedSubscription): Fields => ({
  subscriptionId: id,
  subscriptionExpirationDateTime: new Date(expiresAt).toISOString(),
  tenantId: TENANT,
  ...(clientState !== undefined && { clientState }),
})

/** Returns the status of a delivery; an endpoint that cannot be reached counts as 503. */
async function statusOf(
  deliver: SimulatedGraphNotificationOptions['deliver'],
  address: string,
  notification: Fields,
): Promise<number> {
  if (deliver === undefined) return 202
  const request = new Request(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ value: [notification] }),
  })
  try {
    return (await deliver(request)).status
  } catch {
    return 503
  }
}
