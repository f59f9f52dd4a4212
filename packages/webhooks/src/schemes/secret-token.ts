import type { Secrets, Verdict } from '@mcpclient/core/define'
import { errors, jwtVerify } from 'jose'
import { decode } from '../verification/decoding.ts'
import { utf8 } from '../verification/hmac-key.ts'
import { refused, VERIFIED } from '../verification/verdict.ts'

const TOLERANCE_S = 60

/** Verifies a token that is signed with HS256 by one of the secrets, and that expires. */
export async function verifySecretToken(token: string, secrets: Secrets, now: number): Promise<Verdict> {
  // jose ignores spare bits of the last character.
  if (decode(token.slice(token.lastIndexOf('.') + 1), 'base64url') === undefined) return refused('token_malformed')
  for (const secret of secrets) {
    try {
      await jwtVerify(token, utf8(secret), {
        algorithms: ['HS256'],
        requiredClaims: ['exp'],
        currentDate: new Date(now),
        clockTolerance: TOLERANCE_S,
      })
      return VERIFIED
    } catch (error) {
      if (error instanceof errors.JWTExpired) return refused('token_expired')
      if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return refused('token_malformed')
    }
  }
  return refused('token_mismatch')
}
