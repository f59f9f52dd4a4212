import type { Verdict } from '@mcpclient/core/define'
import { createLocalJWKSet, errors, jwtVerify } from 'jose'
import type { JWTPayload } from 'jose'
import { decode } from '../verification/decoding.ts'
import { refused, VERIFIED } from '../verification/verdict.ts'
import type { KeySet, KeySource } from './signing-keys.ts'

export interface PushTokenExpectations {
  readonly issuers: readonly string[]
  readonly audiences: readonly string[]
  readonly emails: readonly string[]
  readonly clockToleranceS: number
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Asymmetric ones only: with HS256, a public key would be the secret. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

/** Verifies a token: signature, issuer, audience, expiry, and the verified e-mail address of the sender. */
export async function verifyPushToken(
  token: string,
  source: KeySource,
  expected: PushTokenExpectations,
): Promise<Verdict> {
  // jose ignores spare bits of the last character.
  if (decode(token.slice(token.lastIndexOf('.') + 1), 'base64url') === undefined) return refused('token_malformed')
  const known = await source(expected.now)
  if (known === undefined) return refused('keys_unavailable')
  try {
    const claims = await signedWith(token, known, source, expected)
    const email = claims['email']
    const isAllowed = typeof email === 'string' && claims['email_verified'] === true && expected.emails.includes(email)
    return isAllowed ? VERIFIED : refused('token_mismatch')
  } catch (error) {
    if (error instanceof errors.JWTExpired) return refused('token_expired')
    const isMalformed = error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid
    return refused(isMalformed ? 'token_malformed' : 'token_mismatch')
  }
}

async function signedWith(
  token: string,
  known: KeySet,
  source: KeySource,
  expected: PushTokenExpectations,
): Promise<JWTPayload> {
  try {
    return await claimsOf(token, known, expected)
  } catch (error) {
    if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
    const newer = await source(expected.now, known)
    if (newer === undefined || newer === known) throw error
    return claimsOf(token, newer, expected)
  }
}

async function claimsOf(token: string, { keys }: KeySet, expected: PushTokenExpectations): Promise<JWTPayload> {
  const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
    issuer: [...expected.issuers],
    audience: [...expected.audiences],
    algorithms: ALGORITHMS,
    requiredClaims: ['exp', 'iat', 'email'],
    currentDate: new Date(expected.now),
    clockTolerance: expected.clockToleranceS,
  })
  return payload
}
