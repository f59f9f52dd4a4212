import { fromBase64 } from '../encoding/base64.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { KeyContext, KeyProvider } from '../ports/key-provider.ts'
import { importKey, open, seal } from './aes-gcm.ts'

/** Key-encryption keys by id. `current` wraps new data keys. The others unwrap what they wrapped. */
export interface Keyring {
  readonly current: string
  /** 32 random bytes each, in base64, base64url or hex. Make one with `openssl rand -base64 32`. */
  readonly keys: Readonly<Record<string, string>>
}

/** The id of a key that was passed without one. */
const ONLY_KEY_ID = 'k1'
const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/
const KEY_BYTES = 32
/** 32 random bytes have about 30 different values. Fewer than this occur in one key of 10^12. */
const MIN_DIFFERENT_BYTES = 18

/**
 * Creates a {@link KeyProvider} with keys in this process. It uses AES-256-GCM, with the key's id and the whole context
 * as associated data. `encrypted` creates one from the keys it receives. Use it directly to move to a key management
 * service, which cannot unwrap what this one wrapped.
 *
 * @param keys a {@link Keyring}, or one key, which gets the id `k1`
 * @throws {@link ConnectorError} `CONFIGURATION_ERROR` for a key that is weak, not 32 bytes or present twice; from
 *   `unwrap`, for an unknown key id or a wrapped key that does not open. The error never contains a key.
 */
export function localKeyring(keys: Keyring | string): KeyProvider {
  const { current, known } = readKeyring(keys)

  const cryptoKey = (id: string): Promise<CryptoKey> => {
    const key = known.get(id)
    if (key === undefined) {
      throw new ConnectorError('CONFIGURATION_ERROR', `A data key is wrapped under the unknown key "${shown(id)}".`, {
        hint: 'Add that key again.',
      })
    }
    if (key instanceof Promise) return key
    // Replaces the bytes with a key that cannot be exported.
    const imported = importKey(key)
    known.set(id, imported)
    return imported
  }

  return {
    async wrap(dataKey, context) {
      return { keyId: current, wrapped: await seal(await cryptoKey(current), dataKey, associated(current, context)) }
    },
    async unwrap({ keyId, wrapped }, context) {
      const key = await cryptoKey(keyId)
      try {
        return await open(key, new Uint8Array(wrapped), associated(keyId, context))
      } catch (cause) {
        throw new ConnectorError(
          'CONFIGURATION_ERROR',
          `A data key does not open under the key "${keyId}".`,
          { hint: 'Restore the key if it has changed, or the row of the data key if it was altered or moved.' },
          { cause },
        )
      }
    },
  }
}

/** Returns an id for an error message. An invalid one is hidden, because a stored row can contain any string. */
const shown = (id: string): string => (KEY_ID.test(id) ? id : '…')

const associated = (keyId: string, context: KeyContext): readonly string[] => [
  keyId,
  ...Object.entries(context)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flat(),
]

/** The keys by id, as bytes until their first use. */
type Known = Map<string, Uint8Array<ArrayBuffer> | Promise<CryptoKey>>

function readKeyring(keyring: Keyring | string | undefined): { readonly current: string; readonly known: Known } {
  if (typeof keyring !== 'object') {
    return { current: ONLY_KEY_ID, known: new Map([[ONLY_KEY_ID, readEncryptionKey(ONLY_KEY_ID, keyring)]]) }
  }
  const ids = Object.keys(keyring.keys)
  const misnamed = ids.findIndex((id) => !KEY_ID.test(id))
  if (misnamed >= 0) {
    // The id is not shown, because the host may have confused ids and keys.
    throw new ConnectorError('CONFIGURATION_ERROR', `The id of encryption key ${misnamed + 1} is invalid.`, {
      hint: 'Use 1 to 32 letters, digits, "_" or "-", such as "k2".',
    })
  }
  if (!Object.hasOwn(keyring.keys, keyring.current)) {
    throw new ConnectorError('CONFIGURATION_ERROR', 'The current encryption key is not in keys.', {
      choices: ids,
      hint: 'Set current to the id of one of the keys.',
    })
  }
  const read = Object.entries(keyring.keys).map(([id, text]) => [id, readEncryptionKey(id, text)] as const)
  refuseDuplicates(read)
  return { current: keyring.current, known: new Map(read) }
}

/** Rejects a key under two ids, because adding the old key under a new id is not a rotation. */
function refuseDuplicates(keys: readonly (readonly [string, Uint8Array])[]): void {
  const seen = new Map<string, string>()
  for (const [id, bytes] of keys) {
    const twin = seen.get(bytes.join())
    if (twin !== undefined) {
      throw new ConnectorError('CONFIGURATION_ERROR', `The encryption keys "${twin}" and "${id}" are the same key.`, {
        hint: 'Make a new one with: openssl rand -base64 32',
      })
    }
    seen.set(bytes.join(), id)
  }
}

/**
 * Parses an AES-256 key: 32 bytes in base64, base64url or hex, with optional white space around it.
 * @throws ConnectorError CONFIGURATION_ERROR if it is not a key, or can be guessed; never contains the text
 */
function readEncryptionKey(id: string, text: string | undefined): Uint8Array<ArrayBuffer> {
  const trimmed = text?.trim() ?? ''
  // Usually an environment variable that is not set.
  if (trimmed === '') throw unusable(id, 'is empty')
  const bytes = /^[0-9a-f]{64}$/i.test(trimmed) ? fromHex(trimmed) : fromBase64(trimmed)
  if (bytes === undefined) throw unusable(id, 'is neither base64 nor hex')
  if (bytes.length !== KEY_BYTES) throw unusable(id, `has ${bytes.length} bytes, but AES-256 needs ${KEY_BYTES}`)
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

/** Returns true for keys that users type, and for less than one in a billion random ones. */
function isGuessable(text: string, bytes: Uint8Array): boolean {
  const typed = bytes.every((byte) => byte >= 0x20 && byte < 0x7f)
  const repeating = new Set(bytes).size < MIN_DIFFERENT_BYTES
  const counting = bytes.every((byte, index) => index < 2 || step(bytes, index) === step(bytes, 1))
  // A passphrase may be valid base64. Hex has one case anyway, so only its bytes count.
  const oneCase = text.length < KEY_BYTES * 2 && (text === text.toLowerCase() || text === text.toUpperCase())
  return typed || repeating || counting || oneCase
}

const step = (bytes: Uint8Array, index: number): number => ((bytes[index] ?? 0) - (bytes[index - 1] ?? 0)) & 0xff
