import { addressList, contentDisposition, messageIds, unstructured } from './mime/headers.ts'
import type { Mailbox } from './mime/headers.ts'
import { quotedPrintable, wrappedBase64 } from './mime/encodings.ts'
import { EOL } from './mime/text.ts'

export interface MailAttachment {
  readonly filename: string
  /** @default 'application/octet-stream' */
  readonly contentType?: string | undefined
  /** The bytes in base64. */
  readonly content: string
  /** The id by which the HTML shows it: `<img src="cid:logo">`. Absent: it is listed below the message. */
  readonly contentId?: string | undefined
}

/** An e-mail, independent of the service that sends it. */
export interface Mail {
  readonly from?: Mailbox | undefined
  readonly to?: readonly Mailbox[] | undefined
  readonly cc?: readonly Mailbox[] | undefined
  readonly bcc?: readonly Mailbox[] | undefined
  readonly replyTo?: readonly Mailbox[] | undefined
  readonly subject?: string | undefined
  readonly text?: string | undefined
  readonly html?: string | undefined
  readonly attachments?: readonly MailAttachment[] | undefined
  /** The Message-ID of the message that this one replies to. */
  readonly inReplyTo?: string | undefined
  /** The Message-IDs of the conversation, the oldest one first. */
  readonly references?: readonly string[] | undefined
}

/** A MIME entity: its content headers, and its body. */
type Entity = readonly [headers: readonly string[], body: string]

/**
 * Composes a message as RFC 5322 and MIME (RFC 2045 to 2047, RFC 2231). It consists of ASCII characters only.
 *
 * The same mail is always the same message: it has neither a Date nor a Message-ID, which the service that sends it adds.
 */
export function composeMail(mail: Mail): string {
  const { from, to, cc, bcc, replyTo, subject, inReplyTo, references = [] } = mail
  const lists = { From: from === undefined ? [] : [from], To: to, Cc: cc, Bcc: bcc, 'Reply-To': replyTo }
  const [contentHeaders, body] = contentOf(mail)
  const headers = [
    ...Object.entries(lists).flatMap(([name, boxes = []]) =>
      boxes.length === 0 ? [] : [`${name}: ${addressList(boxes)}`],
    ),
    ...(subject === undefined ? [] : [`Subject: ${unstructured(subject)}`]),
    ...(inReplyTo === undefined ? [] : [`In-Reply-To: ${messageIds([inReplyTo])}`]),
    ...(references.length === 0 ? [] : [`References: ${messageIds(references)}`]),
    'MIME-Version: 1.0',
    ...contentHeaders,
  ]
  return [...headers, '', body].join(EOL)
}

function contentOf({ text, html, attachments = [] }: Mail): Entity {
  const inline = attachments.filter(({ contentId }) => contentId !== undefined)
  const listed = attachments.filter(({ contentId }) => contentId === undefined)
  const rich = html === undefined ? [] : [multipart('related', [textPart('html', html), ...inline.map(filePart)])]
  const plain = text === undefined && html !== undefined ? [] : [textPart('plain', text ?? '')]
  const body = multipart('alternative', [...plain, ...rich])
  // Without HTML, nothing shows an inline attachment.
  return multipart('mixed', [body, ...(html === undefined ? attachments : listed).map(filePart)])
}

/**
 * Joins entities to one. Neither quoted-printable nor base64 contains `=_`, so no body contains the boundary. Each kind of
 * multipart occurs once, so the boundaries differ.
 */
function multipart(kind: 'mixed' | 'alternative' | 'related', parts: readonly Entity[]): Entity {
  const [only, ...others] = parts
  if (only !== undefined && others.length === 0) return only
  const boundary = `=_${kind}`
  const bodies = parts.map(([headers, body]) => [`--${boundary}`, ...headers, '', body].join(EOL))
  return [[`Content-Type: multipart/${kind}; boundary="${boundary}"`], [...bodies, `--${boundary}--`, ''].join(EOL)]
}

const textPart = (kind: 'plain' | 'html', content: string): Entity => [
  [`Content-Type: text/${kind}; charset=utf-8`, 'Content-Transfer-Encoding: quoted-printable'],
  quotedPrintable(content),
]

const filePart = ({ filename, contentType, content, contentId }: MailAttachment): Entity => [
  [
    `Content-Type: ${contentType ?? 'application/octet-stream'}`,
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: ${contentDisposition(contentId === undefined ? 'attachment' : 'inline', filename)}`,
    ...(contentId === undefined ? [] : [`Content-ID: ${messageIds([contentId])}`]),
  ],
  wrappedBase64(content),
]
