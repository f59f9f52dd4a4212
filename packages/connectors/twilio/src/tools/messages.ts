import { del, get, mark, path, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { completed, list, pagesOf, pageSize, submit, when } from '../requests.ts'
import { contentSid, Deleted, Media, Message, messageSid, serviceSid } from '../shapes.ts'
import type { Context } from '../shapes.ts'

const sid = messageSid.describe('SID of the message, as list_messages returns it.')
const one = z.object({ sid })
const url = z.url({ protocol: /^https?$/ })
const number = z.e164().describe('In E.164: +14155550100.')
const to = mark(number, { destination: 'recipient' })
const content = {
  body: z.string().min(1).max(1600).optional(),
  // Twilio fetches the media, so an address can carry data away.
  media_url: mark(z.array(url).min(1).max(10), { destination: 'url' }).optional().describe('Public URLs of media.'),
  content_sid: contentSid.optional().describe('SID of a content template, instead of body and media_url.'),
  content_variables: z
    .record(z.string(), z.string().min(1))
    .optional()
    .describe('Values by the names of the template.'),
  messaging_service_sid: serviceSid.optional().describe('The messaging service that chooses the sender.'),
  send_at: z.iso
    .datetime({ precision: 0 })
    .optional()
    .describe('Send it then: UTC, 5 minutes to 35 days ahead. Needs a messaging service.'),
  status_callback: mark(url, { destination: 'url' }).optional().describe('Where Twilio reports the delivery.'),
  validity_period: z.number().int().min(1).max(36_000).optional().describe('Seconds that it may wait in the queue.'),
}
interface Content {
  readonly body?: string | undefined
  readonly media_url?: readonly string[] | undefined
  readonly content_sid?: string | undefined
  readonly content_variables?: object | undefined
  readonly send_at?: string | undefined
}

/** Refuses what has no content, and variables without a template. */
const isSendable = ({ body, media_url, content_sid, content_variables }: Content): boolean =>
  content_sid !== undefined || ((body ?? media_url) !== undefined && content_variables === undefined)
const needs = 'Pass body, media_url or content_sid; content_variables need content_sid.'

const shown = ({ body, media_url = [], content_sid, content_variables, send_at }: Content): string => {
  const template =
    content_sid && `template ${content_sid} ${content_variables ? JSON.stringify(content_variables) : ''}`
  const parts = [body, template?.trim(), ...media_url].filter((part) => part !== undefined)
  return `${send_at === undefined ? '' : ` at ${send_at}`}: ${parts.join(', ')}`
}
const whatsapp = (address: string | undefined) => address && `whatsapp:${address}`
/** Returns the call that takes a message back, which works as long as Twilio has not sent it. */
const undo = ({ output }: { readonly output: z.output<typeof Message> }) =>
  output.status === 'scheduled' ? ({ tool: 'cancel_message', input: { sid: output.sid } } as const) : undefined
const reconcile = 'Look for it with list_messages and the same to before you send it again.'

export const messages = {
  send_sms: tool({
    description: 'Send an SMS or, with media_url, an MMS. Returns before it is delivered: get_message has the status.',
    effect: 'write',
    input: z
      .object({ to, from: z.string().min(1).optional().describe('Number, short code or sender ID.'), ...content })
      .refine(isSendable, needs),
    output: Message,
    request: (input, context: Context) =>
      submit(
        path`Accounts/${context.settings.account}/Messages.json`,
        completed(input, context, context.settings.from),
      ),
    preview: (input) => `Send an SMS to ${input.to}${shown(input)}`,
    undo,
    reconcile,
    examples: [{ input: { to: '+14155550100', from: '+15005550006', body: 'The tide is out.' } }],
  }),
  send_whatsapp: tool({
    description:
      'Send a WhatsApp message. body and media_url work within 24 hours of the last message of the recipient; at any other ' +
      'time, pass content_sid of an approved template.',
    effect: 'write',
    input: z.object({ to, from: number.optional(), ...content }).refine(isSendable, needs),
    output: Message,
    request: ({ to: recipient, from, ...input }, context: Context) => {
      const message = { to: whatsapp(recipient), from: whatsapp(from), ...input }
      const sender = whatsapp(context.settings.whatsappFrom)
      return submit(path`Accounts/${context.settings.account}/Messages.json`, completed(message, context, sender))
    },
    preview: (input) => `Send a WhatsApp message to ${input.to}${shown(input)}`,
    undo,
    reconcile,
  }),
  list_messages: tool({
    description: 'List sent and received messages, newest first. The numbers of WhatsApp begin with whatsapp:.',
    effect: 'read',
    input: z.object({
      to: z.string().min(1).optional().describe('Only those to this number.'),
      from: z.string().min(1).optional().describe('Only those from this number.'),
      date_sent: when.optional().describe('Only those of this day.'),
      date_sent_after: when.optional().describe('Only those of this day and later.'),
      date_sent_before: when.optional().describe('Only those of this day and earlier.'),
      page_size: pageSize,
    }),
    output: z.object({ messages: z.array(Message) }),
    request: (filter, { settings }: Context) => list(path`Accounts/${settings.account}/Messages.json`, filter),
    pages: pagesOf('messages'),
  }),
  get_message: tool({
    description: 'Get one message: its text, its status and why it was not delivered.',
    effect: 'read',
    input: one,
    output: Message,
    request: (input, { settings }: Context) => get(path`Accounts/${settings.account}/Messages/${input.sid}.json`),
  }),
  cancel_message: tool({
    description: 'Cancel a scheduled message before Twilio sends it.',
    effect: 'write',
    input: one,
    output: Message,
    request: (input, { settings }: Context) =>
      submit(path`Accounts/${settings.account}/Messages/${input.sid}.json`, { status: 'canceled' }),
    preview: (input) => `Cancel the scheduled message ${input.sid}.`,
    undo: 'impossible',
    reconcile: 'Check the status with get_message.',
  }),
  redact_message: tool({
    description: 'Delete the text of a message for good, and keep its record.',
    effect: 'destroy',
    input: one,
    output: Message,
    request: (input, { settings }: Context) =>
      submit(path`Accounts/${settings.account}/Messages/${input.sid}.json`, { body: '' }),
    preview: (input) => `Delete the text of the message ${input.sid}.`,
    reconcile: 'Check with get_message whether body is empty.',
  }),
  delete_message: tool({
    description: 'Delete the record of a message with its text. This does not take back a message that was sent.',
    effect: 'destroy',
    input: one,
    output: Deleted,
    request: (input, { settings }: Context) => del(path`Accounts/${settings.account}/Messages/${input.sid}.json`),
    preview: (input) => `Delete the record of the message ${input.sid}.`,
    reconcile: 'Call it again: an error with status 404 means that it was deleted.',
  }),
  list_media: tool({
    description: 'List the media of a message, without their content.',
    effect: 'read',
    input: one.extend({ page_size: pageSize }),
    output: z.object({ media_list: z.array(Media) }),
    request: ({ sid: message, ...page }, { settings }: Context) =>
      list(path`Accounts/${settings.account}/Messages/${message}/Media.json`, page),
    pages: pagesOf('media_list'),
  }),
}
