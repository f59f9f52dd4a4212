import { ConnectorError } from '@mcpclient/core/define'
import { bracketed, Email as SharedEmail, unbracketed } from '@mcpclient/shapes'
import type { Mailbox } from '@mcpclient/shapes'
import * as z from 'zod'
import type { Context } from './shapes.ts'

/** The fields that Mailchimp Transactional adds to an e-mail. */
export const handling = {
  tags: z.array(z.string().max(50)).optional().describe('Names by which statistics are grouped.'),
  metadata: z
    .record(z.string(), z.string())
    .optional()
    .describe('Values that return in each event of the e-mail. At most ten are searchable.'),
  subaccount: z.string().optional(),
}

export const Email = SharedEmail.extend({
  from: SharedEmail.shape.from.describe('An address of a verified domain. Default: the setting from.'),
  subject: SharedEmail.shape.subject.unwrap(),
  ...handling,
})
type Content = Partial<Omit<z.output<typeof Email>, 'subject'>> & { readonly subject?: string | undefined }

const quoted = (name: string): string => `"${name.replaceAll(/["\\]/g, String.raw`\$&`)}"`
const addressed = (box: Mailbox): string => {
  if (typeof box === 'string') return box
  return box.name === undefined ? box.email : `${quoted(box.name)} <${box.email}>`
}
const person = (box: Mailbox) => (typeof box === 'string' ? { email: box } : box)

/**
 * Returns an e-mail as a message of Mailchimp Transactional. A field that is absent is not sent.
 * @throws ConnectorError INVALID_INPUT if there is no sender
 */
export function messageOf(email: Content, { settings }: Context) {
  const { from = settings.from, to = [], cc = [], bcc = [], replyTo = [], ...rest } = email
  const { inReplyTo, references = [], attachments = [], ...fields } = rest
  if (from === undefined) throw noSender()
  const sender = person(from)
  const headers = {
    ...(replyTo.length > 0 && { 'Reply-To': replyTo.map(addressed).join(', ') }),
    ...(inReplyTo !== undefined && { 'In-Reply-To': bracketed(inReplyTo) }),
    ...(references.length > 0 && { References: references.map(bracketed).join(' ') }),
  }
  const files = attachments.map(({ filename, contentType, content, contentId }) => ({
    isShown: contentId !== undefined && contentType?.startsWith('image/') === true,
    file: { type: contentType ?? 'application/octet-stream', name: filename, content },
    contentId,
  }))
  const listed = files.filter(({ isShown }) => !isShown).map(({ file }) => file)
  const shown = files.filter(({ isShown }) => isShown)
  return {
    ...fields,
    from_email: sender.email,
    from_name: 'name' in sender ? sender.name : undefined,
    to: [
      ...to.map((box) => ({ ...person(box), type: 'to' })),
      ...cc.map((box) => ({ ...person(box), type: 'cc' })),
      ...bcc.map((box) => ({ ...person(box), type: 'bcc' })),
    ],
    // Otherwise each recipient gets an e-mail that names no other one.
    preserve_recipients: true,
    headers: Object.keys(headers).length === 0 ? undefined : headers,
    attachments: listed.length === 0 ? undefined : listed,
    // The name of an image is its Content-ID.
    images:
      shown.length === 0
        ? undefined
        : shown.map(({ file, contentId = '' }) => ({ ...file, name: unbracketed(contentId) })),
  }
}

const noSender = (): ConnectorError =>
  new ConnectorError('INVALID_INPUT', 'No sender was passed, and the connector was composed without from.', {
    hint: 'Pass from, or compose mailchimpTransactional({ from }).',
    issues: [{ path: 'from', message: 'Required here.' }],
    outcome: 'not_processed',
  })
