import { valueAt } from '@mcpclient/core/define'

/** The parts of a payload, as far as they are read. */
interface Part {
  readonly partId?: unknown
  readonly mimeType?: unknown
  readonly filename?: unknown
  readonly headers?: unknown
  readonly body?: unknown
  readonly parts?: unknown
}

/** Payloads of nested messages are deep, but not endless. */
const MAX_DEPTH = 50

/**
 * Turns a message as Gmail returns it into plain fields: the headers that matter, the bodies decoded, and the attachments
 * without their bytes. A message without a payload, as a modification returns it, has no such fields. Anything else than a
 * message is returned as it is.
 */
export function plainMessage(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('id' in value)) return value
  const { id, threadId, historyId, internalDate, snippet, sizeEstimate, labelIds = [], payload } = value as Fields
  const common = { id, threadId, labelIds, historyId, internalDate, snippet, sizeEstimate }
  if (typeof payload !== 'object' || payload === null) return common
  const header = headerReader(payload)
  return {
    ...common,
    ...Object.fromEntries(Object.entries(HEADERS).map(([field, name]) => [field, header(name)])),
    ...contentOf(payload),
  }
}

type Fields = Readonly<Record<string, unknown>>

/** The headers that have a field of their own. */
const HEADERS = {
  subject: 'subject',
  from: 'from',
  to: 'to',
  cc: 'cc',
  bcc: 'bcc',
  replyTo: 'reply-to',
  date: 'date',
  messageId: 'message-id',
  inReplyTo: 'in-reply-to',
  references: 'references',
} as const

/** The names of these headers, for a request that needs no others. */
export const headerNames: readonly string[] = Object.values(HEADERS)

/** Returns the bodies and the attachments. With the format `metadata` a payload has none, so nothing is known of them. */
function contentOf(payload: Part) {
  const leaves = leavesOf(payload, 0)
  const isKnown = leaves.some((leaf) => leaf !== payload || isFile(leaf) || valueAt(leaf, 'body.data') !== undefined)
  if (!isKnown) return {}
  const bodies = leaves.filter((leaf) => !isFile(leaf))
  return {
    text: textOf(bodies, 'text/plain'),
    html: textOf(bodies, 'text/html'),
    attachments: leaves.filter(isFile).map(attachmentOf),
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Returns the parts that have no parts. */
function leavesOf(part: Part, depth: number): readonly Part[] {
  const parts = listOf(part.parts)
  if (parts.length === 0 || depth > MAX_DEPTH) return [part]
  return parts.flatMap((each) => (typeof each === 'object' && each !== null ? leavesOf(each, depth + 1) : []))
}

/** Returns whether a part is an attachment: it has a file name, or bytes of its own. */
const isFile = (part: Part): boolean =>
  (typeof part.filename === 'string' && part.filename !== '') || valueAt(part, 'body.attachmentId') !== undefined

/** Joins the texts of one type, which a message may have between its attachments. Null if there is none. */
function textOf(parts: readonly Part[], type: string): string | null {
  const texts = parts.filter(({ mimeType }) => mimeType === type).map(decodedText)
  return texts.length === 0 ? null : texts.join('\n')
}

function decodedText(part: Part): string {
  const bytes = bytesOf(valueAt(part, 'body.data'))
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder(charsetOf(part)).decode(bytes)
  }
}

/** Returns the declared charset of a part, if the runtime knows it. */
function charsetOf(part: Part): string {
  const [, charset = ''] = /charset="?([^";\s]+)/i.exec(headerReader(part)('content-type') ?? '') ?? []
  try {
    return new TextDecoder(charset).encoding
  } catch {
    return 'windows-1252'
  }
}

function attachmentOf(part: Part) {
  const contentId = headerReader(part)('content-id')?.replaceAll(/[<>]/g, '')
  return {
    attachmentId: valueAt(part, 'body.attachmentId'),
    partId: part.partId,
    filename: part.filename,
    contentType: part.mimeType,
    size: valueAt(part, 'body.size'),
    contentId,
  }
}

/** Returns a function that reads a header by its name in any case. Null if there is none. */
function headerReader(part: Part): (name: string) => string | null {
  const headers = listOf(part.headers)
  return (name) => {
    const found = headers.find((each) => String(valueAt(each, 'name')).toLowerCase() === name)
    const value = valueAt(found, 'value')
    return typeof value === 'string' ? value : null
  }
}

/** Decodes base64url. Returns no bytes for anything else. */
function bytesOf(data: unknown): Uint8Array {
  if (typeof data !== 'string') return new Uint8Array()
  try {
    return Uint8Array.from(atob(data.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0))
  } catch {
    return new Uint8Array()
  }
}
