import { ConnectorError } from '../errors/connector-error.ts'
import { providerText } from '../errors/provider-text.ts'

/** A callback as the host passed it. */
export interface Callback {
  readonly url: URL
  /** The host passed a path and a query only, so the origin of `url` means nothing. */
  readonly isPath: boolean
}

/** Takes the place of the origin that the host left out. */
const NO_ORIGIN = 'https://path.invalid'
const MAX_SHOWN = 200
/** A shorter parameter may be a word of the path. */
const MIN_SECRET_LENGTH = 8

/**
 * Parses the callback that a host passed: an absolute URL, or a path with its query.
 * @throws ConnectorError INVALID_INPUT
 */
export function parseCallback(callback: string | URL): Callback {
  const given: unknown = callback
  const isPath = typeof given === 'string' && /^\/(?![/\\])/.test(given)
  const text = isPath ? `${NO_ORIGIN}${given}` : given
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : text
  if (url instanceof URL && url.searchParams.has('state')) return { url, isPath }
  // Not repeated: it may hold a code.
  throw new ConnectorError('INVALID_INPUT', 'This is not the URL of a callback.', {
    hint: 'Pass the whole URL of the request, or its path and query: state, and code or error.',
  })
}

/**
 * Checks that a callback arrived at the redirect URI that its flow began with: the same path, and every parameter that
 * the redirect URI has. The authorization server has compared the URI itself, and the state binds the callback to the
 * flow, so a proxy may change what it usually changes: behind https, the scheme and the port.
 * @throws ConnectorError MCP_AUTHENTICATION_FAILURE with the reason `redirect_mismatch`
 */
export function assertCallbackAddress(redirectUri: string, { url, isPath }: Callback): void {
  const expected = new URL(redirectUri)
  const isSamePlace = url.pathname === expected.pathname && hasParameters(url, expected)
  if (isSamePlace && (isPath || isSameHost(url, expected))) return
  const path = withoutParameters(url)
  const shown = isPath ? path : `${url.protocol}//${url.host}${path}`
  throw new ConnectorError(
    'MCP_AUTHENTICATION_FAILURE',
    `The callback URL ${providerText(shown, { maxLength: MAX_SHOWN })} does not match the redirect URI ${redirectUri}.`,
    {
      reason: 'redirect_mismatch',
      outcome: 'not_processed',
      hint: 'Behind a proxy, pass the public URL, or the path and query alone. This callback can still be completed.',
    },
  )
}

/** Returns the path without what the parameters say, because a path that repeats the code must not show it. */
function withoutParameters({ pathname, searchParams }: URL): string {
  const secrets = [...searchParams.values()].filter(({ length }) => length >= MIN_SECRET_LENGTH)
  return secrets.reduce(
    (path, secret) => path.replaceAll(encodeURIComponent(secret), '...').replaceAll(secret, '...'),
    pathname,
  )
}

const hasParameters = (url: URL, expected: URL): boolean =>
  [...expected.searchParams].every(([name, value]) => url.searchParams.getAll(name).includes(value))

/** A proxy that ends TLS passes a request on with another scheme, and often on another port. */
function isSameHost(url: URL, expected: URL): boolean {
  if (url.protocol === expected.protocol && url.host === expected.host) return true
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:'
  return isWeb && expected.protocol === 'https:' && url.hostname === expected.hostname
}
