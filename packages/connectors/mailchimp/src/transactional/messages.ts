import { mark, nullable, post, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { count, fromServer, personal, text } from './shapes.ts'

const Message = z.object({
  _id: z.string(),
  ts: count.describe('When it was sent: seconds since 1970.'),
  state: text.describe('sent, bounced, soft-bounced, rejected, spam, unsub or deferred.'),
  subject: nullable(mark(z.string(), { private: true })),
  email: personal.describe('The recipient.'),
  sender: text,
  template: text,
  tags: nullable(z.array(z.string())),
  opens: count,
  clicks: count,
  metadata: nullable(z.record(z.string(), z.unknown())),
})
const day = z.iso.date().optional()

export const messages = {
  list_messages: tool({
    description: 'Find messages of the last 30 days, newest first: at most 1,000.',
    effect: 'read',
    // Source: https://mailchimp.com/developer/release-notes/message-search-rate-limit-now-enforced/
    limit: { requests: 20, perMs: 60_000 },
    input: z.object({
      query: z.string().default('*').describe('Such as email:bo@example.com, subject:count or sender:ada@example.com.'),
      date_from: day.describe('First day. Default: a week ago.'),
      date_to: day,
      tags: z.array(z.string()).optional(),
      senders: z.array(z.email()).optional(),
      limit: z.number().int().min(1).max(1000).default(100),
    }),
    output: z.array(Message),
    request: (input) => post('messages/search', input),
  }),
  get_message: tool({
    description: 'Get the state of one message, and what the mail server of the recipient replied.',
    effect: 'read',
    input: z.object({ id: z.string().min(1).describe('_id of the message: send_email and list_messages return it.') }),
    output: Message.extend({
      smtp_events: nullable(z.array(z.object({ ts: count, type: text, diag: fromServer }))),
    }),
    request: (input) => post('messages/info', input),
  }),
  list_templates: tool({
    description: 'List the templates of the account. send_template_email takes their slugs.',
    effect: 'read',
    input: z.object({ label: z.string().optional().describe('Only templates with this label.') }),
    output: z.array(
      z.object({
        slug: z.string(),
        name: text,
        labels: nullable(z.array(z.string())),
        subject: text,
        from_email: text,
        publish_code: text.describe('The HTML that is sent, which shows its merge tags. Absent for a draft.'),
        updated_at: text,
      }),
    ),
    request: (input) => post('templates/list', input),
  }),
  get_account: tool({
    description: 'Get the quota, reputation and backlog of the account. It also shows that the key is valid.',
    effect: 'read',
    input: z.object({}),
    output: z.object({
      username: text,
      public_id: text,
      reputation: count.describe('From 0 to 100.'),
      hourly_quota: count.describe('Messages that are sent in an hour. Others wait in the backlog.'),
      backlog: count,
    }),
    request: () => post('users/info', {}),
  }),
}
