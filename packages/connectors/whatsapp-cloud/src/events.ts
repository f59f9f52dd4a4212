import { mark, nullable, webhook } from '@mcpclient/core/define'
import { hubHandshake, readChanges } from '@mcpclient/meta'
import { meta } from '@mcpclient/webhooks/schemes'
import * as z from 'zod'
import { written } from './shapes.ts'

const text = nullable(z.string())
const personal = mark(z.string(), { private: true })
const file = nullable(
  z.object({ id: z.string(), mime_type: text, sha256: text, caption: written, filename: written }),
).describe('download_media returns the bytes.')
const reply = nullable(z.object({ id: z.string(), title: written, description: written }))
const metadata = z.object({ phone_number_id: z.string(), display_phone_number: text })
const Fault = z.object({
  code: z.number(),
  title: text,
  message: text,
  error_data: nullable(z.object({ details: text })),
})
const stamp = z.string().describe('Seconds since 1970.')

const Message = z.object({
  id: z.string(),
  from: personal.describe('The WhatsApp id of the sender.'),
  timestamp: stamp,
  type: z.string().describe('text, image, audio, video, document, sticker, reaction, interactive, and others.'),
  text: nullable(z.object({ body: written })),
  image: file,
  audio: file,
  video: file,
  document: file,
  sticker: file,
  reaction: nullable(z.object({ message_id: z.string(), emoji: written.describe('Absent if it was removed.') })),
  button: nullable(z.object({ payload: written, text: written })),
  interactive: nullable(z.object({ type: z.string(), button_reply: reply, list_reply: reply })),
  location: nullable(z.object({ latitude: z.number(), longitude: z.number(), name: written, address: written })),
  context: nullable(z.object({ id: text, from: text })).describe('The message that it replies to.'),
  errors: nullable(z.array(Fault)).describe('Why a message of the type unsupported has no content.'),
})
const Status = z.object({
  id: z.string().describe('The id of the message that was sent.'),
  status: z.string().describe('sent, delivered, read or failed.'),
  timestamp: stamp,
  recipient_id: personal,
  errors: nullable(z.array(Fault)).describe('Why it failed.'),
})

/** The events of a phone number. Source: https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks */
export const events = {
  message: Message.extend({ metadata, profile_name: written.describe('The name that the sender chose.') }),
  status: Status.extend({ metadata }),
}

const Contact = z.object({ wa_id: z.string(), profile: nullable(z.object({ name: text })) })
const Value = z.object({
  metadata,
  contacts: z.array(Contact).default([]),
  messages: z.array(Message).default([]),
  statuses: z.array(Status).default([]),
})

/** Returns the notices of one change: one for each message, and one for each status that a message reached. */
function noticesOf({ metadata: number, contacts, messages, statuses }: z.output<typeof Value>) {
  const to = { account: number.phone_number_id }
  const nameOf = (id: string) => contacts.find(({ wa_id }) => wa_id === id)?.profile?.name
  return [
    ...messages.map((message) => {
      const data = { ...message, metadata: number, profile_name: nameOf(message.from) }
      return { id: message.id, to, event: 'message' as const, data }
    }),
    ...statuses.map((status) => {
      const data = { ...status, metadata: number }
      return { id: `${status.id}:${status.status}`, to, event: 'status' as const, data }
    }),
  ]
}

/**
 * Reads deliveries of the field `messages`. One delivery may have messages of several phone numbers. The account of a
 * connection is its phone number.
 */
export const deliveries = webhook({
  verify: meta(),
  handshake: hubHandshake,
  // Meta repeats a delivery for 7 days.
  // Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint
  retriesForMs: 7 * 86_400_000,
  read: readChanges('whatsapp_business_account', { messages: Value }, ({ value }) => noticesOf(value)),
})
