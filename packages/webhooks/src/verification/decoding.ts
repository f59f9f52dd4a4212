export type Encoding = 'hex' | 'base64' | 'base64url'

/**
 * Decodes the one canonical encoding of some bytes: lower-case hex, padded base64, base64url without padding. Returns
 * undefined for anything else. Lenient decoders ignore whitespace, case and spare bits, so a signature could be altered
 * without becoming another one.
 */
export function decode(text: string, encoding: Encoding): Uint8Array<ArrayBuffer> | undefined {
  if (encoding === 'hex') return fromHex(text)
  if (encoding === 'base64') return fromBase64(text)
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return undefined
  return fromBase64(
    text
      .replaceAll('-', '+')
      .replaceAll('_', '/')
      .padEnd(Math.ceil(text.length / 4) * 4, '='),
  )
}

function fromHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 2 === 1 || !/^[\da-f]*$/.test(text)) return undefined
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16))
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  let binary: string
  try {
    binary = atob(text)
  } catch {
    return undefined
  }
  return btoa(binary) === text ? Uint8Array.from(binary, (character) => character.charCodeAt(0)) : undefined
}

/** Encodes bytes as base64url without padding. */
export const toBase64Url = (bytes: Uint8Array): string =>
  toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

/** Encodes bytes as lower-case hex. */
export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** Encodes bytes as padded base64. */
export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  // In parts, because an argument list has a limit.
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return btoa(binary)
}
