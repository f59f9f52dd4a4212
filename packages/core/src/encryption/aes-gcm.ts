import { randomBytes, webCrypto } from './web-crypto.ts'

/** NIST SP 800-38D, section 8.2: 96 bits. A key may draw 2^32 of them at random (section 8.3). */
const IV_BYTES = 12
const encoder = new TextEncoder()

/** An AES-256 key that encrypts and decrypts here, and gives no bytes away. */
export const importKey = (bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> =>
  webCrypto().subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])

/**
 * Seals `plain` under a random IV, which comes first in the answer; ciphertext and tag follow.
 * @param associated what has to be the same when it is opened; kept nowhere
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

/** Rejects if the key, the associated text or a single bit is another one than when it was sealed. */
export async function open(
  key: CryptoKey,
  sealed: Uint8Array<ArrayBuffer>,
  associated: readonly string[],
): Promise<Uint8Array<ArrayBuffer>> {
  const iv = sealed.subarray(0, IV_BYTES)
  const plain = await webCrypto().subtle.decrypt(parameters(iv, associated), key, sealed.subarray(IV_BYTES))
  return new Uint8Array(plain)
}

const parameters = (iv: Uint8Array<ArrayBuffer>, associated: readonly string[]): AesGcmParams => ({
  name: 'AES-GCM',
  iv,
  // JSON keeps the parts apart, whatever is in them.
  additionalData: encoder.encode(JSON.stringify(associated)),
})
