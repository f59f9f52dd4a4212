import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose'
import type { JSONWebKeySet, JWTPayload } from 'jose'
import { toBase64Url } from '../encoding/base64.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { providerText } from '../errors/provider-text.ts'
import type { Account } from '../identity/connection.ts'
import { CLOCK_TOLERANCE_S } from './server-request.ts'
import type { Session } from './session.ts'
import { isCoolingDown, signingKeys } from './signing-keys.ts'

/** Asymmetric algorithms only: `none` and the shared secrets of HS256 do not prove the signer. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

/**
 * Verifies the id_token of a login, and returns its account (OpenID Connect Core 1.0, section 3.1.3.7). Checks
 * signature, issuer, audience, authorized party, expiry, nonce and the hash of the access token.
 * @throws ConnectorError MCP_AUTHENTICATION_FAILURE with the reason `id_token_invalid`
 */
export async function readIdToken(
  session: Session,
  idToken: string,
  asked: { readonly accessToken: string; readonly nonce?: string | undefined },
): Promise<Account> {
  const { host } = session.server
  const claims = await verified(session, idToken)
  await checkClaims(session, idToken, claims, asked.accessToken)
  if (asked.nonce !== undefined && claims['nonce'] !== asked.nonce) {
    throw invalid(host, 'it belongs to another request')
  }
  const name = [claims['email'], claims['name'], claims['preferred_username']]
    .map((value) => (typeof value === 'string' ? providerText(value) : ''))
    .find((text) => text !== '')
  return { id: String(claims.sub), ...(name !== undefined && { name }) }
}

/**
 * Verifies the id_token of a refresh (OpenID Connect Core 1.0, section 12.2). The grant is already
 * stored, and the token came from the server over TLS, which may replace the signature (section 3.1.3.7). So only a
 * token of another account, issuer or app is rejected. Any other problem, such as clock skew or an unknown key, is
 * logged as a warning, and the claims of the login stay.
 * @throws ConnectorError MCP_AUTHENTICATION_FAILURE with the reason `account_changed` or `id_token_invalid`
 */
export async function verifyRefreshedIdToken(
  session: Session,
  idToken: string,
  asked: { readonly accessToken: string; readonly subject: string | undefined },
): Promise<void> {
  const { host } = session.server
  try {
    const claims = decodeJwt(idToken)
    refuseForeign(session, claims, asked.subject)
    await verified(session, idToken)
    await checkClaims(session, idToken, claims, asked.accessToken)
  } catch (error) {
    if (error instanceof ForeignToken) throw error.failure
    const problem = ConnectorError.is(error) ? error.message : problemIn(error)
    session.context.logger?.warn({ server: host, problem }, 'The id_token of a refresh could not be verified.')
  }
}

/** The token was issued for another account, by another issuer, or to another app. */
class ForeignToken extends Error {
  readonly failure: ConnectorError
  constructor(failure: ConnectorError) {
    super(failure.message)
    this.failure = failure
  }
}

function refuseForeign(session: Session, claims: JWTPayload, subject: string | undefined): void {
  const { host } = session.server
  const { iss, sub, aud } = claims
  const azp = claims['azp']
  const clientId = session.client.client_id
  if (typeof sub === 'string' && sub !== '' && subject !== undefined && sub !== subject) {
    const message = `${host} refreshed the grant of another account.`
    const details = { reason: 'account_changed', hint: 'Connect the account again.' }
    throw new ForeignToken(new ConnectorError('MCP_AUTHENTICATION_FAILURE', message, details))
  }
  if (iss !== undefined && iss !== issuerFor(session, claims)) {
    throw new ForeignToken(invalid(host, 'it has another issuer'))
  }
  if ((aud !== undefined && ![aud].flat().includes(clientId)) || (azp !== undefined && azp !== clientId)) {
    throw new ForeignToken(invalid(host, 'it was issued to another app'))
  }
}

async function checkClaims(session: Session, idToken: string, claims: JWTPayload, accessToken: string): Promise<void> {
  const { host } = session.server
  const now = session.context.clock.now() / 1000
  const clientId = session.client.client_id
  const azp = claims['azp']
  if (typeof claims.sub !== 'string' || claims.sub === '') throw invalid(host, 'it has no subject')
  if (typeof claims.iat !== 'number' || claims.iat > now + CLOCK_TOLERANCE_S) {
    throw invalid(host, 'it was issued in the future; compare the clocks')
  }
  if (azp !== undefined ? azp !== clientId : [claims.aud].flat().length > 1) {
    throw invalid(host, 'it was issued to another app')
  }
  const hash = claims['at_hash']
  if (hash !== undefined && hash !== null && hash !== (await hashOf(idToken, accessToken))) {
    throw invalid(host, 'it belongs to another access token')
  }
}

