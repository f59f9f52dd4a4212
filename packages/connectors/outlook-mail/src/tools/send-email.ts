import { post, tool } from '@mcpclient/core/define'
import { hasContent, hasRecipient, recipientsAndFiles } from '@mcpclient/shapes'
import * as z from 'zod'
import { Email, messageOf, NO_CONTENT, NO_RECIPIENT } from '../email.ts'
import { messageAt } from '../requests.ts'
import { scopes } from '../scopes.ts'
import { Accepted, messageId } from '../shapes.ts'

// Graph has no idempotency key, so a lost response leaves it unknown whether the message was sent: nothing is repeated.
const sends = { effect: 'write', scopes: [scopes.send], output: Accepted, undo: 'impossible' } as const
const reconcile =
  'List the messages of the folder sentitems with list_messages before you send it again. Sending takes some time.'

const Reply = Email.omit({ inReplyTo: true, references: true })
  .extend({
    messageId: messageId.describe("Outlook's id of the message to reply to."),
    replyAll: z.boolean().optional().describe('Reply to the sender and all recipients of the message.'),
  })
  .refine(
    (input) => input.replyAll !== true || !hasRecipient(input),
    'Pass either replyAll, or the recipients in to, cc and bcc.',
  )
  .refine(hasContent, NO_CONTENT)

const Forward = Email.pick({ to: true, cc: true, bcc: true, text: true })
  .extend({ messageId: messageId.describe("Outlook's id of the message to forward."), to: Email.shape.to.unwrap() })
  .refine(hasRecipient, NO_RECIPIENT)

const audience = ({ replyAll, ...email }: z.output<typeof Reply>): string => {
  if (hasRecipient(email)) return recipientsAndFiles(email)
  return ` to ${replyAll === true ? 'all who are in it' : 'its sender'}${recipientsAndFiles(email)}`
}

/** Messages that are sent at once. */
export const sendEmail = {
  send_email: tool({
    description: 'Send an e-mail with text or HTML, and attachments of up to 3 MB in all. It cannot be taken back.',
    ...sends,
    input: Email.extend({ subject: Email.shape.subject.unwrap() })
      .refine(hasRecipient, NO_RECIPIENT)
      .refine(hasContent, NO_CONTENT),
    request: (email) => post('me/sendMail', { message: messageOf(email) }),
    preview: (email) => `Send "${email.subject}"${recipientsAndFiles(email)}.`,
    reconcile,
    examples: [
      {
        input: { to: ['bo@example.com'], subject: 'Count', html: '<p>12 egrets.</p>' },
        note: 'HTML',
      },
    ],
  }),
  reply_to_message: tool({
    description:
      'Reply to a message in its conversation: to its sender, to all who are in it, or only to those in to, cc and bcc. It cannot be taken back.',
    ...sends,
    input: Reply,
    request: ({ messageId: id, replyAll, ...email }) =>
      post(`${messageAt(id)}/${replyAll === true ? 'replyAll' : 'reply'}`, { message: messageOf(email) }),
    preview: (input) => `Reply to the message ${input.messageId}${audience(input)}.`,
    reconcile,
  }),
  forward_message: tool({
    description: 'Forward a message with its attachments, below a comment. It cannot be taken back.',
    ...sends,
    input: Forward,
    request: ({ messageId: id, text = '', ...email }) =>
      post(`${messageAt(id)}/forward`, { comment: text, message: messageOf(email) }),
    preview: ({ messageId: id, ...email }) => `Forward the message ${id}${recipientsAndFiles(email)}.`,
    reconcile,
  }),
}
