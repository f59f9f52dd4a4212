import type { ToolContext } from '@mcpclient/core/define'
import { mark, nullable } from '@mcpclient/core/define'
import { graphVersion } from '@mcpclient/meta'
import * as z from 'zod'

const digits = z.string().regex(/^\d+$/, 'An id consists of digits.')

export const Settings = z.object({
  /** The id of the phone number to send from, not the number itself. */
  phoneNumberId: digits,
  /** The id of the WhatsApp Business account, for its templates and phone numbers. */
  businessAccountId: digits,
  version: graphVersion,
})
export type Context = ToolContext<z.output<typeof Settings>>

const phone = z.string().regex(/^\+?\d{5,15}$/, 'Digits with the country code, such as 16315551181.')
export const to = mark(phone, { destination: 'recipient' }).describe(
  'Phone number with its country code, or WhatsApp id.',
)
export const messageId = z
  .string()
  .min(1)
  .describe('Id of a message, such as wamid.HBgL…; a received message has it, too.')
export const mediaId = digits.describe('Id of a file that was uploaded or received.')
export const templateName = z.string().regex(/^[a-z0-9_]{1,512}$/, 'Small letters, digits and underscores.')
export const language = z
  .string()
  .regex(/^[a-z]{2,3}(_[A-Za-z]{2,4})?$/)
  .describe('Code of a language, such as en_US.')

const text = nullable(z.string())
const personal = nullable(mark(z.string(), { private: true }))
/** Text of the other side of a conversation. */
export const written = nullable(mark(z.string(), { untrusted: true, private: true }))

export const Done = z.object({ success: z.boolean() })

export const Sent = z.object({
  messages: z
    .array(z.object({ id: z.string(), message_status: text.describe('accepted, or why the message is held.') }))
    .describe('The message. Whether it was delivered arrives as a status event.'),
  contacts: nullable(z.array(z.object({ input: personal, wa_id: personal.describe('The id of the recipient.') }))),
})

/** A file, without its bytes. */
export const Media = z.object({
  id: z.string(),
  url: z.string().describe('Valid for five minutes, with the access token only.'),
  mime_type: text,
  sha256: text,
  file_size: nullable(z.coerce.number()).describe('Bytes.'),
})

const Button = z.object({ type: z.string(), text, url: text, phone_number: text })
const Component = z.object({
  type: z.string().describe('HEADER, BODY, FOOTER or BUTTONS.'),
  format: text.describe('TEXT, IMAGE, VIDEO, DOCUMENT or LOCATION, of a header.'),
  text: text.describe('With {{1}}, {{2}} and so on for the parameters.'),
  buttons: nullable(z.array(Button)),
})

export const Template = z.object({
  id: z.string(),
  name: z.string(),
  language: text,
  category: text,
  status: text.describe('APPROVED, PENDING, REJECTED, PAUSED or DISABLED.'),
  components: nullable(z.array(Component)),
})

export const PhoneNumber = z.object({
  id: z.string(),
  display_phone_number: text,
  verified_name: text,
  quality_rating: text,
  code_verification_status: text,
  name_status: text,
  status: text,
})
