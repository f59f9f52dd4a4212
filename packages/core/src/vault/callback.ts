import { ConnectorError } from '../errors/connector-error.ts'
import { providerText } from '../errors/provider-text.ts'
import type { PendingAuthorization } from './pending-authorization.ts'

/** A callback as the host passed it. */
export interface Callback {
  readonly url: URL
  /** The host passed a path and a query only, so the origin of `url` means nothing. */
  readonly isPath: boolean
}

/** The origin for a callback that the host passed without one. */
const NO_ORIGIN = 'https://path.invalid'
const MAX_SHOWN = 200
const MAX_SETTING_LENGTH = 512
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

/** Compares two hosts. A proxy that terminates TLS forwards requests with another scheme, and often another port. */
function isSameHost(url: URL, expected: URL): boolean {
  if (url.protocol === expected.protocol && url.host === expected.host) return true
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:'
  return isWeb && expected.protocol === 'https:' && url.hostname === expected.hostname
}

/** Returns whether a setting is one word: an id, a domain, a region. */
const isWord = (value: string): boolean => value.length <= MAX_SETTING_LENGTH && /^[\x21-\x7E]+$/.test(value)

/**
 * Reads the settings that a callback brings along, such as the company that the user chose at the provider.
 * @param declared setting names and the parameters that they come in; no other parameter is read
 * @returns undefined if nothing is declared
 * @throws ConnectorError INVALID_INPUT, or MCP_AUTHENTICATION_FAILURE with the reason `settings_mismatch`
 */
export function callbackSettings(
  declared: Readonly<Record<string, string>> | undefined,
  callback: URL,
  begun: Pick<PendingAuthorization, 'serverId' | 'settings'>,
): Readonly<Record<string, unknown>> | undefined {
  if (declared === undefined) return undefined
  const { serverId } = begun
  const asked = new Map<string, unknown>(Object.entries(begun.settings ?? {}))
  const brought = Object.entries(declared).flatMap(([name, parameter]) => {
    const values = callback.searchParams.getAll(parameter)
    const [value] = values
    if (value === undefined) return []
    if (values.length > 1 || !isWord(value)) throw unusableParameter(serverId, parameter)
    if (asked.has(name) && asked.get(name) !== value) throw otherSetting(serverId, name)
    return [[name, value] as const]
  })
  return Object.fromEntries(brought)
}

const unusableParameter = (serverId: string, parameter: string): ConnectorError =>
  new ConnectorError('INVALID_INPUT', `The callback of ${serverId} has an unusable ${parameter}.`, {
    serverId,
    outcome: 'not_processed',
    issues: [
      { path: parameter, message: `Expected once, as printable text of at most ${MAX_SETTING_LENGTH} characters.` },
    ],
    hint: 'Start again with connect().',
  })

const otherSetting = (serverId: string, name: string): ConnectorError =>
  new ConnectorError('MCP_AUTHENTICATION_FAILURE', `The callback of ${serverId} is for another ${name}.`, {
    serverId,
    reason: 'settings_mismatch',
    outcome: 'not_processed',
    hint: `Start again with connect(), and choose the ${name} that was passed to it.`,
  })
