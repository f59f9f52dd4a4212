import { ConnectorError } from '../errors/connector-error.ts'

/** NIST SP 800-38D, section 8.2: 96 bits. A key may use 2^32 random ones (section 8.3). */
const IV_BYTES = 12
const encoder = new TextEncoder()

/** Imports an AES-256 key that can encrypt and decrypt, but not be exported. */
export const importKey = (bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> =>
  webCrypto().subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])

/**
 * Encrypts `plain` under a random IV. Returns the IV, the ciphertext and the tag.
 * @param associated associated data, which `open` needs too; it is not stored
 */
export async function seal(
  key: CryptoKey,
  plain: Uint8Array<ArrayBuffer>,
  associated: readonly string[],
): Promise<Uint8Array<ArrayBuffer>> {
  const iv = randomBytes(IV_BYTES)
  const text = await webCrypto().subtle.encrypt(parameters(iv, associated), key, plain)
  const sealed = new Uint8Array(IV_BYTES + text.byteLength)
  sealed.set(iv)
  sealed.set(new Uint8Array(text), IV_BYTES)
  return sealed
}

/** Decrypts. Rejects if the key, the associated data or any bit differs from what `seal` used. */
export async function open(
  key: CryptoKey,
  sealed: Uint8Array<ArrayBuffer>,
  associated: readonly string[],
): Promise<Uint8Array<ArrayBuffer>> {
  const iv = sealed.subarray(0, IV_BYTES)
  const plain = await webCrypto().subtle.decrypt(parameters(iv, associated), key, sealed.subarray(IV_BYTES))
  return new Uint8Array(plain)
}

export const randomBytes = (count: number): Uint8Array<ArrayBuffer> =>
  webCrypto().getRandomValues(new Uint8Array(count))

const parameters = (iv: Uint8Array<ArrayBuffer>, associated: readonly string[]): AesGcmParams => ({
  name: 'AES-GCM',
  iv,
  // JSON separates the parts unambiguously.
  additionalData: encoder.encode(JSON.stringify(associated)),
})

/** Reads the global at each use, because some runtimes lack or forbid it while modules load. */
function webCrypto(): Crypto {
  const { crypto } = globalThis as { crypto?: Crypto | undefined }
  if (crypto?.subtle === undefined) {
    throw new ConnectorError('CONFIGURATION_ERROR', 'encrypted() requires WebCrypto (globalThis.crypto.subtle).', {
      hint: 'In a browser, serve the page over https.',
    })
  }
  return crypto
}
