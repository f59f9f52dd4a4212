import { post, tool } from '@mcpclient/core/define'
import { recipientsAndFiles } from '@mcpclient/shapes'
import { addressed, Email, messageOf, sendable, Template } from '../email.ts'
import { Accepted } from '../shapes.ts'
import type { Context } from '../shapes.ts'

// SendGrid has no idempotency key, so a lost response leaves it unknown whether the e-mail was sent: nothing is repeated.
const sends = { effect: 'write', scopes: ['mail.send'], output: Accepted, undo: 'impossible' } as const
/**
 * Sends the body of an e-mail, and reads the id of the response.
 * Source: https://www.twilio.com/docs/sendgrid/glossary/x-message-id
 */
export const mailSend = (body: object) => post('mail/send', body, { responseHeaders: { message_id: 'x-message-id' } })
const reconcile = 'Check the delivery events, or the Activity page of SendGrid, before you send it again.'

/** E-mails that are sent at once. */
export const sendEmail = {
  send_email: tool({
    description:
      'Send an e-mail with text, HTML and attachments to at most 1,000 recipients, who see each other in to and cc. It cannot be taken back.',
    ...sends,
    input: sendable(Email),
    request: (input, context: Context) => mailSend(messageOf(input, context)),
    preview: (input) => `Send "${input.subject}"${recipientsAndFiles(input)}.`,
    reconcile,
    examples: [{ input: { to: ['bo@example.com'], subject: 'Count', html: '<p>12 egrets.</p>' }, note: 'HTML' }],
  }),
  send_template_email: tool({
    description: 'Send an e-mail from a dynamic template, with values for its variables. It cannot be taken back.',
    ...sends,
    input: addressed(Template),
    request: (input, context: Context) => mailSend(messageOf(input, context)),
    preview: (input) => `Send the template ${input.template_id}${recipientsAndFiles(input)}.`,
    reconcile,
  }),
}
