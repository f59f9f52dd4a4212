import { ConnectorError } from '../errors/connector-error.ts'
import type { KeyContext, KeyProvider } from '../ports/key-provider.ts'
import { importKey, open, seal } from './aes-gcm.ts'
import { readEncryptionKey } from './encryption-key.ts'

/** Key-encryption keys by id. Data keys are wrapped under `current`; the others still unwrap what they wrapped. */
export interface Keyring {
  readonly current: string
  /** 32 random bytes each, in base64, base64url or hex. Make one with: `openssl rand -base64 32` */
  readonly keys: Readonly<Record<string, string>>
}

/** The id of a key that was given without one. */
const ONLY_KEY_ID = 'k1'
const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/

/**
 * A {@link KeyProvider} whose keys are in this process: AES-256-GCM, with the key's id and the whole context as
 * associated data. `encrypted` makes one of whatever keys it is given; on its own it is for moving to a key management
 * service, which cannot unwrap what this one wrapped.
 *
 * @param keys a {@link Keyring}, or one key, which is then named `k1`
 * @throws {@link ConnectorError} `CONFIGURATION_ERROR` at once for a key that is weak, not 32 bytes, or there twice;
 *   from `unwrap`, for a key id that is not among the keys, or a wrapped key that does not open. Neither holds a key.
 */
export function localKeyring(keys: Keyring | string): KeyProvider {
  const { current, known } = readKeyring(keys)

  const cryptoKey = (id: string): Promise<CryptoKey> => {
    const key = known.get(id)
    if (key === undefined) {
      throw new ConnectorError(
        'CONFIGURATION_ERROR',
        `A data key is wrapped under the key "${shown(id)}", which is not among the keys. Add that key again.`,
      )
    }
    if (key instanceof Promise) return key
    // From here on it is something that gives no bytes away.
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
          `A data key does not open under the key "${keyId}": that key has changed, or the data key was altered or ` +
            `moved. Restore the key, or the row of the data key.`,
          {},
          { cause },
        )
      }
    },
  }
}

/** An id in a stored row can be anything; what is none of ours is not repeated. */
const shown = (id: string): string => (KEY_ID.test(id) ? id : '…')

const associated = (keyId: string, context: KeyContext): readonly string[] => [
  keyId,
  ...Object.entries(context)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flat(),
]

/** Each key as its bytes until it is first used. */
type Known = Map<string, Uint8Array<ArrayBuffer> | Promise<CryptoKey>>

function readKeyring(keyring: Keyring | string | undefined): { readonly current: string; readonly known: Known } {
  if (typeof keyring !== 'object') {
    return { current: ONLY_KEY_ID, known: new Map([[ONLY_KEY_ID, readEncryptionKey(ONLY_KEY_ID, keyring)]]) }
  }
  const ids = Object.keys(keyring.keys)
  const misnamed = ids.findIndex((id) => !KEY_ID.test(id))
  if (misnamed >= 0) {
    // The id is not shown: someone may have mixed up ids and keys.
    throw new ConnectorError(
      'CONFIGURATION_ERROR',
      `The id of encryption key ${misnamed + 1} must be 1 to 32 letters, digits, "_" or "-", such as "k2".`,
    )
  }
  if (!Object.hasOwn(keyring.keys, keyring.current)) {
    throw new ConnectorError(
      'CONFIGURATION_ERROR',
      'The current encryption key is not among the keys. Name one that is.',
      { choices: ids },
    )
  }
  const read = Object.entries(keyring.keys).map(([id, text]) => [id, readEncryptionKey(id, text)] as const)
  refuseTwins(read)
  return { current: keyring.current, known: new Map(read) }
}

/** Whoever adds the old key under a new name believes to have rotated it. */
function refuseTwins(keys: readonly (readonly [string, Uint8Array])[]): void {
  const seen = new Map<string, string>()
  for (const [id, bytes] of keys) {
    const twin = seen.get(bytes.join())
    if (twin !== undefined) {
      throw new ConnectorError(
        'CONFIGURATION_ERROR',
        `The encryption keys "${twin}" and "${id}" are the same key. Make another one with: openssl rand -base64 32`,
      )
    }
    seen.set(bytes.join(), id)
  }
}
