import { addressOf, recipientsOf } from '@mcpclient/shapes'
import type { Mailbox } from '@mcpclient/shapes'
import MailComposer from 'nodemailer/lib/mail-composer'
import type { OutgoingEmail } from '../mailer.ts'

const named = (box: Mailbox) =>
  typeof box === 'string' ? { name: '', address: box } : { name: box.name ?? '', address: box.email }
const bracketed = (messageId: string): string => `<${messageId.replaceAll(/[<>]/g, '')}>`

export interface Composed {
  readonly messageId: string
  readonly envelope: { readonly from: string; readonly to: string[]; readonly size: number }
  readonly content: Buffer
}

/** Composes the MIME message. Recipients in bcc are in the envelope only. */
export async function composed(email: OutgoingEmail): Promise<Composed> {
  const { from, to, cc, replyTo, subject, text, html, attachments, inReplyTo, references } = email
  const node = new MailComposer({
    from: named(from),
    to: to?.map(named),
    cc: cc?.map(named),
    replyTo: replyTo?.map(named),
    subject,
    // Without any text, the message has an empty one.
    text: text ?? (html === undefined ? '' : undefined),
    html,
    inReplyTo: inReplyTo && bracketed(inReplyTo),
    references: references?.map(bracketed),
    attachments: attachments?.map(({ filename, contentType, content, contentId }) => ({
      filename,
      contentType,
      content,
      encoding: 'base64',
      cid: contentId?.replaceAll(/[<>]/g, ''),
    })),
    // A value of the input never names a file or a URL.
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile()
  const content = await node.build()
  const recipients = [...new Set(recipientsOf(email).map(addressOf))]
  return {
    messageId: node.messageId(),
    envelope: { from: addressOf(from), to: recipients, size: content.length },
    content,
  }
}
