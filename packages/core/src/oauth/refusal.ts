import * as oauth from 'oauth4webapi'
import { redactText } from '../redaction/redact.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { ErrorCode } from '../errors/codes.ts'
import { providerText } from '../errors/provider-text.ts'
import type { ErrorRow } from '../connector/error-table.ts'
import { UNEXPLAINED } from '../auth/unexplained.ts'
import type { TokenRefusal } from './token-response.ts'

/**
 * The codes that end a grant for good: those of the standards (RFC 6749 5.2, RFC 8628 3.5, OpenID Connect), and those of
 * large providers. A connector adds its own with `errors`.
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

/** What the other words of RFC 6749 (section 5.2), RFC 8628 (3.5), RFC 8707 (2) and RFC 9449 mean for a grant. */
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
  ['unauthorized_client', 'Allow this kind of grant in the settings of the app at the provider.'],
  ['invalid_scope', 'Ask only for scopes that the app has at the provider.'],
  ['invalid_dpop_proof', 'Check the clock of this machine.'],
  ['invalid_redirect_uri', CHECK_REDIRECT],
  ['redirect_uri_mismatch', CHECK_REDIRECT],
  ['bad_redirect_uri', CHECK_REDIRECT],
])

const reasons: ReadonlyMap<string, string> = new Map([
  ['access_denied', 'denied_by_user'],
  ['expired_token', 'code_expired'],
])

/** Some providers report a dead refresh token under the code of another failure, and name it only in the description. */
const aboutRefreshToken =
  /refresh[ _-]?token\b.*\b(?:expired|invalid|incorrect|revoked|unknown|not found|not valid|used)\b|\b(?:expired|invalid|incorrect|revoked|unknown)\b.*\brefresh[ _-]?token\b/i
const vague: ReadonlySet<string> = new Set(['unauthorized_client', 'invalid_request'])

/**
 * The failure that a refusal of the server means.
 * @param facts.doing what was asked for, such as "the refresh token"
 * @param facts.secrets what was sent, in case the server repeats it
 */
export function refusal(
  { error, description, meaning }: TokenRefusal,
  facts: {
    readonly host: string
    readonly doing: string
    readonly status: number
    readonly secrets: readonly string[]
  },
): ConnectorError {
  const { host, doing, status, secrets } = facts
  const word = wordOf(error, secrets)
  const sentence = description === undefined ? undefined : sentenceOf(description, secrets)
  const code = meaning?.code ?? codeOf(word, sentence)
  const ended = code === 'MCP_AUTHENTICATION_FAILURE'
  const said = sentence === undefined || sentence === '' ? '' : ` (${sentence.replace(/\.$/, '')})`
  const known = word.toLowerCase()
  return new ConnectorError(code ?? 'MCP_CLIENT_ERROR', `${host} refused ${doing}: ${word}${said}.`, {
    status,
    providerCode: word,
    reason: meaning?.reason ?? (ended ? (reasons.get(known) ?? known) : code === undefined ? UNEXPLAINED : undefined),
    hint: meaning?.hint ?? hints.get(known) ?? (code === undefined ? UNKNOWN_HINT : undefined),
    outcome: code === 'MCP_SERVER_ERROR' ? 'unknown' : 'not_processed',
  })
}

/**
 * What a request that oauth4webapi made failed of. Its errors hold answers and claims, so nothing of them is passed on.
 * @param facts.doing what was asked for, such as "the refresh token"
 */
export function requestFailure(
  error: unknown,
  facts: {
    readonly host: string
    readonly doing: string
    readonly secrets: readonly string[]
    /** What the connector's table says about the refusal. */
    readonly meaning?: ErrorRow | undefined
  },
): ConnectorError {
  if (ConnectorError.is(error)) return error
  const { host, doing } = facts
  if (error instanceof oauth.ResponseBodyError) {
    const { error: word, error_description: description, status } = error
    return refusal({ error: word, description, meaning: facts.meaning }, { ...facts, status })
  }
  if (error instanceof oauth.UnsupportedOperationError) {
    return new ConnectorError('MCP_SERVER_ERROR', `${host} answered ${doing} with a kind of token that is not known.`, {
      outcome: 'unknown',
    })
  }
  if (error instanceof oauth.OperationProcessingError) {
    if (error.code === oauth.MISSING_SERVER_METADATA || error.code === oauth.INVALID_SERVER_METADATA) {
      return new ConnectorError('CONFIGURATION_ERROR', `${host} has no endpoint for ${doing}.`, {
        outcome: 'not_processed',
        hint: "It is neither in the connector's definition nor in the server's metadata.",
      })
    }
    return new ConnectorError(
      'MCP_SERVER_ERROR',
      `${host} answered ${doing} with something that OAuth does not know.`,
      {
        outcome: 'unknown',
      },
    )
  }
  return new ConnectorError('API_INTERNAL_ERROR', `The request for ${doing} could not be made.`, { outcome: 'unknown' })
}

const UNKNOWN_HINT =
  "Look the provider's code up. If it ends a grant, add it to the errors of the auth; else connect the account again."

/** Undefined: neither the standards nor the connector know the word. */
function codeOf(word: string, sentence = ''): ErrorCode | undefined {
  const known = word.toLowerCase()
  const code = codes.get(known)
  const isVague = code === undefined || vague.has(known)
  return isVague && aboutRefreshToken.test(sentence) ? 'MCP_AUTHENTICATION_FAILURE' : code
}

/** A server may say anything; a word is all that is repeated of it. */
export function wordOf(error: string, secrets: readonly string[]): string {
  const clean = redactText(error, secrets)
  return /^[\w.:-]{1,64}$/.test(clean) ? clean : 'unknown_error'
}

const sentenceOf = (description: string, secrets: readonly string[]): string =>
  providerText(description, { redact: (text) => redactText(text, secrets) })
