import type { SyncKeys } from '../../src/keys.ts'

/** Keys without cryptography: a simulation compares millions of fields. */
export const fastKeys: SyncKeys = {
  digest: (purpose, text) => remembered(`${purpose}\n${text}`),
  seal: (text) => Promise.resolve(`sealed:${text}`),
  open: (sealed) => Promise.resolve(sealed.slice('sealed:'.length)),
}

const MAX_REMEMBERED = 20_000
const digests = new Map<string, string>()

/** Returns the digest of a text. A history has the same few values again and again. */
function remembered(text: string): string {
  const known = digests.get(text)
  if (known !== undefined) return known
  if (digests.size === MAX_REMEMBERED) digests.clear()
  const digest = hash(`1${text}`) + hash(`2${text}`)
  digests.set(text, digest)
  return digest
}

/** 53 bits, twice (FNV-1a in two halves). */
function hash(text: string): string {
  let high = 0x811c9dc5
  let low = 0x1000193
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    high = Math.imul(high ^ code, 0x01000193)
    low = Math.imul(low ^ (code + at), 0x85ebca6b)
    high ^= low >>> 13
  }
  return (high >>> 0).toString(16).padStart(8, '0') + (low >>> 0).toString(16).padStart(8, '0')
}
