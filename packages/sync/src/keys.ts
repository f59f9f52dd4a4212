/**
 * Keyed digests and encryption of one connection's sync state, so that the state holds no readable personal data.
 */
export interface SyncKeys {
  /** Returns 32 hexadecimal digits that only the holder of the key can compute. */
  digest(purpose: string, text: string): string | Promise<string>
  seal(text: string): Promise<string>
  open(sealed: string): Promise<string>
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const DIGEST_BYTES = 16
/** The JSON of a field without a value. */
const EMPTY = 'null'
/** NIST SP 800-38D, section 8.2: 96 bits. */
const IV_BYTES = 12

/**
 * Derives the keys of one connection with HKDF-SHA-256 (RFC 5869): one for HMAC-SHA-256, one for AES-256-GCM.
 * @param secret at least 32 random bytes. Use the same for the life of the connection: other bytes make every record look
 *   changed on both sides.
 * @param connection names the connection, so that two connections never share digests
 */
export async function syncKeys(secret: Uint8Array<ArrayBuffer>, connection: string): Promise<SyncKeys> {
  const { subtle } = globalThis.crypto
  const base = await subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey'])
  const from = (use: string): HkdfParams => ({
    name: 'HKDF',
    hash: 'SHA-256',
    salt: encoder.encode(connection),
    info: encoder.encode(`@mcpclient/sync ${use}`),
  })
  const mac = await subtle.deriveKey(from('digest'), base, { name: 'HMAC', hash: 'SHA-256', length: 256 }, false, [
    'sign',
  ])
  const cipher = await subtle.deriveKey(from('seal'), base, { name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ])
  const sign = async (purpose: string, text: string): Promise<string> => {
    // JSON keeps the two apart, whatever they contain.
    const signed = await subtle.sign('HMAC', mac, encoder.encode(JSON.stringify([purpose, text])))
    return hex(new Uint8Array(signed, 0, DIGEST_BYTES))
  }
  // Most fields of most records are empty.
  const empty = new Map<string, Promise<string>>()
  return {
    digest(purpose, text) {
      if (text !== EMPTY) return sign(purpose, text)
      const digest = empty.get(purpose) ?? sign(purpose, text)
      empty.set(purpose, digest)
      return digest
    },
    async seal(text) {
      const iv = globalThis.crypto.getRandomValues(new Uint8Array(IV_BYTES))
      const sealed = await subtle.encrypt({ name: 'AES-GCM', iv }, cipher, encoder.encode(text))
      return hex(iv) + toBase64(new Uint8Array(sealed))
    },
    async open(sealed) {
      const iv = fromHex(sealed.slice(0, IV_BYTES * 2))
      const plain = await subtle.decrypt({ name: 'AES-GCM', iv }, cipher, fromBase64(sealed.slice(IV_BYTES * 2)))
      return decoder.decode(plain)
    },
  }
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

const fromHex = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

const toBase64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))

const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
