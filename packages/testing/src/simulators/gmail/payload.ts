/** A header of a message or of one of its parts. */
export interface SimulatedHeader {
  readonly name: string
  readonly value: string
}

/** A part of a message, in Gmail's form. */
export interface SimulatedPart {
  readonly partId: string
  readonly mimeType: string
  readonly filename: string
  readonly headers: readonly SimulatedHeader[]
  readonly body: { readonly size: number; readonly data?: string; readonly attachmentId?: string }
  readonly parts?: readonly SimulatedPart[]
}

/** A payload, and the bytes of its attachments by id. */
export interface ParsedMessage {
  readonly payload: SimulatedPart
  readonly attachments: ReadonlyMap<string, Uint8Array>
}

/** Parses a message (RFC 5322, MIME) into the parts that Gmail returns. Each character of `raw` is a byte. */
export function parseMessage(raw: string): ParsedMessage {
  const attachments = new Map<string, Uint8Array>()
  return { payload: partOf(raw, '', attachments), attachments }
}

function partOf(raw: string, partId: string, attachments: Map<string, Uint8Array>): SimulatedPart {
  const [head = '', ...rest] = raw.replace(/^\r?\n/, '\r\n\r\n').split(/\r?\n\r?\n/)
  const body = rest.join('\r\n\r\n')
  const headers = headersOf(head)
  const valueOf = (name: string) => headers.find((header) => header.name.toLowerCase() === name)?.value ?? ''
  const type = valueOf('content-type') || 'text/plain'
  const mimeType = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const filename = parameterOf(valueOf('content-disposition'), 'filename') || parameterOf(type, 'name')
  const common = { partId, mimeType, filename, headers }
  if (mimeType.startsWith('multipart/')) {
    const parts = partsOf(body, parameterOf(type, 'boundary'))
    const children = parts.map((part, at) => partOf(part, partId === '' ? String(at) : `${partId}.${at}`, attachments))
    return { ...common, body: { size: 0 }, parts: children }
  }
  const bytes = decodedBody(body, valueOf('content-transfer-encoding').toLowerCase())
  if (filename === '')
    return { ...common, body: { size: bytes.length, ...(bytes.length > 0 && { data: base64Url(bytes) }) } }
  const attachmentId = `ANGjdJ-${partId === '' ? '0' : partId}`
  attachments.set(attachmentId, bytes)
  return { ...common, body: { size: bytes.length, attachmentId } }
}

const headersOf = (head: string): readonly SimulatedHeader[] =>
  head
    .replaceAll(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
    .flatMap((line) => {
      const [, name, value = ''] = /^([!-9;-~]+):\s*(.*)$/.exec(line) ?? []
      return name === undefined ? [] : [{ name, value: decodedWords(value) }]
    })

/** Decodes encoded words (RFC 2047), which Gmail shows decoded. */
const decodedWords = (value: string): string =>
  value
    .replaceAll(/(=\?[^?]+\?[bq]\?[^?]*\?=)\s+(?==\?)/gi, '$1')
    .replaceAll(/=\?([^?]+)\?([bq])\?([^?]*)\?=/gi, (_word, charset: string, kind: string, text: string) =>
      new TextDecoder(charset).decode(
        kind.toLowerCase() === 'b' ? bytesOf(atob(text)) : quotedBytes(text.replaceAll('_', ' ')),
      ),
    )

/** Returns a parameter of a header, decoded as RFC 2231 says. */
function parameterOf(value: string, name: string): string {
  const found = [
    ...value.matchAll(new RegExp(`;\\s*${name}(\\*\\d+)?(\\*)?=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]*))`, 'gi')),
  ]
  const text = found.map(([, , , inQuotes, plain]) => inQuotes?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '').join('')
  const isExtended = found.some(([, , star]) => star !== undefined)
  return isExtended ? decodeURIComponent(text.replace(/^[^']*'[^']*'/, '')) : text
}

function partsOf(body: string, boundary: string): readonly string[] {
  const [, ...pieces] = `\r\n${body}`.split(`\r\n--${boundary}`)
  return pieces.filter((piece) => !piece.startsWith('--')).map((piece) => piece.replace(/^[ \t]*\r?\n/, ''))
}

function decodedBody(body: string, encoding: string): Uint8Array {
  if (encoding === 'base64') return bytesOf(atob(body.replaceAll(/\s/g, '')))
  return encoding === 'quoted-printable' ? quotedBytes(body.replaceAll(/=\r?\n/g, '')) : bytesOf(body)
}

const quotedBytes = (text: string): Uint8Array<ArrayBuffer> =>
  bytesOf(text.replaceAll(/=([\dA-F]{2})/gi, (_token, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))))

const bytesOf = (binary: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(binary, (character) => character.charCodeAt(0))

/** Encodes bytes as base64url without padding. */
export function base64Url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** Decodes base64url to a string with one character for each byte. Undefined if it is none. */
export function fromBase64Url(text: unknown): string | undefined {
  if (typeof text !== 'string' || text === '') return undefined
  try {
    return atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  } catch {
    return undefined
  }
}
