import type { Secrets } from '@mcpclient/core/define'
import { decode, toBase64Url } from './verification/decoding.ts'
import { utf8 } from './verification/hmac-key.ts'

const IV_BYTES = 12
const NO_SALT = new Uint8Array()
const INFO = utf8('webhook channel secret')

/** Derives the key that encrypts secrets of channels from a secret of their endpoint. */
async function keyFrom(secret: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', utf8(secret), 'HKDF', false, ['deriveKey'])
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: NO_SALT, info: INFO }
  return crypto.subtle.deriveKey(derivation, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

/**
 * Encrypts the secret of a channel for its row, with the first secret of its endpoint: AES-256-GCM, bound to the channel.
 * @returns the initialization vector and the ciphertext, in base64url
 */
export async function sealSecret(secret: string, channel: string, [first]: Secrets): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const algorithm = { name: 'AES-GCM', iv, additionalData: utf8(channel) }
  const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, await keyFrom(first), utf8(secret)))
  return toBase64Url(new Uint8Array([...iv, ...sealed]))
}

/** Decrypts the secret of a channel. Returns undefined if no secret of the endpoint encrypted it. */
export async function openSecret(sealed: string, channel: string, secrets: Secrets): Promise<string | undefined> {
  const bytes = decode(sealed, 'base64url')
  if (bytes === undefined) return undefined
  const algorithm = { name: 'AES-GCM', iv: bytes.slice(0, IV_BYTES), additionalData: utf8(channel) }
  for (const secret of secrets) {
    try {
      const key = await keyFrom(secret)
      return new TextDecoder().decode(await crypto.subtle.decrypt(algorithm, key, bytes.slice(IV_BYTES)))
    } catch {
      // Another secret encrypted it, or the row was changed.
    }
  }
  return undefined
}
