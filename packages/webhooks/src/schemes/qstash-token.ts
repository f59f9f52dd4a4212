import type { Secrets, UnverifiedDelivery, Verdict } from '@mcpclient/core/define'
import { errors, jwtVerify } from 'jose'
import type { JWTPayload } from 'jose'
import { decode, toBase64Url } from '../verification/decoding.ts'
import { utf8 } from '../verification/hmac-key.ts'
import { refused, VERIFIED } from '../verification/verdict.ts'

/** Verifies a token: signature, issuer, address, expiry, and the digest of the body. */
export async function verifyQstashToken(
  token: string,
  { url, bytes, now }: UnverifiedDelivery,
  secrets: Secrets,
  clockToleranceS: number,
): Promise<Verdict> {
  // jose ignores spare bits of the last character.
  if (decode(token.slice(token.lastIndexOf('.') + 1), 'base64url') === undefined) return refused('token_malformed')
  try {
    const { body } = await claimsSignedWith(secrets, token, { url, now, clockToleranceS })
    const digest = toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
    return typeof body === 'string' && body.replace(/=+$/, '') === digest ? VERIFIED : refused('body_mismatch')
  } catch (error) {
    if (error instanceof errors.JWTExpired) return refused('token_expired')
    const isMalformed = error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid
    return refused(isMalformed ? 'token_malformed' : 'token_mismatch')
  }
}

async function claimsSignedWith(
  [secret, ...others]: Secrets,
  token: string,
  expected: { readonly url: string; readonly now: number; readonly clockToleranceS: number },
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, utf8(secret), {
      algorithms: ['HS256'],
      issuer: 'Upstash',
      subject: expected.url,
      requiredClaims: ['exp', 'nbf', 'body'],
      currentDate: new Date(expected.now),
      clockTolerance: expected.clockToleranceS,
    })
    return payload
  } catch (error) {
    const [next, ...rest] = others
    if (next === undefined || !(error instanceof errors.JWSSignatureVerificationFailed)) throw error
    return claimsSignedWith([next, ...rest], token, expected)
  }
}
