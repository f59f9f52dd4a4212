import { mark, noContent, nullable } from '@mcpclient/core/define'
import type { ToolContext } from '@mcpclient/core/define'
import * as z from 'zod'

/** Returns the schema of an id. Its first two letters are the kind of the resource. */
const sid = (...kinds: readonly string[]) =>
  z.string().regex(new RegExp(`^(?:${kinds.join('|')})[0-9a-fA-F]{32}$`), `${kinds.join(' or ')} and 32 hex digits.`)

export const messageSid = sid('SM', 'MM')
export const callSid = sid('CA')
export const serviceSid = sid('MG')
export const contentSid = sid('HX')

export const Settings = z.object({
  /** The account to use, such as a subaccount. The default is the account of the credential. */
  account: sid('AC'),
  /** The default sender of send_sms and make_call: a number such as `+15005550006`. */
  from: z.string().min(1).optional(),
  /** The default sender of send_whatsapp: a number such as `+14155238886`. */
  whatsappFrom: z.e164().optional(),
  /** The default messaging service of send_sms and send_whatsapp. */
  messagingServiceSid: serviceSid.optional(),
})
export type Context = ToolContext<z.output<typeof Settings>>

const text = nullable(z.string())
const date = text.describe('RFC 2822, in UTC.')
const price = text.describe('Negative for a charge; absent until Twilio has determined it.')
const address = nullable(mark(z.string(), { private: true }))
/** Text that may come from the other side of a message or a call. */
const written = nullable(mark(z.string(), { untrusted: true, private: true }))
const flag = nullable(z.boolean())

export const Message = z.object({
  sid: z.string(),
  status: z
    .string()
    .describe('queued, scheduled, sent, delivered, undelivered, failed, received, canceled and others.'),
  direction: z.string().describe('inbound, or outbound-api, outbound-call, outbound-reply.'),
  to: address,
  from: address.describe('Absent until the messaging service has chosen a sender.'),
  body: written,
  num_segments: text,
  num_media: text,
  messaging_service_sid: text,
  error_code: nullable(z.number()).describe('Why it was not delivered: https://www.twilio.com/docs/api/errors'),
  error_message: text,
  price,
  price_unit: text,
  date_created: date,
  date_sent: date,
})

export const Deleted = noContent(z.object({ deleted: z.literal(true) }))

export const Media = z.object({ sid: z.string(), parent_sid: z.string(), content_type: text, date_created: date })

export const Call = z.object({
  sid: z.string(),
  status: z.string().describe('queued, ringing, in-progress, completed, busy, failed, no-answer or canceled.'),
  direction: text.describe('inbound, outbound-api or outbound-dial.'),
  to: address,
  from: address,
  parent_call_sid: text.describe('The call that dialed this one.'),
  answered_by: text.describe('human, machine_start and others, if machine_detection was on.'),
  caller_name: written,
  start_time: date,
  end_time: date,
  duration: text.describe('Seconds, once it has ended.'),
  price,
  price_unit: text,
})

export const PhoneNumber = z.object({
  sid: z.string(),
  phone_number: address,
  friendly_name: text,
  capabilities: nullable(z.object({ sms: flag, mms: flag, voice: flag })),
  sms_url: text.describe('Where Twilio reports received messages.'),
  voice_url: text.describe('Where Twilio asks what to do with a call.'),
  status_callback: text.describe('Where Twilio reports the end of calls.'),
})

export const Account = z.object({
  sid: z.string(),
  friendly_name: text,
  status: text.describe('active, suspended or closed.'),
  type: text.describe('Trial or Full.'),
  owner_account_sid: text.describe('The account that a subaccount belongs to; its own sid for any other.'),
  date_created: date,
})
