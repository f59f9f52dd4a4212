import * as oauth from 'oauth4webapi'
import { redactText } from '../redaction/redact.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { ErrorCode } from '../errors/codes.ts'
import { providerText } from '../errors/provider-text.ts'
import type { ErrorRow } from '../connector/error-table.ts'
import { UNEXPLAINED } from '../auth/unexplained.ts'
import type { TokenRefusal } from './token-response.ts'

/**
 * The codes that end a grant permanently: of the standards (RFC 6749 5.2, RFC 8628 3.5, OpenID Connect) and of large
 * providers. A connector adds its own with `errors`.
 */
const PERMANENT = [
  'invalid_grant',
  'access_denied',
  'expired_token',
  'interaction_required',
  'consent_required',
  'login_required',
  'account_selection_required',
  'mfa_required',
  'account_inactive',
  'authorization_expired',
  'authorization_revoked',
  'bad_refresh_token',
  'bad_verification_code',
  'code_already_used',
  'consent_revoked',
  'expired_refresh_token',
  'grant_expired',
  'grant_revoked',
  'invalid_code',
  'invalid_refresh_token',
  'invalid_token',
  'refresh_token_expired',
  'refresh_token_invalid',
  'refresh_token_not_found',
  'refresh_token_revoked',
  'token_expired',
  'token_inactive',
  'token_revoked',
  'user_disabled',
  'user_revoked',
] as const

/** The error codes of RFC 6749 (section 5.2), RFC 8628 (3.5), RFC 8707 (2) and RFC 9449. */
const codes: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ...PERMANENT.map((word) => [word, 'MCP_AUTHENTICATION_FAILURE'] as const),
  ['invalid_client', 'CONFIGURATION_ERROR'],
  ['unauthorized_client', 'CONFIGURATION_ERROR'],
  ['incorrect_client_credentials', 'CONFIGURATION_ERROR'],
  ['bad_client_secret', 'CONFIGURATION_ERROR'],
  ['invalid_client_id', 'CONFIGURATION_ERROR'],
  ['redirect_uri_mismatch', 'CONFIGURATION_ERROR'],
  ['bad_redirect_uri', 'CONFIGURATION_ERROR'],
  ['invalid_scope', 'CONFIGURATION_ERROR'],
  ['invalid_request', 'CONFIGURATION_ERROR'],
  ['invalid_target', 'CONFIGURATION_ERROR'],
  ['unsupported_grant_type', 'CONFIGURATION_ERROR'],
  ['invalid_dpop_proof', 'CONFIGURATION_ERROR'],
  ['invalid_redirect_uri', 'CONFIGURATION_ERROR'],
  ['invalid_client_metadata', 'CONFIGURATION_ERROR'],
  ['server_error', 'MCP_SERVER_ERROR'],
  ['temporarily_unavailable', 'MCP_SERVER_ERROR'],
])

const CHECK_CREDENTIALS = "Check the app's clientId and clientSecret (or privateKey) with the provider."
const CHECK_REDIRECT = 'Register this redirect URI for the app at the provider.'
const hints: ReadonlyMap<string, string> = new Map([
  ['invalid_client', CHECK_CREDENTIALS],
  ['incorrect_client_credentials', CHECK_CREDENTIALS],
  ['bad_client_secret', CHECK_CREDENTIALS],
  ['invalid_client_id', CHECK_CREDENTIALS],
  ['unauthorized_client', "Allow this grant type in the app's settings at the provider."],
  ['invalid_scope', 'Request only scopes that the app has at the provider.'],
  ['invalid_dpop_proof', 'Check the clock of this machine.'],
  ['invalid_redirect_uri', CHECK_REDIRECT],
  ['redirect_uri_mismatch', CHECK_REDIRECT],
  ['bad_redirect_uri', CHECK_REDIRECT],
])

const reasons: ReadonlyMap<string, string> = new Map([
  ['access_denied', 'denied_by_user'],
  ['expired_token', 'code_expired'],
])

/** Some providers report an invalid refresh token with another code, and name it only in the description. */
const aboutRefreshToken =
  /refresh[ _-]?token\b.*\b(?:expired|invalid|incorrect|revoked|unknown|not found|not valid|used)\b|\b(?:expired|invalid|incorrect|revoked|unknown)\b.*\brefresh[ _-]?token\b/i
