import * as oauth from 'oauth4webapi'
import { ConnectorError } from '../errors/connector-error.ts'
import type { ErrorCode } from '../errors/codes.ts'
import { isSameIssuer } from './discovery.ts'
import { secretsOf } from './normalizing-fetch.ts'
import { wordOf } from './refusal.ts'
import type { Session } from './session.ts'

/** Words for "no", as different providers say it in a callback. */
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
 * The parameters of a callback that belongs to this conversation and brings a code.
 *
 * Only the `error` of the server is repeated: its description comes by way of a browser, where anyone may have written it.
 * @throws ConnectorError MCP_AUTHENTICATION_FAILURE with a reason: `state_mismatch`, `issuer_mismatch`, `issuer_missing`,
 *   `denied_by_user`, `callback_malformed`, or the server's own word
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
 * Whether a callback comes from the server that the flow began at (RFC 9207, RFC 9700 section 4.4). Where nobody wrote an
 * issuer down, the host of its endpoints has to be that of the issuer, or one below or above it.
 */
function isIssuerOf({ server, definition }: Session, iss: string): boolean {
  const { issuer, metadata } = server
  // The issuer of a server that speaks for many is known from an id_token only; its host is the same.
  if (issuer !== undefined && definition.issuers === undefined) {
    // Metadata hold the server's own spelling, so it is compared as text (RFC 9207, 2.4). An author may have written another.
    if (server.discovered) return iss === issuer || iss === metadata.issuer
    return isSameIssuer(issuer, iss)
  }
  if (!URL.canParse(iss)) return false
  const { host } = new URL(iss)
  const known = [issuer, metadata.authorization_endpoint, metadata.token_endpoint].filter((url) => url !== undefined)
  return known.some((url) => isSameSite(host, new URL(url).host))
}

const isSameSite = (one: string, other: string): boolean => one === other || isBelow(one, other) || isBelow(other, one)

/** A parent of one label, such as `com`, says nothing. */
const isBelow = (host: string, parent: string): boolean => parent.includes('.') && host.endsWith(`.${parent}`)

/**
 * Checks that the code goes to the token endpoint of the server that the login began at, whatever the composition, the
 * settings or the metadata say by now.
 */
export function assertSameEndpoint({ server }: Session, begunAt: string | undefined): void {
  if (begunAt !== undefined && server.metadata.token_endpoint !== begunAt) throw refused(server.host, 'server_changed')
}

const messages = {
  state_mismatch: 'belongs to another attempt to connect',
  issuer_mismatch: 'was sent by another authorization server',
  issuer_missing: 'does not say which authorization server sent it',
  server_changed: 'belongs to a login at another token endpoint',
  callback_malformed: 'is not one that OAuth knows',
} as const

const refused = (host: string, reason: keyof typeof messages): ConnectorError =>
  new ConnectorError('MCP_AUTHENTICATION_FAILURE', `The callback from ${host} ${messages[reason]}.`, {
    reason,
    outcome: 'not_processed',
    hint:
      reason === 'issuer_mismatch'
        ? "Start again with connect(). If the server's own issuer was refused, write it down as issuer."
        : 'It was not used. Start again with connect(); if this happens again, someone may be forging callbacks.',
  })

function denied(error: string, host: string, secrets: readonly string[]): ConnectorError {
  const word = wordOf(error, secrets)
  if (DENIED.has(word)) {
    return new ConnectorError('MCP_AUTHENTICATION_FAILURE', `The person did not agree at ${host}.`, {
      reason: 'denied_by_user',
      providerCode: word,
      outcome: 'not_processed',
      hint: 'Ask again when the person wants to connect.',
    })
  }
  const code = codes.get(word) ?? 'MCP_AUTHENTICATION_FAILURE'
  return new ConnectorError(code, `${host} did not authorize: ${word}.`, {
    reason: code === 'MCP_AUTHENTICATION_FAILURE' ? word : undefined,
    providerCode: word,
    outcome: 'not_processed',
    hint:
      code === 'CONFIGURATION_ERROR'
        ? "Check the app's registration with the provider: redirect URI, scopes, kinds of grant."
        : undefined,
  })
}
