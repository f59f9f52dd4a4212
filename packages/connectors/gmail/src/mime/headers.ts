import { bytesOf, FOLD, pieces } from './text.ts'

/** A mailbox: an address, or an address with the name of its owner. */
export type Mailbox = string | { readonly email: string; readonly name?: string | undefined }

/** A line of ASCII that needs no folding, even after the name of its header. */
const MAX_PLAIN = 60
/** RFC 2047: a line with an encoded word has at most 76 characters. 39 bytes are 52 of them, and 12 surround them. */
const MAX_WORD_BYTES = 39

/** A piece of a parameter, beside `filename*10*=UTF-8''` in one line. */
const MAX_VALUE = 50

const isPlain = (text: string): boolean => /^[ -~]*$/.test(text) && text.length <= MAX_PLAIN && !text.includes('=?')

/** Encodes a text that has no structure, such as a subject. Line breaks cannot begin another header. */
export const unstructured = (text: string): string => (isPlain(text) ? text : encodedWords(text))

/** Encodes a text as one encoded word or several (RFC 2047). Software ignores the white space between two of them. */
const encodedWords = (text: string): string =>
  pieces(text, (piece) => bytesOf(piece).length <= MAX_WORD_BYTES)
    .map((piece) => `=?UTF-8?B?${btoa(String.fromCharCode(...bytesOf(piece)))}?=`)
    .join(FOLD)

/** Formats mailboxes, each in a line of its own. */
export const addressList = (boxes: readonly Mailbox[]): string => boxes.map(mailbox).join(`,${FOLD}`)

function mailbox(box: Mailbox): string {
  if (typeof box === 'string') return box
  const { email, name = '' } = box
  if (name === '') return email
  // Encoded words must not be in quotes.
  return `${isPlain(name) ? quoted(name) : encodedWords(name)}${FOLD}<${email}>`
}

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`

/** Formats Message-IDs, with or without their angle brackets. */
export const messageIds = (ids: readonly string[]): string =>
  ids.map((id) => `<${id.replaceAll(/[<>\s]/g, '')}>`).join(FOLD)

/** Returns the value of Content-Disposition with a file name (RFC 2183), which may have any characters (RFC 2231). */
export function contentDisposition(kind: 'attachment' | 'inline', filename: string): string {
  if (isPlain(filename)) return `${kind};${FOLD}filename=${quoted(filename)}`
  const [first = '', ...others] = pieces(filename, (piece) => percentEncoded(piece).length <= MAX_VALUE)
  if (others.length === 0) return `${kind};${FOLD}filename*=UTF-8''${percentEncoded(first)}`
  const continued = [first, ...others].map(
    (piece, at) => `filename*${at}*=${at === 0 ? "UTF-8''" : ''}${percentEncoded(piece)}`,
  )
  return `${kind};${FOLD}${continued.join(`;${FOLD}`)}`
}

/** Encodes everything except the characters that RFC 2231 allows in a parameter. */
const percentEncoded = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
