import { post, tool } from '@mcpclient/core/define'
import { hasContent, hasRecipient, recipientsAndFiles } from '@mcpclient/shapes'
import * as z from 'zod'
import { Email, messageOf } from './email.ts'
import { fromServer, personal, text } from './shapes.ts'
import type { Context } from './shapes.ts'

const Sent = z.array(
  z.object({
    email: personal,
    _id: text.describe('Id of the message to this recipient: get_message takes it.'),
    status: z.string().describe('sent, queued, scheduled, or, if the recipient gets nothing, rejected or invalid.'),
    reject_reason: text.describe('hard-bounce, spam, unsub, unsigned and others.'),
    queued_reason: fromServer,
  }),
)
const NO_RECIPIENT = 'Pass a recipient in to, cc or bcc.'

// There is no idempotency key, so a lost response leaves it unknown whether the e-mail was sent: nothing is repeated.
const sends = {
  effect: 'write',
  output: Sent,
  undo: 'impossible',
  reconcile: 'Find it with list_messages before you send it again. New messages appear there after some time.',
} as const

export const sendEmail = {
  send_email: tool({
    description: 'Send an e-mail with text, HTML and attachments. Returns what happened for each recipient.',
    ...sends,
    input: Email.refine(hasRecipient, NO_RECIPIENT).refine(hasContent, 'Pass text or html.'),
    request: (input, context: Context) => post('messages/send', { message: messageOf(input, context) }),
    preview: (input) => `Send "${input.subject}"${recipientsAndFiles(input)}.`,
    examples: [{ input: { to: ['bo@example.com'], subject: 'Count', html: '<p>12 egrets.</p>' }, note: 'HTML' }],
  }),
  send_template_email: tool({
    description: 'Send an e-mail from a template of the account, with values for its merge tags.',
    ...sends,
    input: Email.omit({ text: true, html: true })
      .extend({
        subject: Email.shape.subject.optional().describe('Default: the subject of the template.'),
        template_name: z.string().min(1).describe('Slug of the template: list_templates returns it.'),
        template_content: z
          .array(z.object({ name: z.string(), content: z.string() }))
          .default([])
          .describe('HTML for the editable regions (mc:edit) of the template.'),
        merge_language: z.enum(['mailchimp', 'handlebars']).optional(),
        global_merge_vars: z
          .array(z.object({ name: z.string(), content: z.unknown() }))
          .optional()
          .describe('Values of merge tags, for all recipients.'),
      })
      .refine(hasRecipient, NO_RECIPIENT),
    request: ({ template_name, template_content, ...email }, context: Context) =>
      post('messages/send-template', { template_name, template_content, message: messageOf(email, context) }),
    preview: (input) => `Send the template ${input.template_name}${recipientsAndFiles(input)}.`,
  }),
}