const vague: ReadonlySet<string> = new Set(['unauthorized_client', 'invalid_request'])

/**
 * Returns the error for a refusal of the server.
 * @param facts.purpose the subject of the request, such as "the refresh token"
 * @param facts.secrets the secrets that were sent, to redact them
 */
export function refusal(
  { error, description, meaning }: TokenRefusal,
  facts: {
    readonly host: string
    readonly purpose: string
    readonly status: number
    readonly secrets: readonly string[]
  },
): ConnectorError {
  const { host, purpose, status, secrets } = facts
  const word = wordOf(error, secrets)
  const sentence = description === undefined ? undefined : sentenceOf(description, secrets)
  const code = meaning?.code ?? codeOf(word, sentence)
  const ended = code === 'MCP_AUTHENTICATION_FAILURE'
  const suffix = sentence === undefined || sentence === '' ? '' : ` (${sentence.replace(/\.$/, '')})`
  const known = word.toLowerCase()
  return new ConnectorError(code ?? 'MCP_CLIENT_ERROR', `${host} rejected ${purpose}: ${word}${suffix}.`, {
    status,
    providerCode: word,
    reason: meaning?.reason ?? (ended ? (reasons.get(known) ?? known) : code === undefined ? UNEXPLAINED : undefined),
    hint: meaning?.hint ?? hints.get(known) ?? (code === undefined ? UNKNOWN_HINT : undefined),
    outcome: code === 'MCP_SERVER_ERROR' ? 'unknown' : 'not_processed',
  })
}

/**
 * Returns the error for a failed request of oauth4webapi. The library's errors contain responses and claims, so they
 * are not passed on.
 * @param facts.purpose the subject of the request, such as "the refresh token"
 */
export function requestFailure(
  error: unknown,
  facts: {
    readonly host: string
    readonly purpose: string
    readonly secrets: readonly string[]
    /** The row of the connector's error table. */
    readonly meaning?: ErrorRow | undefined
  },
): ConnectorError {
  if (ConnectorError.is(error)) return error
  const { host, purpose } = facts
  if (error instanceof oauth.ResponseBodyError) {
    const { error: word, error_description: description, status } = error
    return refusal({ error: word, description, meaning: facts.meaning }, { ...facts, status })
  }
  if (error instanceof oauth.UnsupportedOperationError) {
    return new ConnectorError('MCP_SERVER_ERROR', `${host} returned an unknown token type for ${purpose}.`, {
      outcome: 'unknown',
    })
  }
  if (error instanceof oauth.OperationProcessingError) {
    if (error.code === oauth.MISSING_SERVER_METADATA || error.code === oauth.INVALID_SERVER_METADATA) {
      return new ConnectorError('CONFIGURATION_ERROR', `${host} has no endpoint for ${purpose}.`, {
        outcome: 'not_processed',
        hint: "Set the endpoint in the connector's definition: the server's metadata has none.",
      })
    }
    return new ConnectorError('MCP_SERVER_ERROR', `${host} returned an invalid OAuth response for ${purpose}.`, {
      outcome: 'unknown',
    })
  }
  return new ConnectorError('API_INTERNAL_ERROR', `The request for ${purpose} failed before it was sent.`, {
    outcome: 'unknown',
  })
}

const UNKNOWN_HINT =
  "Look up the provider's code. If it ends a grant, add it to `errors` of the auth. Otherwise connect again."

/** Returns the error code of a provider's code, or undefined if the standards do not define it. */
function codeOf(word: string, sentence = ''): ErrorCode | undefined {
  const known = word.toLowerCase()
  const code = codes.get(known)
  const isVague = code === undefined || vague.has(known)
  return isVague && aboutRefreshToken.test(sentence) ? 'MCP_AUTHENTICATION_FAILURE' : code
}

/** Returns a provider's code if it is one word, so that no other text of the server is repeated. */
export function wordOf(error: string, secrets: readonly string[]): string {
  const clean = redactText(error, secrets)
  return /^[\w.:-]{1,64}$/.test(clean) ? clean : 'unknown_error'
}

const sentenceOf = (description: string, secrets: readonly string[]): string =>
  providerText(description, { redact: (text) => redactText(text, secrets) })
