import { del, get, mark, patch, path, post, send, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { Deleted, flag, text } from '../shapes.ts'

const name = z.enum([
  'processed',
  'dropped',
  'deferred',
  'delivered',
  'bounce',
  'open',
  'click',
  'spam_report',
  'unsubscribe',
  'group_unsubscribe',
  'group_resubscribe',
])
const flags = Object.fromEntries(name.options.map((each) => [each, flag])) as Record<z.output<typeof name>, typeof flag>
const EventWebhook = z.object({ id: z.string(), url: z.string(), enabled: flag, friendly_name: text, ...flags })
const public_key = text.describe('The key that verifies deliveries: the signingSecret of the connector.')
const Signed = z.object({ id: z.string(), public_key: z.string() })
const id = z.string().min(1).describe('Id of the webhook: list_event_webhooks returns it.')
const changes = { effect: 'write', scopes: ['user.webhooks.event.settings.update'] } as const

/** The addresses to which SendGrid sends events. */
export const eventWebhooks = {
  list_event_webhooks: tool({
    description: 'List the addresses to which SendGrid sends events, with the events and the public key of each.',
    effect: 'read',
    scopes: ['user.webhooks.event.settings.read'],
    input: z.object({}),
    output: z.object({ webhooks: z.array(EventWebhook.extend({ public_key })) }),
    request: () => get('user/webhooks/event/settings/all'),
  }),
  create_event_webhook: tool({
    description: 'Have SendGrid send signed events to an address. Returns the public key that verifies them.',
    ...changes,
    input: z.object({
      url: mark(z.url({ protocol: /^https$/ }), { destination: 'url' }).describe('The address, with https.'),
      events: z.array(name).min(1).describe('The events to send.'),
      friendly_name: z.string().optional(),
    }),
    output: Signed.extend({ url: z.string() }),
    *run({ events, ...input }) {
      const wanted = Object.fromEntries(name.options.map((each) => [each, events.includes(each)]))
      const created = yield* send(
        post('user/webhooks/event/settings', { ...input, enabled: true, ...wanted }),
        EventWebhook,
      )
      const signed = path`user/webhooks/event/settings/signed/${created.id}`
      return { ...(yield* send(patch(signed, { enabled: true }), Signed)), url: created.url }
    },
    preview: ({ url, events }) => `Send the events ${events.join(', ')} to ${url}.`,
    undo: ({ output }) => ({ tool: 'delete_event_webhook', input: { id: output.id } }),
    reconcile: 'Find the address with list_event_webhooks. Without a public_key, delete it and create it again.',
  }),
  delete_event_webhook: tool({
    description: 'Stop the events to an address. Its public key is lost with it.',
    ...changes,
    effect: 'destroy',
    input: z.object({ id }),
    output: Deleted,
    request: (input) => del(path`user/webhooks/event/settings/${input.id}`),
    preview: (input) => `Delete the event webhook ${input.id}.`,
    reconcile: 'Check whether list_event_webhooks still has it.',
  }),
}
