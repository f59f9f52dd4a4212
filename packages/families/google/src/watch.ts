import { post, webhook } from '@mcpclient/core/define'
import type { SubscriptionChannel, Webhook } from '@mcpclient/core/define'
import { googleChannel } from '@mcpclient/webhooks/schemes'
import * as z from 'zod'

/** Google's longest and default life of a channel: 7 days. */
const LIFE_MS = 604_800_000

export interface WatchOptions<Params> {
  /** Returns the path of the watch method for the params of a sync. */
  readonly watch: (params: Params) => string
  /** The path of the method that ends a channel. @default 'channels/stop' */
  readonly stop?: string | undefined
}

/** The content of a delivery: the sync that has something to pull, or nothing. */
export type WatchReading<Name extends string> =
  | { readonly ignore: string }
  | { readonly id: string; readonly to: { readonly channel: string }; readonly sync: Name }

const Created = z
  .object({ resourceId: z.string(), expiration: z.coerce.number() })
  .transform(({ resourceId, expiration }) => ({ handle: resourceId, expiresAt: expiration }))

/**
 * Defines the watch channels of a sync. Google signs nothing and sends no body: a delivery proves itself with the token of
 * its channel, and only wakes the sync. A channel cannot be extended, so a new one replaces it.
 *
 * Source: https://developers.google.com/workspace/calendar/api/guides/push
 * @param sync the name of the sync
 */
export const watchChannel = <const Name extends string, Params>(
  sync: Name,
  { watch, stop = 'channels/stop' }: WatchOptions<Params>,
): Webhook<WatchReading<Name>, Params, unknown> =>
  webhook({
    verify: googleChannel(),
    read({ header }): WatchReading<Name> {
      if (header('x-goog-resource-state') === 'sync') return { ignore: 'the first message of a channel' }
      const channel = header('x-goog-channel-id')
      return { id: `${channel}:${header('x-goog-message-number')}`, to: { channel }, sync }
    },
    subscribe: {
      lifeMs: LIFE_MS,
      create: ({ id, token, address, expiresAt, params }: SubscriptionChannel<Params>) =>
        post(watch(params), { id, token, address, type: 'web_hook', expiration: String(expiresAt) }),
      created: Created,
      stop: ({ id, handle }) => post(stop, { id, resourceId: handle }),
    },
  })
