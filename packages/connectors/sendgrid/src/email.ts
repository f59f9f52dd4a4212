import { ConnectorError } from '@mcpclient/core/define'
import { bracketed, Email as SharedEmail, recipientsOf, unbracketed } from '@mcpclient/shapes'
import type { Mailbox } from '@mcpclient/shapes'
import * as z from 'zod'
import type { Context } from './shapes.ts'

// Source of all limits here: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/limitations
const MAX_RECIPIENTS = 1000

/** The fields that SendGrid adds to an e-mail. */
const handling = {
  categories: z.array(z.string().max(255)).max(10).optional().describe('Names by which statistics are grouped.'),
  custom_args: z
    .record(z.string(), z.string())
    .optional()
    .describe('Values that return in each event of the e-mail. At most 10,000 bytes, and nothing personal.'),
  asm: z
    .object({
      group_id: z.number().int().describe('Id of the unsubscribe group that the e-mail belongs to.'),
      groups_to_display: z.array(z.number().int()).max(25).optional(),
    })
    .optional()
    .describe('Unsubscribe group, for e-mails that recipients can opt out of.'),
}

export const Email = SharedEmail.extend({
  to: SharedEmail.shape.to.unwrap(),
  from: SharedEmail.shape.from.describe('A verified address. Default: the setting from.'),
  subject: SharedEmail.shape.subject.unwrap().min(1),
  ...handling,
})

export const Template = SharedEmail.omit({
  subject: true,
  text: true,
  html: true,
  inReplyTo: true,
  references: true,
}).extend({
  to: Email.shape.to,
  from: Email.shape.from,
  template_id: z.string().min(1).describe('Id of a dynamic template: list_templates returns it.'),
  dynamic_template_data: z.record(z.string(), z.unknown()).optional().describe('Values of the variables, by name.'),
  ...handling,
})

type Content = Partial<z.output<typeof Email> & z.output<typeof Template>>

const hasPlainName = (box: Mailbox): boolean => typeof box === 'string' || !/[,;]/.test(box.name ?? '')

/** Adds to a schema what SendGrid requires of the recipients. */
export const addressed = <Schema extends z.ZodType<Content>>(schema: Schema): Schema =>
  schema
    .refine(({ to = [] }) => to.length > 0, 'Pass a recipient in to: SendGrid sends nothing to cc and bcc alone.')
    .refine(
      (email) => recipientsOf(email).length <= MAX_RECIPIENTS,
      `It has at most ${MAX_RECIPIENTS} recipients in all.`,
    )
    .refine(
      (email) => recipientsOf(email).every(hasPlainName),
      'SendGrid accepts no comma and no semicolon in the name of a recipient.',
    )

/** Adds to a schema what SendGrid requires of an e-mail without a template. */
export const sendable = <Schema extends z.ZodType<Content>>(schema: Schema): Schema =>
  addressed(schema).refine(
    ({ text = '', html = '' }) => text !== '' || html !== '',
    'Pass text or html that is not empty.',
  )

const person = (box: Mailbox) => (typeof box === 'string' ? { email: box } : box)

/**
 * Returns an e-mail as the body of `mail/send`. A field that is absent is not sent.
 * @throws ConnectorError INVALID_INPUT if there is no sender
 */
export function messageOf(email: Content, { settings }: Context) {
  const { from = settings.from, to, cc, bcc, replyTo, text = '', html = '', dynamic_template_data, ...rest } = email
  const { inReplyTo, references = [], attachments, ...fields } = rest
  if (from === undefined) throw noSender()
  const content = [
    ...(text === '' ? [] : [{ type: 'text/plain', value: text }]),
    ...(html === '' ? [] : [{ type: 'text/html', value: html }]),
  ]
  const headers = {
    ...(inReplyTo !== undefined && { 'In-Reply-To': bracketed(inReplyTo) }),
    ...(references.length > 0 && { References: references.map(bracketed).join(' ') }),
  }
  return {
    ...fields,
    personalizations: [{ to: to?.map(person), cc: cc?.map(person), bcc: bcc?.map(person), dynamic_template_data }],
    from: person(from),
    reply_to_list: replyTo?.map(person),
    content: content.length === 0 ? undefined : content,
    attachments: attachments?.map(({ filename, contentType, content: bytes, contentId }) => ({
      content: bytes,
      filename,
      type: contentType,
      disposition: contentId === undefined ? 'attachment' : 'inline',
      content_id: contentId === undefined ? undefined : unbracketed(contentId),
    })),
    headers: Object.keys(headers).length === 0 ? undefined : headers,
    mail_settings: settings.sandbox ? { sandbox_mode: { enable: true } } : undefined,
  }
}

const noSender = (): ConnectorError =>
  new ConnectorError('INVALID_INPUT', 'No sender was passed, and SendGrid was composed without from.', {
    hint: 'Pass from, or compose sendgrid({ from }).',
    issues: [{ path: 'from', message: 'Required here.' }],
    outcome: 'not_processed',
  })
