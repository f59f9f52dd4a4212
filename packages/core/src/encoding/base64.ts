/** `String.fromCharCode` takes its input as arguments, and engines limit their number. */
const CHUNK = 0x8000

/** Encodes bytes as base64url without padding (RFC 4648, section 5). */
export const toBase64Url = (bytes: Uint8Array): string =>
  toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

/** Encodes bytes as padded base64 (RFC 4648, section 4). */
export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += CHUNK) binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  return btoa(binary)
}

/** Decodes base64 or base64url, padded or not. Returns undefined for anything else. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  let binary: string
  try {
    binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  } catch {
    return undefined
  }
  const bytes = new Uint8Array(binary.length)
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at)
  return bytes
}

/** The valid last characters if two or four of their bits belong to no byte: those bits must be zero. */
const LAST = { 2: 'AQgw', 3: 'AEIMQUYcgkosw048' } as const

/**
 * Decodes base64url without padding. Returns undefined unless `text` is the canonical encoding: decoders accept others
 * too, so a text could be altered without changing its bytes.
 */
export function fromCanonicalBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]*$/.test(text)) return undefined
  const over = text.length % 4
  if (over === 1) return undefined
  if ((over === 2 || over === 3) && !LAST[over].includes(text.charAt(text.length - 1))) return undefined
  return fromBase64(text)
}
