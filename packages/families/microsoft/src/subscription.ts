import { del, patch, path, post, webhook } from '@mcpclient/core/define'
import type { SubscriptionChannel, UnverifiedDelivery, Webhook } from '@mcpclient/core/define'
import { channelOf, clientState } from '@mcpclient/webhooks/schemes'
import * as z from 'zod'
import { prefer } from './requests.ts'

/** The longest life of a subscription to Outlook items is 10,080 minutes. The rest is for clocks that differ. */
const OUTLOOK_LIFE_MS = 10_020 * 60_000
/** Longer texts are no token of Graph. */
const MAX_TOKEN_LENGTH = 2048

export interface GraphSubscriptionOptions<Params> {
  /** Returns the path of the resource to watch, such as `me/contacts`. */
  readonly resource: (params: Params) => string
  /** The kinds of changes. @default 'created,updated,deleted' */
  readonly changeType?: string | undefined
  /** Milliseconds that a subscription lasts. @default 601_200_000, for Outlook messages, events and contacts */
  readonly lifeMs?: number | undefined
}

/** One notification: the sync that has something to pull. */
export interface SubscriptionNotice<Name extends string> {
  readonly to: { readonly channel: string }
  readonly sync: Name
  readonly subscription?: 'due' | 'ended' | undefined
}
export type SubscriptionReading<Name extends string> = readonly SubscriptionNotice<Name>[]

const Notifications = z.object({
  value: z.array(z.object({ clientState: z.string(), lifecycleEvent: z.string().optional() })),
})
type Notification = z.output<typeof Notifications>['value'][number]
const Created = z
  .object({ id: z.string().min(1), expirationDateTime: z.iso.datetime({ offset: true }) })
  .transform(({ id, expirationDateTime }) => ({ handle: id, expiresAt: Date.parse(expirationDateTime) }))

/**
 * Defines the change notifications of a sync. Graph signs nothing: each notification proves itself with the `clientState` of
 * its subscription, and only wakes the sync. Notifications about the subscription itself come to the same address.
 *
 * Source: https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
 * @param sync the name of the sync
 */
export const graphSubscription = <const Name extends string, Params>(
  sync: Name,
  { resource, changeType = 'created,updated,deleted', lifeMs = OUTLOOK_LIFE_MS }: GraphSubscriptionOptions<Params>,
): Webhook<SubscriptionReading<Name>, Params, unknown> =>
  webhook({
    verify: clientState(),
    read: ({ json }): SubscriptionReading<Name> =>
      [...Map.groupBy(json(Notifications).value, ({ clientState: token }) => channelOf(token) ?? '')].map(
        // A sync that is woken pulls everything, so one notice of each channel is enough.
        ([channel, notifications]) => ({ to: { channel }, sync, ...stateIn(notifications) }),
      ),
    handshake: { proof: 'subscription', respond: validationIn },
    subscribe: {
      lifeMs,
      create: ({ token, address, expiresAt, params }: SubscriptionChannel<Params>) =>
        post(
          'subscriptions',
          {
            changeType,
            notificationUrl: address,
            lifecycleNotificationUrl: address,
            resource: resource(params),
            expirationDateTime: new Date(expiresAt).toISOString(),
            clientState: token,
          },
          { headers: prefer() },
        ),
      created: Created,
      renew: ({ handle, expiresAt }) =>
        patch(path`subscriptions/${handle}`, { expirationDateTime: new Date(expiresAt).toISOString() }),
      stop: ({ handle }) => del(path`subscriptions/${handle}`),
    },
    // Graph repeats a notification for up to 4 hours.
    retriesForMs: 4 * 3_600_000,
  })

/** Returns the state of a subscription that its notifications report. */
function stateIn(notifications: readonly Notification[]): Pick<SubscriptionNotice<string>, 'subscription'> {
  const has = (name: string): boolean => notifications.some(({ lifecycleEvent }) => lifecycleEvent === name)
  if (has('subscriptionRemoved')) return { subscription: 'ended' }
  return has('reauthorizationRequired') ? { subscription: 'due' } : {}
}

/** Returns the response to the request with which Graph checks an address: the token, without characters of HTML. */
function validationIn({ method, url }: UnverifiedDelivery): { readonly text: string } | undefined {
  const [token = '', ...others] = new URL(url).searchParams.getAll('validationToken')
  if (method !== 'POST' || token === '' || token.length > MAX_TOKEN_LENGTH || others.length > 0) return undefined
  return { text: token.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`) }
}
