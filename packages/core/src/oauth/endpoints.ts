import { ConnectorError } from '../errors/connector-error.ts'
import { mayBeContacted } from '../transports/address-guard.ts'
import type { FlowContext } from '../auth/grant-flow.ts'
import type { OAuthEndpoints } from './app.ts'
import { isOwnRequest } from './definition.ts'
import type { EndpointUrl, OpenIdOptions, ProtocolOptions } from './definition.ts'
import { isLoopback } from './redirect-uri.ts'

type EndpointContext = Pick<FlowContext, 'settings' | 'hostSettings' | 'allowPrivateHosts' | 'ownOrigins'>

/**
 * Returns an endpoint of the authorization server for the settings of the connection. A user's settings must not lead
 * to a private address; the author and the host may.
 * @throws ConnectorError CONFIGURATION_ERROR if it is not an https URL; http is for loopback addresses
 */
export function endpoint(url: EndpointUrl, context: EndpointContext): string
export function endpoint(url: EndpointUrl | undefined, context: EndpointContext): string | undefined
export function endpoint(url: EndpointUrl | undefined, context: EndpointContext): string | undefined {
  if (url === undefined) return undefined
  const { settings, hostSettings, allowPrivateHosts, ownOrigins } = context
  const resolved = typeof url === 'string' ? url : resolvedFor(url, settings)
  const isOwn = typeof url === 'string' || (hostSettings !== undefined && resolved === resolvedFor(url, hostSettings))
  const checked = checkEndpoint(resolved, isOwn ? {} : { namedBy: 'settings', allowPrivateHosts })
  if (isOwn) ownOrigins?.add(new URL(checked).origin)
  return checked
}

function resolvedFor(url: Exclude<EndpointUrl, string>, settings: FlowContext['settings']): unknown {
  try {
    return url(settings)
  } catch {
    return undefined
  }
}

/** The source of an endpoint. If absent, it is the author or the host, who may name any. */
interface Naming {
  /** The URL of the server that named it, or `settings`. */
  readonly namedBy?: string | undefined
  readonly allowPrivateHosts?: readonly string[] | undefined
}

/**
 * Checks that an endpoint is an https URL, and that no server or user names a private address.
 * @throws ConnectorError CONFIGURATION_ERROR
 */
export function checkEndpoint(url: unknown, { namedBy, allowPrivateHosts }: Naming = {}): string {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined
  const isSafe = parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLoopback(parsed))
  const who = namedBy === undefined ? 'An endpoint' : `An endpoint that ${whoNamed(namedBy)}`
  if (parsed === undefined || !isSafe || parsed.username !== '' || parsed.password !== '') {
    throw new ConnectorError('CONFIGURATION_ERROR', `${who} is not an https URL.`, {
      hint: 'Use https; http is for loopback addresses only. Check the settings.',
      outcome: 'not_processed',
    })
  }
  const near = namedBy !== undefined && URL.canParse(namedBy) ? new URL(namedBy).hostname : undefined
  const isOpen = namedBy === undefined || mayBeContacted(parsed.hostname, { allowed: allowPrivateHosts, namedBy: near })
  if (isOpen) return String(url)
  throw new ConnectorError('CONFIGURATION_ERROR', `${who} has a private address.`, {
    reason: 'private_address',
    hint: 'To allow this host, add it to allowPrivateHosts in createMcpClient.',
    outcome: 'not_processed',
  })
}

const whoNamed = (namedBy: string): string =>
  namedBy === 'settings' ? 'the settings lead to' : `${hostOf(namedBy)} names`

export const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'the authorization server')

/** Returns the definition with the endpoint overrides of the composition. */
export function withEndpointOverrides(
  definition: ProtocolOptions & OpenIdOptions,
  { app }: FlowContext,
): ProtocolOptions & OpenIdOptions {
  const { accountsUrl, ...given } = (app['endpoints'] ?? {}) as OAuthEndpoints
  const elsewhere = Object.fromEntries(Object.entries(given).filter(([, url]) => url !== undefined))
  const { discover, revoke } = definition
  return {
    ...definition,
    ...elsewhere,
    ...(accountsUrl !== undefined && discover !== undefined && { discover: { ...discover, url: accountsUrl } }),
    ...(given.revocationUrl !== undefined &&
      isOwnRequest(revoke) && { revoke: { ...revoke, url: given.revocationUrl } }),
  }
}