const issuerFor = ({ definition, server }: Session, claims: JWTPayload): string =>
  definition.issuers?.of(claims) ?? server.metadata.issuer

interface Expectations {
  readonly issuer: string
  readonly audience: string
  readonly algorithms: string[]
  readonly requiredClaims: string[]
  readonly currentDate: Date
  readonly clockTolerance: number
}

async function verified(session: Session, idToken: string): Promise<JWTPayload> {
  const { server, client, context } = session
  const offered = server.metadata.id_token_signing_alg_values_supported ?? ALGORITHMS
  try {
    const expected: Expectations = {
      issuer: issuerFor(session, decodeJwt(idToken)),
      audience: client.client_id,
      algorithms: ALGORITHMS.filter((algorithm) => offered.includes(algorithm)),
      requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat'],
      currentDate: new Date(context.clock.now()),
      clockTolerance: CLOCK_TOLERANCE_S,
    }
    return await signed(session, idToken, expected)
  } catch (error) {
    throw ConnectorError.is(error) ? error : invalid(server.host, problemIn(error))
  }
}

async function signed(session: Session, idToken: string, expected: Expectations): Promise<JWTPayload> {
  const known = await signingKeys(session)
  try {
    return await signedWith(idToken, known.keys, expected)
  } catch (error) {
    const isUnknown = error instanceof errors.JWKSNoMatchingKey
    // A server may also rotate a key without changing its id.
    const mayBeRotated = isUnknown || error instanceof errors.JWSSignatureVerificationFailed
    if (!mayBeRotated || known.isFresh) throw error
    if (!isCoolingDown(session, known)) {
      return signedWith(idToken, (await signingKeys(session, known)).keys, expected)
    }
    if (!isUnknown) throw error
    // The server may list the key by now, so this must not fail a login.
    session.context.logger?.warn(
      { server: session.server.host },
      'An id_token has an unknown key, and keys were just fetched. It is accepted because it came over TLS.',
    )
    return unsigned(idToken, expected)
  }
}

async function signedWith(idToken: string, keys: JSONWebKeySet, expected: Expectations): Promise<JWTPayload> {
  try {
    return (await jwtVerify(idToken, createLocalJWKSet(keys), expected)).payload
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    // The token does not name its key.
    for await (const key of error) {
      try {
        return (await jwtVerify(idToken, key, expected)).payload
      } catch (failed) {
        if (!(failed instanceof errors.JWSSignatureVerificationFailed)) throw failed
      }
    }
    throw new errors.JWSSignatureVerificationFailed()
  }
}

/** Validates the claims without the signature, which TLS to the server may replace (Core 1.0, section 3.1.3.7). */
function unsigned(idToken: string, { issuer, audience, currentDate, clockTolerance }: Expectations): JWTPayload {
  const claims = decodeJwt(idToken)
  const now = currentDate.getTime() / 1000
  const lives = typeof claims.exp === 'number' && claims.exp > now - clockTolerance
  const isEarly = claims.nbf !== undefined && claims.nbf > now + clockTolerance
  if (claims.iss !== issuer || ![claims.aud].flat().includes(audience) || !lives || isEarly) {
    throw new errors.JWTInvalid()
  }
  return claims
}

/** Returns the half of a hash that binds an id_token to its access token (Core 1.0, section 3.1.3.6). */
async function hashOf(idToken: string, accessToken: string): Promise<string> {
  const { alg = '' } = decodeProtectedHeader(idToken)
  const size = /^Ed/.test(alg) ? '512' : alg.slice(-3)
  const digest = new Uint8Array(await crypto.subtle.digest(`SHA-${size}`, new TextEncoder().encode(accessToken)))
  return toBase64Url(digest.subarray(0, digest.length / 2))
}

/** Describes the problem without the verifier's error, which contains the claims. */
function problemIn(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'it has expired; compare the clocks'
  if (error instanceof errors.JWTClaimValidationFailed) return `its claim "${error.claim}" is not valid`
  if (error instanceof errors.JOSEAlgNotAllowed) return 'its algorithm is not supported'
  if (error instanceof errors.JWKSNoMatchingKey) return 'no key of the server matches it'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature is not valid'
  return 'it cannot be parsed'
}

const invalid = (host: string, problem: string): ConnectorError =>
  new ConnectorError('MCP_AUTHENTICATION_FAILURE', `The id_token of ${host} was rejected: ${problem}.`, {
    reason: 'id_token_invalid',
    hint: 'Start again with connect(). If this happens again, check the clock and the issuer.',
  })
