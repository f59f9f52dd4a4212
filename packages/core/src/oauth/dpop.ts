import { exportJWK, importJWK, SignJWT } from 'jose'
import type { CryptoKey, JWK } from 'jose'
import * as oauth from 'oauth4webapi'
import { toBase64Url } from '../encoding/base64.ts'
import type { Grant } from '../auth/grant.ts'
import type { SignableRequest } from '../ports/transport.ts'

const ALGORITHM = 'ES256'

type PrivateJwk = NonNullable<Grant['key']>

/** Generates the key of one grant (RFC 9449). It is stored with the grant, inside the encryption of the store. */
export async function generateKey(): Promise<PrivateJwk> {
  const { privateKey } = await oauth.generateKeyPair(ALGORITHM, { extractable: true })
  const { kty, crv, x, y, d } = await exportJWK(privateKey)
  return { kty, crv, x, y, d }
}

/** Returns whether a server accepts proofs of our algorithm. */
export const takesProofs = ({ dpop_signing_alg_values_supported: offered }: oauth.AuthorizationServer): boolean =>
  offered?.includes(ALGORITHM) === true

/** Returns the handle that makes the proofs of token requests. */
export async function tokenProof(client: oauth.Client, key: PrivateJwk): Promise<oauth.DPoPHandle> {
  const privateKey = await imported(key)
  const publicKey = await imported(publicPart(key))
  return oauth.DPoP(client, { privateKey, publicKey })
}

/** Returns the proof for one request to the service and its access token (section 7). */
export async function requestProof(
  { method, url }: Pick<SignableRequest, 'method' | 'url'>,
  { accessToken, key = {} }: Grant,
  nonce: string | undefined,
): Promise<string> {
  const { origin, pathname } = new URL(url)
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(accessToken))
  const claims = {
    htm: method.toUpperCase(),
    htu: `${origin}${pathname}`,
    ath: toBase64Url(new Uint8Array(digest)),
    ...(nonce !== undefined && { nonce }),
  }
  return new SignJWT(claims)
    .setProtectedHeader({ alg: ALGORITHM, typ: 'dpop+jwt', jwk: publicPart(key) })
    .setIssuedAt()
    .setJti(crypto.randomUUID())
    .sign(await imported(key))
}

const publicPart = ({ kty, crv, x, y }: PrivateJwk): JWK => ({ kty, crv, x, y }) as JWK

/** Imported keys. Importing costs more than signing, and a grant signs many requests. */
const keys = new WeakMap<object, Promise<CryptoKey>>()

function imported(jwk: PrivateJwk): Promise<CryptoKey> {
  const known = keys.get(jwk)
  if (known !== undefined) return known
  const key = importJWK(jwk as JWK, ALGORITHM, { extractable: jwk['d'] === undefined }) as Promise<CryptoKey>
  keys.set(jwk, key)
  return key
}
