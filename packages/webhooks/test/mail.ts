import { bearer, defineConnector, del, get, patch, path, post, sync, webhook } from '@mcpclient/core/define'
import { channelOf, clientState } from '@mcpclient/webhooks/schemes'
import * as z from 'zod'

const Notifications = z.object({
  value: z.array(z.object({ clientState: z.string(), lifecycleEvent: z.string().optional() })),
})
const messages = sync({
  description: 'Messages.',
  item: z.object({ id: z.string() }),
  key: 'id',
  codes: {},
  pull: () => get('messages'),
  get: (id) => get(`messages/${id}`),
})

/** Mail as at Microsoft Graph: the address is checked by an unsigned request, and subscriptions are renewed in place. */
export const mail = defineConnector({
  id: 'mail',
  name: 'Mail',
  baseUrl: 'https://mail.example/',
  auth: bearer(),
  tools: {},
  syncs: { messages },
  webhook: webhook({
    verify: clientState(),
    handshake: {
      proof: 'subscription',
      respond: ({ url }) => {
        const text = new URL(url).searchParams.get('validationToken')
        return text === null ? undefined : { text }
      },
    },
    read: ({ json }) =>
      json(Notifications).value.map(({ clientState: token }) => ({
        to: { channel: channelOf(token) ?? '' },
        sync: 'messages' as const,
      })),
    subscribe: {
      lifeMs: 3 * 86_400_000,
      create: ({ token, address, expiresAt }) => post('subscriptions', { token, address, expiration: expiresAt }),
      created: z
        .object({ id: z.string(), expiration: z.number() })
        .transform(({ id, expiration }) => ({ handle: id, expiresAt: expiration })),
      renew: ({ handle, expiresAt }) => patch(path`subscriptions/${handle}`, { expiration: expiresAt }),
      stop: ({ handle }) => del(path`subscriptions/${handle}`),
    },
  }),
})

/** A subscription that the simulated provider holds. */
export interface MailSubscription {
  readonly token: string
  readonly address: string
  readonly expiration: number
}

/** Makes a notification of several tokens; undefined leaves clientState out. */
export const mailNotification = (...tokens: readonly (string | undefined)[]): Request =>
  new Request('http://internal:8080/hooks/mail', {
    method: 'POST',
    body: JSON.stringify({ value: tokens.map((token) => ({ ...(token !== undefined && { clientState: token }) })) }),
  })

/** Makes the request with which the provider checks an address. */
export const validation = (token: string): Request =>
  new Request(`http://internal:8080/hooks/mail?validationToken=${encodeURIComponent(token)}`, { method: 'POST' })
