import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose'
import type { JSONWebKeySet, JWTPayload } from 'jose'
import { toBase64Url } from '../../credentials/encryption/base64url.ts'
import { ConnectorError } from '../../errors/connector-error.ts'
import type { Account } from '../../connector/profile.ts'
import { ask, READ, unusable } from './ask.ts'
import { noEndpoint } from './authorization-url.ts'
import { objectIn } from './discovery.ts'
import { documentAt } from './documents.ts'
import type { Session } from './session.ts'

/** By how much the clocks of the two sides may differ. */
const TOLERANCE_S = 60
const KEYS_LIFE_MS = 3_600_000
/** A key that nobody has heard of makes the keys be fetched again, but no more often than this. */
const KEYS_REST_MS = 30_000

/** Asymmetric ones only: `none` and the shared secrets of HS256 prove nothing about who signed. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

export interface IdTokenAsk {
  readonly accessToken: string
  readonly nonce?: string | undefined
  /** Whose it has to be, where that is known already. */
  readonly subject?: string | undefined
  /** The token came straight from the server over TLS, so its keys may be out of reach (Core 1.0, 3.1.3.7). */
  readonly keysMayFail?: boolean | undefined
}

/**
 * Whose grant it is, by its id_token (OpenID Connect Core 1.0, section 3.1.3.7): signature, issuer, audience, authorized
 * party, expiry, nonce and hash of the access token are checked.
 * @throws ConnectorError MCP_AUTHENTICATION_FAILURE with the reason `id_token_invalid` or `account_changed`
 */
export async function readIdToken(session: Session, idToken: string, asked: IdTokenAsk): Promise<Account> {
  const { host } = session.server
  const claims = await verified(session, idToken, asked)
  const { sub } = claims
  const now = session.context.clock.now() / 1000
  const { client_id: clientId } = session.client
  const audience = [claims.aud].flat()
  const azp = claims['azp']
  if (typeof sub !== 'string' || sub === '') throw invalid(host, 'it names no subject')
  if (typeof claims.iat !== 'number' || claims.iat > now + TOLERANCE_S) throw invalid(host, 'it is from the future')
  if (azp !== undefined ? azp !== clientId : audience.length > 1) throw invalid(host, 'it was made for another app')
  if (asked.nonce !== undefined && claims['nonce'] !== asked.nonce) throw invalid(host, 'it answers another request')
  if (claims['at_hash'] !== undefined && claims['at_hash'] !== (await hashOf(idToken, asked.accessToken))) {
    throw invalid(host, 'it came with another access token')
  }
  if (asked.subject !== undefined && asked.subject !== sub) {
    throw new ConnectorError('MCP_AUTHENTICATION_FAILURE', `${host} renewed the grant of another account.`, {
      reason: 'account_changed',
      hint: 'Connect the account again.',
    })
  }
  const name = [claims['email'], claims['name'], claims['preferred_username']].find(
    (value): value is string => typeof value === 'string' && value !== '',
  )
  return { id: sub, ...(name !== undefined && { name }) }
}

interface Expectations {
  readonly issuer: string
  readonly audience: string
  readonly algorithms: string[]
  readonly requiredClaims: string[]
  readonly currentDate: Date
  readonly clockTolerance: number
}

async function verified(session: Session, idToken: string, asked: IdTokenAsk): Promise<JWTPayload> {
  const { server, client, context, definition } = session
  const offered = server.metadata.id_token_signing_alg_values_supported ?? ['RS256']
  try {
    const expected: Expectations = {
      issuer: definition.issuers?.of(decodeJwt(idToken)) ?? server.metadata.issuer,
      audience: client.client_id,
      algorithms: ALGORITHMS.filter((algorithm) => offered.includes(algorithm)),
      requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat'],
      currentDate: new Date(context.clock.now()),
      clockTolerance: TOLERANCE_S,
    }
    const keys = await keysOf(session).catch((error: unknown) => {
      if (asked.keysMayFail === true) return undefined
      throw error
    })
    if (keys === undefined) return unsigned(idToken, expected)
    return await signed(idToken, keys, expected).catch(async (error: unknown) => {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      return signed(idToken, await keysOf(session, { rotated: true }), expected)
    })
  } catch (error) {
    throw ConnectorError.is(error) ? error : invalid(server.host, problemIn(error))
  }
}

async function signed(idToken: string, keys: JSONWebKeySet, expected: Expectations): Promise<JWTPayload> {
  try {
    return (await jwtVerify(idToken, createLocalJWKSet(keys), expected)).payload
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    // The token does not say which of the keys signed it.
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

function unsigned(idToken: string, { issuer, audience, currentDate }: Expectations): JWTPayload {
  const claims = decodeJwt(idToken)
  const lives = typeof claims.exp === 'number' && claims.exp > currentDate.getTime() / 1000 - TOLERANCE_S
  if (claims.iss !== issuer || ![claims.aud].flat().includes(audience) || !lives) throw new errors.JWTInvalid()
  return claims
}

interface Keys {
  readonly keys: JSONWebKeySet
  readonly fetchedAt: number
}

async function keysOf(
  { server, context }: Session,
  options: { readonly rotated?: boolean } = {},
): Promise<JSONWebKeySet> {
  const { jwks_uri: url } = server.metadata
  if (url === undefined) throw noEndpoint(server.host, 'jwks_uri', 'jwksUrl')
  const load = async (): Promise<Keys> => {
    const { status, body } = await ask(context, { ...READ, url })
    const { keys } = status < 400 ? objectIn(body, server.host) : {}
    if (!Array.isArray(keys)) throw unusable(server.host, 'no keys where its keys should be', status)
    const usable = keys.filter((key) => typeof key === 'object' && key !== null) as JSONWebKeySet['keys']
    return { keys: { keys: usable }, fetchedAt: context.clock.now() }
  }
  const key = `keys ${url}`
  const known = await documentAt(context, key, { lifeMs: KEYS_LIFE_MS }, load)
  const rested = context.clock.now() - known.fetchedAt >= KEYS_REST_MS
  if (options.rotated !== true || !rested) return known.keys
  return (await documentAt(context, key, { lifeMs: KEYS_LIFE_MS, fresh: true }, load)).keys
}

/** The half of a hash that binds the id_token to the access token beside it (Core 1.0, section 3.1.3.6). */
async function hashOf(idToken: string, accessToken: string): Promise<string> {
  const { alg = '' } = decodeProtectedHeader(idToken)
  const size = /^Ed/.test(alg) ? '512' : alg.slice(-3)
  const digest = new Uint8Array(await crypto.subtle.digest(`SHA-${size}`, new TextEncoder().encode(accessToken)))
  return toBase64Url(digest.subarray(0, digest.length / 2))
}

/** What is wrong, in our words: an error of the verifier holds the claims. */
function problemIn(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'it has expired'
  if (error instanceof errors.JWTClaimValidationFailed) return `its claim "${error.claim}" is not what it should be`
  if (error instanceof errors.JOSEAlgNotAllowed) return 'it is signed in a way that proves nothing'
  if (error instanceof errors.JWKSNoMatchingKey) return 'no key of the server signed it'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature is wrong'
  return 'it cannot be read'
}

const invalid = (host: string, problem: string): ConnectorError =>
  new ConnectorError('MCP_AUTHENTICATION_FAILURE', `The id_token of ${host} was refused: ${problem}.`, {
    reason: 'id_token_invalid',
    hint: 'Nothing of the answer was used. If this happens again, somebody may stand between you and the server.',
  })
