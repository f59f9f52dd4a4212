import { redactText } from '../../credentials/redaction/redact.ts'
import { ConnectorError } from '../../errors/connector-error.ts'
import { providerText } from '../../errors/provider-text.ts'
import type { ErrorCode } from '../../errors/codes.ts'
import type { Explanation } from '../grant-flow.ts'
import type { TokenRefusal, TokenServer } from './definition.ts'

/** What the words of RFC 6749 (section 5.2), RFC 8628 (3.5), RFC 8707 (2) and RFC 9449 mean for a grant. */
const codes: Readonly<Record<string, ErrorCode>> = {
  invalid_grant: 'MCP_AUTHENTICATION_FAILURE',
  access_denied: 'MCP_AUTHENTICATION_FAILURE',
  expired_token: 'MCP_AUTHENTICATION_FAILURE',
  interaction_required: 'MCP_AUTHENTICATION_FAILURE',
  consent_required: 'MCP_AUTHENTICATION_FAILURE',
  login_required: 'MCP_AUTHENTICATION_FAILURE',
  invalid_client: 'CONFIGURATION_ERROR',
  unauthorized_client: 'CONFIGURATION_ERROR',
  invalid_scope: 'CONFIGURATION_ERROR',
  invalid_request: 'CONFIGURATION_ERROR',
  invalid_target: 'CONFIGURATION_ERROR',
  unsupported_grant_type: 'CONFIGURATION_ERROR',
  invalid_dpop_proof: 'CONFIGURATION_ERROR',
  invalid_redirect_uri: 'CONFIGURATION_ERROR',
  invalid_client_metadata: 'CONFIGURATION_ERROR',
  server_error: 'MCP_SERVER_ERROR',
  temporarily_unavailable: 'MCP_SERVER_ERROR',
}

const hints: Readonly<Record<string, string>> = {
  invalid_client: "Check the app's clientId and clientSecret (or privateKey) with the provider.",
  unauthorized_client: 'Allow this kind of grant in the settings of the app at the provider.',
  invalid_scope: 'Ask only for scopes that the app has at the provider.',
  invalid_dpop_proof: 'Is the clock of this machine right?',
  invalid_redirect_uri: 'Register this redirect URI for the app at the provider.',
}

const reasons: Readonly<Record<string, string>> = { access_denied: 'denied_by_user', expired_token: 'code_expired' }

/**
 * The failure that a refusal of the server means.
 * @param facts.doing what was asked for, such as "the refresh token"
 * @param facts.secrets what was sent, in case the server repeats it
 */
export function refusal(
  { error, description }: TokenRefusal,
  facts: {
    readonly host: string
    readonly doing: string
    readonly status: number
    readonly secrets: readonly string[]
    readonly explain?: TokenServer['explain']
  },
): ConnectorError {
  const { host, doing, status, secrets } = facts
  const word = wordOf(error, secrets)
  const code = codes[word] ?? 'MCP_CLIENT_ERROR'
  const sentence = description === undefined ? undefined : sentenceOf(description, secrets)
  const ended = code === 'MCP_AUTHENTICATION_FAILURE'
  const explained = ended ? explanation(facts.explain, { error: word, description: sentence }) : undefined
  const said = sentence === undefined ? '' : ` (${sentence.replace(/\.$/, '')})`
  return new ConnectorError(code, `${host} refused ${doing}: ${word}${said}.`, {
    status,
    providerCode: word,
    reason: explained?.reason ?? (ended ? (reasons[word] ?? word) : undefined),
    hint: explained?.hint ?? hints[word],
    outcome: code === 'MCP_SERVER_ERROR' ? 'unknown' : 'not_processed',
  })
}

/** It is the connector's code, and must not stand in the way of the failure. */
function explanation(explain: TokenServer['explain'], refused: TokenRefusal): Explanation | undefined {
  try {
    return explain?.(refused)
  } catch {
    return undefined
  }
}

/** A server may say anything; a word is all that is repeated of it. */
export function wordOf(error: string, secrets: readonly string[]): string {
  const clean = redactText(error, secrets)
  return /^[\w.:-]{1,64}$/.test(clean) ? clean : 'unknown_error'
}

const sentenceOf = (description: string, secrets: readonly string[]): string =>
  providerText(description, { redact: (text) => redactText(text, secrets) })
