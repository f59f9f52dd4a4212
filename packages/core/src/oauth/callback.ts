import * as oauth from 'oauth4webapi'
import { ConnectorError } from '../errors/connector-error.ts'
import type { ErrorCode } from '../errors/codes.ts'
import { isSameIssuer } from './discovery.ts'
import { secretsOf } from './normalizing-fetch.ts'
import { wordOf } from './refusal.ts'
import type { Session } from './session.ts'

/** The error codes of providers for a user who declined. */
const DENIED = new Set([
  'access_denied',
  'user_denied',
  'user_cancelled_login',
  'user_cancelled_authorize',
  'consent_denied',
])

const codes: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['invalid_request', 'CONFIGURATION_ERROR'],
  ['unauthorized_client', 'CONFIGURATION_ERROR'],
  ['unsupported_response_type', 'CONFIGURATION_ERROR'],
  ['invalid_scope', 'CONFIGURATION_ERROR'],
  ['invalid_target', 'CONFIGURATION_ERROR'],
  ['invalid_client', 'CONFIGURATION_ERROR'],
  ['server_error', 'MCP_SERVER_ERROR'],
  ['temporarily_unavailable', 'MCP_SERVER_ERROR'],
])

/**
 * Validates a callback, and returns its parameters.
 *
 * Only the `error` code is passed on. The description came through a browser and may be forged.
 * @throws ConnectorError MCP_AUTHENTICATION_FAILURE with a reason: `state_mismatch`, `issuer_mismatch`,
 *   `issuer_missing`, `denied_by_user`, `callback_malformed`, or the server's own code
 */
export function readCallback(session: Session, state: string, callback: URL): URLSearchParams {
  const { server, client, context } = session
  const parameters = new URLSearchParams(callback.search)
  for (const name of ['code', 'state', 'iss', 'error']) {
    if (parameters.getAll(name).length > 1) throw refused(server.host, 'callback_malformed')
  }
  const { issuer, metadata } = server
  const iss = parameters.get('iss')
  if (iss !== null && !isIssuerOf(session, iss)) throw refused(server.host, 'issuer_mismatch')
  if (iss === null && issuer !== undefined && metadata.authorization_response_iss_parameter_supported === true) {
    throw refused(server.host, 'issuer_missing')
  }
  if (parameters.get('state') !== state) throw refused(server.host, 'state_mismatch')
  const error = parameters.get('error')
  if (error !== null && error !== '') {
    throw denied(error, server.host, [state, parameters.get('code') ?? '', ...secretsOf(context)])
  }
  if ((parameters.get('code') ?? '') === '') throw refused(server.host, 'callback_malformed')
  try {
    return oauth.validateAuthResponse({ ...metadata, issuer: iss ?? metadata.issuer }, client, parameters, state)
  } catch {
    throw refused(server.host, 'callback_malformed')
  }
}

/**
 * Returns whether a callback names the server of this flow (RFC 9207, RFC 9700 section 4.4). If the definition has no
 * issuer, the host of the issuer must be the host of an endpoint, or a parent or subdomain of it.
 */
function isIssuerOf({ server, definition }: Session, iss: string): boolean {
  const { issuer, metadata } = server
  // The issuer of a multi-issuer server is known only from the id_token, but its host is the same.
  if (issuer !== undefined && definition.issuers === undefined) {
    // Discovered metadata has the server's own spelling, so strings are compared (RFC 9207, 2.4). An author's may
    // differ.
    if (server.discovered) return iss === issuer || iss === metadata.issuer
    return isSameIssuer(issuer, iss)
  }
  if (!URL.canParse(iss)) return false
  const { host } = new URL(iss)
  const known = [issuer, metadata.authorization_endpoint, metadata.token_endpoint].filter((url) => url !== undefined)
  return known.some((url) => isSameSite(host, new URL(url).host))
}

const isSameSite = (one: string, other: string): boolean => one === other || isBelow(one, other) || isBelow(other, one)

// A parent of one label, such as `com`, proves nothing.
const isBelow = (host: string, parent: string): boolean => parent.includes('.') && host.endsWith(`.${parent}`)

/**
 * Checks that the token endpoint is still the one at which the flow began. The composition, the settings or the
 * metadata may have changed meanwhile.
 */
export function assertSameEndpoint({ server }: Session, expected: string | undefined): void {
  if (expected !== undefined && server.metadata.token_endpoint !== expected)
    throw refused(server.host, 'server_changed')
}

const messages = {
  state_mismatch: 'belongs to another authorization',
  issuer_mismatch: 'has the issuer of another server',
  issuer_missing: 'names no authorization server',
  server_changed: 'belongs to another token endpoint',
  callback_malformed: 'is not a valid OAuth callback',
} as const

const refused = (host: string, reason: keyof typeof messages): ConnectorError =>
  new ConnectorError('MCP_AUTHENTICATION_FAILURE', `The callback from ${host} ${messages[reason]}.`, {
    reason,
    outcome: 'not_processed',
    hint:
      reason === 'issuer_mismatch'
        ? "Start again with connect(). If the server's own issuer was rejected, set it as issuer."
        : 'Start again with connect(). If this happens again, callbacks may be forged.',
  })

function denied(error: string, host: string, secrets: readonly string[]): ConnectorError {
  const word = wordOf(error, secrets)
  if (DENIED.has(word)) {
    return new ConnectorError('MCP_AUTHENTICATION_FAILURE', `The user declined at ${host}.`, {
      reason: 'denied_by_user',
      providerCode: word,
      outcome: 'not_processed',
      hint: 'Start again with connect() when the user wants to connect.',
    })
  }
  const code = codes.get(word) ?? 'MCP_AUTHENTICATION_FAILURE'
  return new ConnectorError(code, `${host} rejected the authorization: ${word}.`, {
    reason: code === 'MCP_AUTHENTICATION_FAILURE' ? word : undefined,
    providerCode: word,
    outcome: 'not_processed',
    hint:
      code === 'CONFIGURATION_ERROR'
        ? "Check the app's registration with the provider: redirect URI, scopes, grant types."
        : undefined,
  })
}
