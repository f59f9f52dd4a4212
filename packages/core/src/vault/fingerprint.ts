import { toBase64Url } from '../encoding/base64.ts'

/**
 * Names a secret without giving it away: the first 48 bits of its SHA-256. Enough to tell one key from another on a
 * screen or in an audit line; for a secret of low entropy it would let a guess be checked, so it is for keys and tokens.
 */
export async function fingerprint(secret: string): Promise<string> {
  const digest = await globalThis.crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret))
  return toBase64Url(new Uint8Array(digest, 0, 6))
}
