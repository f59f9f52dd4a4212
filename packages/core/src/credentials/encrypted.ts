import { ConnectorError } from '../errors/connector-error.ts'
import type { Store, Stored } from '../ports/store.ts'
import { fromBase64, toBase64Url } from './base64url.ts'
import { readEncryptionKey } from './encryption-key.ts'

/** Keys by id. Values are written under `current`; the others still open what was written under them. */
export interface Keyring {
  readonly current: string
  /** 32 random bytes each, in base64, base64url or hex. Make one with: `openssl rand -base64 32` */
  readonly keys: Readonly<Record<string, string>>
}

const FORMAT = 'v1'
/** The id of a key that was given without one. */
const ONLY_KEY_ID = 'k1'
const IV_BYTES = 12
const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/

/**
 * A {@link Store} whose values are unreadable without the key: AES-256-GCM over another store. Keys of the store, its
 * versions and its times to live stay as they are, and so does everything that stands on compare-and-swap.
 *
 * A value is bound to its place: under another key of the store, or under another key id, it does not open. What is
 * written is text, `v1.<keyId>.<iv>.<ciphertext>` in base64url: a third longer than the value, plus about sixty
 * characters.
 *
 * Each write draws a random 96-bit IV. NIST SP 800-38D (section 8.3) allows one key 2^32 of them: more than a century
 * at one write a second. Make a new current key before that, or yearly; this function does not count.
 *
 * @param store where the unreadable values go
 * @param options.keys a {@link Keyring}, or one key, which is then named `k1`
 * @throws {@link ConnectorError} `CONFIGURATION_ERROR` at once for a key that is weak or not 32 bytes; later, from
 *   `get` and `list`, for a value that does not open. Neither holds a key, a value or a ciphertext.
 */
export function encrypted(store: Store, options: { readonly keys: Keyring | string }): Store {
  const { seal, open } = createCipher(readKeyring(options.keys))
  const openStored = async (key: string, { value, version }: Stored): Promise<Stored> => ({
    value: await open(key, value),
    version,
  })
  const take = store.take?.bind(store)
  const close = store.close?.bind(store)

  return {
    async get(key) {
      const stored = await store.get(key)
      return stored && openStored(key, stored)
    },
    async put(key, value, conditions) {
      return store.put(key, await seal(key, value), conditions)
    },
    delete: (key, conditions) => store.delete(key, conditions),
    async list(prefix, page) {
      const { entries, next } = await store.list(prefix, page)
      const opened = entries.map(async (entry) => ({ key: entry.key, ...(await openStored(entry.key, entry)) }))
      return { entries: await Promise.all(opened), next }
    },
    ...(take && { take }),
    ...(close && { close }),
  }
}

/** Each key as its bytes until it is first used, and from then on as something that gives no bytes away. */
type Keys = Map<string, Uint8Array<ArrayBuffer> | Promise<CryptoKey>>

function readKeyring(keyring: Keyring | string | undefined): { readonly current: string; readonly keys: Keys } {
  if (typeof keyring !== 'object') {
    return { current: ONLY_KEY_ID, keys: new Map([[ONLY_KEY_ID, readEncryptionKey(ONLY_KEY_ID, keyring)]]) }
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
      {
        choices: ids,
      },
    )
  }
  return {
    current: keyring.current,
    keys: new Map(Object.entries(keyring.keys).map(([id, text]) => [id, readEncryptionKey(id, text)])),
  }
}

interface Cipher {
  readonly seal: (place: string, value: string) => Promise<string>
  readonly open: (place: string, envelope: string) => Promise<string>
}

function createCipher({ current, keys }: { readonly current: string; readonly keys: Keys }): Cipher {
  const encoder = new TextEncoder()
  // A byte order mark at the start of a value is part of the value.
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

  const cryptoKey = async (place: string, id: string): Promise<CryptoKey> => {
    const known = keys.get(id)
    if (known === undefined) {
      throw unreadable(place, `was encrypted under the key "${id}", which is not among the keys. Add that key again`)
    }
    if (!(known instanceof Uint8Array)) return known
    const imported = webCrypto().subtle.importKey('raw', known, 'AES-GCM', false, ['encrypt', 'decrypt'])
    keys.set(id, imported)
    return imported
  }
  const parameters = (place: string, keyId: string, iv: Uint8Array<ArrayBuffer>): AesGcmParams => ({
    name: 'AES-GCM',
    iv,
    // JSON keeps the parts apart, whatever is in them.
    additionalData: encoder.encode(JSON.stringify([FORMAT, keyId, place])),
  })

  return {
    async seal(place, value) {
      const iv = webCrypto().getRandomValues(new Uint8Array(IV_BYTES))
      const key = await cryptoKey(place, current)
      const text = await webCrypto().subtle.encrypt(parameters(place, current, iv), key, encoder.encode(value))
      return [FORMAT, current, toBase64Url(iv), toBase64Url(new Uint8Array(text))].join('.')
    },

    async open(place, envelope) {
      const [format = '', keyId = '', ivText = '', text = '', ...rest] = envelope.split('.', 5)
      if (/^v\d{1,4}$/.test(format) && format !== FORMAT) {
        throw unreadable(place, `is in the format ${format}, which this version cannot read. Update @mcpclient/core`)
      }
      const iv = fromBase64(ivText)
      const bytes = fromBase64(text)
      if (format !== FORMAT || !KEY_ID.test(keyId) || iv?.length !== IV_BYTES || !bytes || rest.length > 0) {
        throw unreadable(place, 'was not written by encrypted(): remove it, or write it again through encrypted()')
      }
      const key = await cryptoKey(place, keyId)
      try {
        return decoder.decode(await webCrypto().subtle.decrypt(parameters(place, keyId, iv), key, bytes))
      } catch (cause) {
        const why = `does not open under the key "${keyId}": that key has changed, or the row was altered or moved`
        throw unreadable(place, `${why}. Restore the key or the row`, cause)
      }
    },
  }
}

/** The place names a tenant, so it stays in the process, with the cause. */
const unreadable = (place: string, problem: string, cause?: unknown): ConnectorError =>
  new ConnectorError(
    'CONFIGURATION_ERROR',
    `A stored value ${problem}.`,
    {},
    {
      cause: new Error(`at the key ${JSON.stringify(place)} of the store`, { cause }),
    },
  )

/** Looked up when first used: in some runtimes it is not there while modules load, or not allowed to be used. */
function webCrypto(): Crypto {
  const { crypto } = globalThis as { crypto?: Crypto | undefined }
  if (crypto?.subtle === undefined) {
    throw new ConnectorError(
      'CONFIGURATION_ERROR',
      'encrypted() needs WebCrypto (globalThis.crypto.subtle). Browsers offer it on https: pages only.',
    )
  }
  return crypto
}
