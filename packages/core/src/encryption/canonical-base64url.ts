import { fromBase64 } from './base64url.ts'

/** What the last character may be where it carries two or four bits that no byte takes up: those have to be zero. */
const LAST = { 2: 'AQgw', 3: 'AEIMQUYcgkosw048' } as const

/**
 * The bytes of base64url without padding, if `text` is the one way to write them; else undefined. Decoders let other
 * ways pass, so a text could be changed and still mean the same.
 */
export function fromCanonicalBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]*$/.test(text)) return undefined
  const over = text.length % 4
  if (over === 1) return undefined
  if ((over === 2 || over === 3) && !LAST[over].includes(text.charAt(text.length - 1))) return undefined
  return fromBase64(text)
}
