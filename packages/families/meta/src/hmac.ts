const encoder = new TextEncoder()

export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text)

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** Returns the key for an HMAC-SHA-256 with the app secret. */
export const keyOf = (appSecret: string): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', bytesOf(appSecret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])

/** Returns an HMAC-SHA-256 with the app secret, in hex. */
export const hmacHex = async (appSecret: string, text: string): Promise<string> =>
  hexOf(new Uint8Array(await crypto.subtle.sign('HMAC', await keyOf(appSecret), bytesOf(text))))
