import { mark, nullable, webhook } from '@mcpclient/core/define'
import { sendgrid as signed } from '@mcpclient/webhooks/schemes'
import * as z from 'zod'
import { count, flag, fromServer, personal, text } from './shapes.ts'

/** `custom_args` are members of an event, beside those of SendGrid, so unknown members are passed on. */
const Event = z.looseObject({
  sg_event_id: z.string().describe('The same in each repetition of the event.'),
  sg_message_id: text.describe('Absent for a bounce that arrives late.'),
  email: personal.describe('The recipient.'),
  timestamp: z.number().describe('Seconds since 1970.'),
  'smtp-id': text,
  category: nullable(z.union([z.string(), z.array(z.string())])),
  asm_group_id: count,
})
const Reached = Event.extend({
  ip: nullable(mark(z.string(), { private: true })),
  useragent: nullable(mark(z.string(), { untrusted: true, private: true })),
})

/** The events of an e-mail. Source: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event */
export const events = {
  processed: Event.extend({ send_at: count }),
  dropped: Event.extend({ reason: fromServer, status: text }),
  deferred: Event.extend({ response: fromServer, attempt: nullable(z.union([z.string(), z.number()])) }),
  delivered: Event.extend({ response: fromServer }),
  bounce: Event.extend({
    type: text.describe('bounce, or blocked if a later e-mail may be delivered.'),
    reason: fromServer,
    status: text,
    bounce_classification: text,
  }),
  open: Reached.extend({ sg_machine_open: flag.describe('True if software opened it, such as a privacy proxy.') }),
  click: Reached.extend({ url: nullable(mark(z.string(), { private: true })) }),
  spamreport: Event,
  unsubscribe: Event,
  group_unsubscribe: Reached,
  group_resubscribe: Reached,
}

type EventName = keyof typeof events
const isEvent = (name: string): name is EventName => Object.hasOwn(events, name)
const named = Object.entries(events as Readonly<Record<string, typeof Event>>).map(([name, schema]) =>
  schema.extend({ event: z.literal(name) }),
)
const Other = z.object({ event: z.string().refine((name) => !isEvent(name)) })
const Delivery = z.array(z.union([...named, Other]))

/**
 * Reads deliveries, each of which has several events. They name no account of SendGrid, so their recipient is the app's own
 * credential, or the connection whose address was called.
 */
export const eventWebhook = webhook({
  verify: signed(),
  connectionSecret: 'signingSecret',
  read: ({ json }) =>
    json(Delivery).flatMap((item) => {
      const { event, ...data } = item
      return isEvent(event) && 'sg_event_id' in data
        ? [{ id: data.sg_event_id, to: { account: 'sendgrid' }, event, data }]
        : []
    }),
})
