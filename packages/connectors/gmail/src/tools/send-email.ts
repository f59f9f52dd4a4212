import { get, post, send, tool } from '@mcpclient/core/define'
import type { Run } from '@mcpclient/core/define'
import { Email, hasContent, hasRecipient, recipientsAndFiles, recipientsOf } from '@mcpclient/shapes'
import * as z from 'zod'
import { costs } from '../costs.ts'
import { base64Url } from '../mime/encodings.ts'
import { composeMail } from '../mime.ts'
import type { Mail } from '../mime.ts'
import { plainMessage } from '../read-message.ts'
import { formatted, messageAt } from '../requests.ts'
import { scopes } from '../scopes.ts'
import { messageId, MessageRef, threadId } from '../shapes.ts'

/** Gmail sends a message to at most 500 recipients. Source: https://developers.google.com/workspace/gmail/api/reference/quota */
export const MAX_RECIPIENTS = 500

export const hasFewRecipients = (mail: Mail): boolean => recipientsOf(mail).length <= MAX_RECIPIENTS
export const TOO_MANY = `It has at most ${MAX_RECIPIENTS} recipients in all.`

const Outgoing = Email.extend({
  subject: Email.shape.subject.unwrap(),
  threadId: threadId
    .optional()
    .describe('The conversation to add it to. It needs inReplyTo and the subject of the conversation, too.'),
})
  .refine(hasRecipient, 'Pass a recipient in to, cc or bcc.')
  .refine(hasFewRecipients, TOO_MANY)
  .refine(hasContent, 'Pass text or html.')

const Answer = Email.omit({ inReplyTo: true, references: true })
  .extend({ messageId: messageId.describe("Gmail's id of the message to reply to.") })
  .refine(hasRecipient, 'Pass a recipient in to, cc or bcc.')
  .refine(hasFewRecipients, TOO_MANY)
  .refine(hasContent, 'Pass text or html.')

const Original = z.preprocess(
  plainMessage,
  z.object({
    threadId: z.string(),
    subject: z.string().nullish(),
    messageId: z.string().nullish(),
    references: z.string().nullish(),
  }),
)

/** Composes the body of a request that sends or stores an e-mail. */
export const composed = (mail: Mail) => base64Url(composeMail(mail))

/** Composes a reply: the conversation and the headers are those of the original, and so is the subject if there is none. */
export function* composedReply(original: string, mail: Mail): Run<{ raw: string; threadId: string }> {
  const query = formatted('metadata')
  const read = yield* send(get(messageAt(original), query, costs.getMessage), Original)
  const { subject, messageId: inReplyTo, references } = read
  const known = `${references ?? ''} ${inReplyTo ?? ''}`.match(/<[^<>\s]+>/g) ?? []
  const reply = {
    subject: /^re:/i.test(subject ?? '') ? (subject ?? '') : `Re: ${subject ?? ''}`,
    ...mail,
    inReplyTo: known.at(-1),
    references: [...new Set(known)],
  }
  return { raw: composed(reply), threadId: read.threadId }
}

const sends = { effect: 'write', output: MessageRef, undo: 'impossible' } as const
const reconcile = 'Find it with search_messages, such as in:sent and its subject, before you send it again.'

export const sendEmail = {
  send_email: tool({
    description: 'Send an e-mail with text, HTML and attachments to at most 500 recipients. It cannot be taken back.',
    ...sends,
    scopes: [scopes.send],
    input: Outgoing,
    request: ({ threadId: thread, ...mail }) =>
      post('users/me/messages/send', { raw: composed(mail), threadId: thread }, costs.sendMessage),
    preview: (input) => `Send "${input.subject}"${recipientsAndFiles(input)}.`,
    reconcile,
    examples: [
      {
        input: { to: ['bo@example.com'], subject: 'Count', text: '12 egrets.', html: '<p>12 egrets.</p>' },
        note: 'text and HTML',
      },
    ],
  }),
  reply_to_message: tool({
    description:
      'Reply to a message in its conversation. Only those in to, cc and bcc get it. It cannot be taken back.',
    ...sends,
    scopes: [scopes.send, scopes.read],
    input: Answer,
    *run({ messageId: original, ...mail }) {
      const message = yield* composedReply(original, mail)
      return yield* send(post('users/me/messages/send', message, costs.sendMessage), MessageRef)
    },
    preview: ({ messageId: original, ...mail }) => `Reply to the message ${original}${recipientsAndFiles(mail)}.`,
    reconcile,
  }),
}
