export type HashName = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'

/** The length of a hash in bytes. */
export const HASH_BYTES: Readonly<Record<HashName, number>> = {
  'SHA-1': 20,
  'SHA-256': 32,
  'SHA-384': 48,
  'SHA-512': 64,
}

export const hmacKey = (key: Uint8Array<ArrayBuffer>, hash: HashName): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', key, { name: 'HMAC', hash }, false, ['sign', 'verify'])

/** Verifies an HMAC in constant time. */
export const verifyHmac = async (
  key: Uint8Array<ArrayBuffer>,
  hash: HashName,
  signature: Uint8Array<ArrayBuffer>,
  signed: Uint8Array<ArrayBuffer>,
): Promise<boolean> => crypto.subtle.verify('HMAC', await hmacKey(key, hash), signature, signed)

const KEY_BYTES = 32

/** Compares two strings in constant time: by their HMACs under a key that lives for this one comparison. */
export async function equalInConstantTime(one: string, other: string): Promise<boolean> {
  const key = await hmacKey(crypto.getRandomValues(new Uint8Array(KEY_BYTES)), 'SHA-256')
  const mac = await crypto.subtle.sign('HMAC', key, utf8(one))
  return crypto.subtle.verify('HMAC', key, mac, utf8(other))
}

const encoder = new TextEncoder()

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text)
