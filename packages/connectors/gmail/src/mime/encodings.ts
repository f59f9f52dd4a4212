import { bytesOf, EOL } from './text.ts'

/** RFC 2045: a line has at most 76 characters. */
const MAX_LINE = 76

/** Encodes a text as quoted-printable (RFC 2045, section 6.7). Every line break becomes CRLF. */
export const quotedPrintable = (text: string): string =>
  text.replaceAll(/\r\n?/g, '\n').split('\n').map(encodedLine).join(EOL)

function encodedLine(line: string): string {
  const bytes = bytesOf(line)
  let encoded = ''
  let length = 0
  for (const [at, byte] of bytes.entries()) {
    const token = isLiteral(byte, at === bytes.length - 1) ? String.fromCharCode(byte) : hex(byte)
    // The last character of a line that is continued is `=`.
    if (length + token.length >= MAX_LINE) {
      encoded += `=${EOL}`
      length = 0
    }
    encoded += token
    length += token.length
  }
  return encoded
}

const TAB = 9
const SPACE = 32
const EQUALS = 61
const LAST_PRINTABLE = 126

/** Mail servers remove white space at the end of a line, so it is encoded there. */
const isLiteral = (byte: number, isLast: boolean): boolean =>
  byte === SPACE || byte === TAB ? !isLast : byte > SPACE && byte <= LAST_PRINTABLE && byte !== EQUALS

const hex = (byte: number): string => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`

/** Breaks base64 into lines. */
export const wrappedBase64 = (content: string): string => content.match(/.{1,76}/g)?.join(EOL) ?? ''

/** Encodes a message of ASCII characters as base64url without padding (RFC 4648, section 5). */
export const base64Url = (ascii: string): string =>
  btoa(ascii).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
