import { mark, nullable, tool } from '@mcpclient/core/define'
import type { PerformContext } from '@mcpclient/core/define'
import { Email, hasContent, hasRecipient, recipientsAndFiles } from '@mcpclient/shapes'
import * as z from 'zod'
import type { Mailer } from './mailer.ts'
import { serverOf } from './server.ts'
import type { Settings } from './settings.ts'

const Outgoing = Email.extend({
  from: Email.shape.from.describe('Another address that the account may send as. Default: the setting from.'),
  subject: Email.shape.subject.unwrap(),
})

const address = mark(z.string(), { private: true })
const reply = nullable(mark(z.string(), { untrusted: true }))

/** Returns the tool over a mailer, for the servers in `hosts`. */
export const sendEmail = (mailer: Mailer, hosts: readonly string[]) => ({
  send_email: tool({
    description:
      'Send an e-mail with text, HTML and attachments. Returns the recipients that the server refused, and it goes to the others. It cannot be taken back.',
    effect: 'write',
    input: Outgoing.refine(hasRecipient, 'Pass a recipient in to, cc or bcc.').refine(hasContent, 'Pass text or html.'),
    output: z.object({
      messageId: z.string().describe('Message-ID header of the e-mail.'),
      accepted: z.array(address).describe('The recipients that the server accepted. Delivery may still fail.'),
      rejected: z.array(z.object({ address, reply })).describe('The recipients that get nothing, and why.'),
      reply: reply.describe('The reply of the server, which often has its own id of the message.'),
    }),
    async perform({ from, ...email }, context: PerformContext<Settings>) {
      const { settings } = context
      context.sent(false)
      const server = await serverOf(settings, hosts, context)
      return mailer.send(server, { from: from ?? settings.from, ...email }, context)
    },
    preview: (input) => `Send "${input.subject}"${recipientsAndFiles(input)}.`,
    undo: 'impossible',
    reconcile: 'Ask a recipient, or look into the log of the server, before you send it again.',
    examples: [{ input: { to: ['bo@example.com'], subject: 'Count', html: '<p>12 egrets.</p>' }, note: 'HTML' }],
  }),
})
