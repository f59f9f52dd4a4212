import { mark, nullable, webhook } from '@mcpclient/core/define'
import { twilio as signed } from '@mcpclient/webhooks/schemes'
import * as z from 'zod'

const text = nullable(z.string())
const address = mark(z.string(), { private: true })
const written = nullable(mark(z.string(), { untrusted: true, private: true }))

/** The events, with Twilio's parameters in snake case: `MessageSid` is `message_sid`. */
export const events = {
  /** Source: https://www.twilio.com/docs/messaging/guides/webhook-request */
  message_received: z.object({
    message_sid: z.string(),
    from: address,
    to: address,
    body: written,
    num_media: text,
    media: z.array(z.object({ url: z.string(), content_type: text })),
    messaging_service_sid: text,
    profile_name: written.describe('The name that the sender has at WhatsApp.'),
    button_text: written.describe('The text of the button of a template that the sender chose.'),
  }),
  /** Source: https://www.twilio.com/docs/messaging/guides/track-outbound-message-status */
  message_status: z.object({
    message_sid: z.string(),
    message_status: z.string().describe('queued, sent, delivered, undelivered, failed, read and others.'),
    error_code: text.describe('Why it was not delivered: https://www.twilio.com/docs/api/errors'),
    from: nullable(address),
    to: nullable(address),
    messaging_service_sid: text,
  }),
  /** Source: https://www.twilio.com/docs/voice/api/call-resource#statuscallback */
  call_status: z.object({
    call_sid: z.string(),
    call_status: z.string().describe('initiated, ringing, in-progress, completed, busy, failed or no-answer.'),
    from: address,
    to: address,
    direction: text,
    call_duration: text.describe('Seconds, once the call has ended.'),
    parent_call_sid: text,
    timestamp: text,
    sequence_number: text.describe('Orders the events of a call: they may arrive in another order.'),
    answered_by: text,
  }),
}

type Fields = Readonly<Record<string, unknown>>

const snakeCase = (name: string): string => name.replaceAll(/(?<=.)(?=[A-Z])/g, '_').toLowerCase()

/** Returns the media of a received message: `MediaUrl0`, `MediaContentType0` and so on. */
const mediaOf = (fields: Fields): readonly object[] =>
  Object.keys(fields)
    .filter((name) => /^media_url\d+$/.test(name))
    .map((name) => ({ url: fields[name], content_type: fields[name.replace('url', 'content_type')] }))

/** Reads the parameters of a delivery under their names in snake case. */
const named = <Event extends z.ZodType>(schema: Event) =>
  z.preprocess((parameters) => {
    const entries = Object.entries(parameters as Fields).map(([name, value]) => [snakeCase(name), value] as const)
    const fields = Object.fromEntries(entries)
    return { ...fields, media: mediaOf(fields) }
  }, schema)

const Kind = z.object({
  account_sid: z.string(),
  message_sid: text,
  message_status: text,
  call_sid: text,
  call_status: text,
  callback_source: text,
})

/**
 * Reads received messages and status callbacks. Twilio signs no time and no id of a delivery: what a delivery says is the
 * same in a repetition, so its id is made of that.
 */
export const statusCallbacks = webhook({
  verify: signed(),
  // Source: https://www.twilio.com/docs/usage/webhooks/webhooks-security
  connectionSecret: 'authToken',
  read: ({ form, header }) => {
    // Other products send JSON.
    if (/\bjson\b/i.test(header('content-type', ''))) return { ignore: 'requests in JSON' }
    const kind = form(named(Kind))
    const to = { account: kind.account_sid }
    const { message_sid: message, message_status: status, call_sid: call } = kind
    if (message !== undefined && status !== undefined) {
      return { id: `${message}:${status}`, to, event: 'message_status', data: form(named(events.message_status)) }
    }
    if (message !== undefined) {
      return { id: message, to, event: 'message_received', data: form(named(events.message_received)) }
    }
    // A request for TwiML, which reports a status as well, wants to know what to do.
    if (call === undefined || kind.callback_source !== 'call-progress-events') {
      return { ignore: 'requests that report no message and no progress of a call' }
    }
    return { id: `${call}:${kind.call_status}`, to, event: 'call_status', data: form(named(events.call_status)) }
  },
  // To a message, Twilio expects TwiML in a 200, and logs error 11200 without it.
  acceptedStatus: 204,
  // Twilio waits that long. Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
  respondWithinMs: 15_000,
})
