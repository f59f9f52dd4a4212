import { ConnectorError } from '../errors/connector-error.ts'
import { fromBase64 } from './base64url.ts'

const KEY_BYTES = 32
/** 32 random bytes hold about 30 different ones; fewer than this happens to one key in 10^12. */
const FEWEST_DIFFERENT_BYTES = 18

/**
 * Reads an AES-256 key out of text: 32 bytes in base64, base64url or hex.
 * @param id the key's name, for the error
 * @param text the key; space around it does not count
 * @throws {@link ConnectorError} `CONFIGURATION_ERROR` if the text is no such key, or one that can be guessed. The
 *   error never holds the text.
 */
export function readEncryptionKey(id: string, text: string | undefined): Uint8Array<ArrayBuffer> {
  const trimmed = text?.trim() ?? ''
  // Most often an environment variable that is not set.
  if (trimmed === '') throw unusable(id, 'is empty')
  const bytes = /^[0-9a-f]{64}$/i.test(trimmed) ? fromHex(trimmed) : fromBase64(trimmed)
  if (bytes === undefined) throw unusable(id, 'is neither base64 nor hex')
  if (bytes.length !== KEY_BYTES) throw unusable(id, `has ${bytes.length} bytes where AES-256 needs ${KEY_BYTES}`)
  if (isGuessable(trimmed, bytes)) throw unusable(id, 'is not random: it looks like a passphrase or a pattern')
  return bytes
}

const unusable = (id: string, problem: string): ConnectorError =>
  new ConnectorError(
    'CONFIGURATION_ERROR',
    `The encryption key "${id}" ${problem}. Make one with: openssl rand -base64 32`,
  )

const fromHex = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: text.length / 2 }, (_, index) => Number.parseInt(text.slice(index * 2, index * 2 + 2), 16))

/** Holds for what people type, and for random bytes less than once in a billion. */
function isGuessable(text: string, bytes: Uint8Array): boolean {
  const typed = bytes.every((byte) => byte >= 0x20 && byte < 0x7f)
  const repeating = new Set(bytes).size < FEWEST_DIFFERENT_BYTES
  const counting = bytes.every((byte, index) => index < 2 || step(bytes, index) === step(bytes, 1))
  // A passphrase may happen to be valid base64; hex of either case is judged by its bytes alone.
  const oneCase = text.length < KEY_BYTES * 2 && (text === text.toLowerCase() || text === text.toUpperCase())
  return typed || repeating || counting || oneCase
}

const step = (bytes: Uint8Array, index: number): number => ((bytes[index] ?? 0) - (bytes[index - 1] ?? 0)) & 0xff
