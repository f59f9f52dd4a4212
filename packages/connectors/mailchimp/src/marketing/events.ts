import { mark, nullable, webhook } from '@mcpclient/core/define'
import type { Handshake } from '@mcpclient/core/define'
import { pathSecret } from '@mcpclient/webhooks/schemes'
import * as z from 'zod'
import { text } from './shapes.ts'

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

/**
 * Reads changes of audiences. Mailchimp signs nothing, so the address ends with a secret. A change names no account, so its
 * recipient is the app's own credential.
 */
export const audienceWebhook = webhook({
  verify: secret,
  handshake,
  read: ({ form }) => {
    const { type } = form(Delivery)
    if (!isEvent(type)) return { ignore: `changes of the type ${type}` }
    return { to: { account: 'mailchimp' }, event: type, data: form(eventOf(type)) }
  },
  // Mailchimp waits 10 seconds, and repeats a delivery for 75 minutes. Source: see audienceEvents.
  respondWithinMs: 10_000,
  retriesForMs: 75 * 60_000,
})
