import { del, get, mark, nullable, path, post, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { Done, flag, list_id } from './shapes.ts'
import { defaultSources, kinds, sources, webhookBody } from './webhook-body.ts'

const Webhook = z.object({
  id: z.string(),
  url: mark(z.string(), { private: true }).describe('The address, whose last part is a secret.'),
  list_id: z.string(),
  events: nullable(
    z.object({ subscribe: flag, unsubscribe: flag, profile: flag, cleaned: flag, upemail: flag, campaign: flag }),
  ),
  sources: nullable(z.object({ user: flag, admin: flag, api: flag })),
})

/** The addresses to which Mailchimp sends changes of an audience. */
export const webhooks = {
  list_webhooks: tool({
    description: 'List the addresses to which Mailchimp sends changes of an audience.',
    effect: 'read',
    input: z.object({ list_id }),
    output: z.object({ webhooks: z.array(Webhook) }),
    request: (input) => get(path`lists/${input.list_id}/webhooks`),
  }),
  create_webhook: tool({
    description: 'Have Mailchimp send changes of an audience to an address, which it checks with a GET first.',
    effect: 'write',
    input: z.object({
      list_id,
      url: mark(z.url({ protocol: /^https$/ }), { destination: 'url' }).describe(
        'The address, with a secret as the last part of its path: Mailchimp signs nothing.',
      ),
      events: z
        .array(z.enum(kinds))
        .min(1)
        .default([...kinds]),
      sources: z
        .array(z.enum(sources))
        .min(1)
        .default([...defaultSources])
        .describe('Whose changes to send. api are those of this API.'),
    }),
    output: Webhook,
    request: ({ list_id: list, url, events, sources: from }) =>
      post(path`lists/${list}/webhooks`, webhookBody(url, events, from)),
    preview: ({ list_id: list, url }) => `Send changes of the audience ${list} to ${new URL(url).host}.`,
    undo: ({ output }) => ({ tool: 'delete_webhook', input: { list_id: output.list_id, webhook_id: output.id } }),
    reconcile: 'Find the address with list_webhooks before you create it again.',
  }),
  delete_webhook: tool({
    description: 'Stop the changes of an audience to an address.',
    effect: 'destroy',
    input: z.object({
      list_id,
      webhook_id: z.string().min(1).describe('Id of the webhook: list_webhooks returns it.'),
    }),
    output: Done,
    request: (input) => del(path`lists/${input.list_id}/webhooks/${input.webhook_id}`),
    preview: (input) => `Delete the webhook ${input.webhook_id} of the audience ${input.list_id}.`,
    reconcile: 'Check whether list_webhooks still has it.',
  }),
}
