import { del, mark, nullable, path, post, webhook } from '@mcpclient/core/define'
import type { Handshake } from '@mcpclient/core/define'
import { pathSecret } from '@mcpclient/webhooks/schemes'
import * as z from 'zod'
import { text } from './shapes.ts'
import { webhookBody } from './webhook-body.ts'
import type { Source } from './webhook-body.ts'

const personal = mark(z.string(), { private: true })
const Event = z.object({ fired_at: z.string().describe('Without a zone: 2009-03-26 21:35:57.'), list_id: text })
const Changed = Event.extend({
  id: text,
  email: personal,
  email_type: text,
  web_id: text,
  merges: nullable(mark(z.record(z.string(), z.unknown()), { untrusted: true, private: true })),
})

/** The changes of an audience. Source: https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/ */
export const audienceEvents = {
  subscribe: Changed,
  unsubscribe: Changed.extend({
    action: text.describe('unsub or delete.'),
    reason: text.describe('manual or abuse.'),
    campaign_id: text,
  }),
  profile: Changed,
  upemail: Event.extend({ new_id: text, new_email: personal, old_email: personal }),
  cleaned: Event.extend({ email: personal, reason: text.describe('hard or abuse.'), campaign_id: text }),
  campaign: Event.extend({ id: text, subject: text, status: text, reason: text }),
}

type EventName = keyof typeof audienceEvents
const isEvent = (name: string): name is EventName => Object.hasOwn(audienceEvents, name)

type Fields = Readonly<Record<string, unknown>>
const Delivery = z.looseObject({ type: z.string(), fired_at: z.string() })

/** Returns the members of a form whose names match: `data[email]`. */
const membersIn = (form: Fields, name: RegExp): Fields =>
  Object.fromEntries(
    Object.entries(form).flatMap(([field, value]) => {
      const [, member] = name.exec(field) ?? []
      return member === undefined ? [] : [[member, value]]
    }),
  )

const eventOf = (name: EventName) =>
  Delivery.transform(({ fired_at, ...form }): unknown => ({
    fired_at,
    ...membersIn(form, /^data\[(\w+)\]$/),
    // A field of several parts, such as an address, stays as Mailchimp names them: `ADDRESS][city`.
    merges: membersIn(form, /^data\[merges\]\[(.+)\]$/),
  })).pipe(audienceEvents[name])

const secret = pathSecret()

/** Mailchimp checks the address with a GET. */
const handshake: Handshake = {
  proof: 'secret',
  respond: async (request, secrets) =>
    request.method === 'GET' && (await secret.verify(request, secrets)).verified ? {} : undefined,
}

interface Channel {
  readonly token: string
  readonly address: string
  readonly params: {
    /** Id of the audience. */
    readonly list_id: string
    /** @default all events */
    readonly events?: readonly EventName[]
    /** The origins of the changes to report: users, admins, and this API. @default users and admins */
    readonly sources?: readonly Source[]
  }
}

/**
 * Reads changes of audiences. Mailchimp signs nothing, so the address ends with a secret, or with the token of a subscription.
 * A change names no account, so without a subscription its recipient is the app's own credential.
 */
export const audienceWebhook = webhook({
  verify: secret,
  handshake,
  read: ({ form, channels: [channel] }) => {
    const { type } = form(Delivery)
    if (!isEvent(type)) return { ignore: `changes of the type ${type}` }
    const to = channel === undefined ? { account: 'mailchimp' } : { channel }
    return { to, event: type, data: form(eventOf(type)) }
  },
  subscribe: {
    create: ({ token, address, params: { list_id, events, sources } }: Channel) =>
      post(path`lists/${list_id}/webhooks`, webhookBody(`${address}/${token}`, events, sources)),
    created: z
      .object({ id: z.string(), list_id: z.string() })
      .transform(({ id, list_id }) => ({ handle: `${list_id}/${id}` })),
    stop: ({ handle }) => {
      const [list = '', id = ''] = handle.split('/')
      return del(path`lists/${list}/webhooks/${id}`)
    },
  },
  // Mailchimp waits 10 seconds, and repeats a delivery for 75 minutes. Source: see audienceEvents.
  respondWithinMs: 10_000,
  retriesForMs: 75 * 60_000,
})
