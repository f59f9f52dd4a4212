import { mark, nullable, webhook } from '@mcpclient/core/define'
import type { Handshake } from '@mcpclient/core/define'
import { mandrill } from '@mcpclient/webhooks/schemes'
import * as z from 'zod'
import { fromServer, personal, text } from './shapes.ts'

const Event = z.object({
  _id: z.string().describe('Id of the message.'),
  ts: z.number().describe('Seconds since 1970.'),
  msg: z.object({
    email: personal.describe('The recipient.'),
    sender: text,
    subject: nullable(mark(z.string(), { private: true })),
    state: text,
    tags: nullable(z.array(z.string())),
    metadata: nullable(z.union([z.record(z.string(), z.unknown()), z.array(z.unknown())])).describe(
      'Values of the e-mail. An empty list if there are none.',
    ),
    diag: fromServer,
    bounce_description: text,
    template: text,
    reject: nullable(z.object({ reason: text })),
  }),
})
const Reached = Event.extend({
  ip: nullable(mark(z.string(), { private: true })),
  user_agent: nullable(mark(z.string(), { untrusted: true, private: true })),
  url: nullable(mark(z.string(), { private: true })),
})

/** The events of a message. Source: https://mailchimp.com/developer/transactional/docs/webhooks/ */
export const messageEvents = {
  send: Event,
  delivered: Event,
  deferral: Event,
  hard_bounce: Event,
  soft_bounce: Event,
  open: Reached.extend({ location: nullable(z.object({ country_short: text, city: text, timezone: text })) }),
  click: Reached,
  spam: Event,
  unsub: Event,
  reject: Event,
}

type EventName = keyof typeof messageEvents
const isEvent = (name: unknown): name is EventName => typeof name === 'string' && Object.hasOwn(messageEvents, name)
const named = Object.entries(messageEvents as Readonly<Record<string, typeof Event>>).map(([name, schema]) =>
  schema.extend({ event: z.literal(name), url: text }),
)
/** Any other event: a sync of a list, or an inbound message. */
const Other = z.object({
  event: z
    .unknown()
    .refine((name) => !isEvent(name))
    .optional(),
})
const json = z.string().transform((content, context): unknown => {
  try {
    return JSON.parse(content)
  } catch {
    context.addIssue({ code: 'custom', message: 'It is no JSON.' })
    return z.NEVER
  }
})
const Delivery = z.object({ mandrill_events: json.pipe(z.array(z.union([...named, Other]))) })

/** The address is checked with a HEAD, to which a response proves and reveals nothing. */
const handshake: Handshake = {
  proof: 'secret',
  respond: ({ method }) => (method === 'HEAD' ? {} : undefined),
}

/**
 * Reads deliveries, each of which has up to 1,000 events. They name no account, so their recipient is the app's own
 * credential, or the connection whose address was called.
 */
export const messageWebhook = webhook({
  verify: mandrill(),
  connectionSecret: 'signingSecret',
  handshake,
  read: ({ form }) =>
    form(Delivery).mandrill_events.flatMap((item) => {
      const { event, ...data } = item
      if (!isEvent(event) || !('msg' in data)) return []
      const { _id: message, ts, url = '' } = data
      // One message may be opened and clicked several times.
      return [{ id: `${message} ${ts} ${url}`, to: { account: 'mailchimp-transactional' }, event, data }]
    }),
})
