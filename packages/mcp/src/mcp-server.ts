import { ConnectorError } from '@mcpclient/core'
import type { CustomConnector } from '@mcpclient/core'
import { bearer, credentialFromOptions } from '@mcpclient/core/define'
import type { AuthStrategy, CredentialOf } from '@mcpclient/core/define'
import { mcpOAuth, OAUTH_OPTIONS } from './auth/mcp-oauth.ts'
import type { McpOAuthOptions } from './auth/mcp-oauth.ts'
import type { ServerAuth } from './auth/server-auth.ts'
import { checkExchange } from './http/check-exchange.ts'
import { httpLink } from './http/http-link.ts'
import { knock } from './http/knock.ts'
import type { McpServerClient } from './mcp-server-client.ts'
import type { McpServerTypes } from './mcp-server-types.ts'
import { serverConnector } from './server-connector.ts'
import type { ServerOptions } from './server-options.ts'
import { MAX_MESSAGE_BYTES, setupOf } from './server-setup.ts'
import type { Versions } from './session/link.ts'

export interface HttpServerOptions extends ServerOptions {
  /** The server's MCP endpoint: `https://example.com/mcp`. */
  readonly url: string | URL
  /** Sent with every request. What differs from tenant to tenant belongs into the credential: see `auth`. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Which protocol revisions to speak; `auto`, which asks the server once and remembers, unless given. */
  readonly versions?: Versions | undefined
  /** What carries the requests: one with a connection pool, or a server in the same process. The platform's unless given. */
  readonly fetch?: ((url: string | URL, init?: RequestInit) => Promise<Response>) | undefined
}

type AnyAuth = AuthStrategy | ServerAuth
type Fields<Auth extends AnyAuth> =
  Auth extends ServerAuth<infer Of>
    ? CredentialOf<Of>
    : Auth extends AuthStrategy
      ? CredentialOf<Auth['fields']>
      : never
type ServerConnector<Credential extends object> = CustomConnector<
  McpServerTypes<Credential>,
  McpServerClient<Credential>
>

/**
 * An MCP server over Streamable HTTP, as a connector.
 *
 * With `token`, the app holds one bearer token for all tenants. With `auth: bearer()` or another strategy of
 * `@mcpclient/core/define`, each tenant connects with a credential of its own, or the app gives one here. With
 * `mcpOAuth()` people agree at the server's authorization server if it wants a credential. Without `auth` and `token` it
 * is `mcpOAuth()`, whose options may then stand here.
 * @throws ConnectorError CONFIGURATION_ERROR if the composition cannot work
 */
export function mcpServer(
  options: HttpServerOptions & { readonly token?: string; readonly auth?: undefined },
): ServerConnector<{}>
export function mcpServer(
  options: HttpServerOptions & McpOAuthOptions & { readonly token?: undefined; readonly auth?: undefined },
): ServerConnector<{}>
export function mcpServer<Auth extends AnyAuth>(
  options: HttpServerOptions & { readonly auth: Auth } & Partial<Fields<Auth>>,
): ServerConnector<Fields<Auth>>
export function mcpServer(
  options: HttpServerOptions & { readonly auth?: AnyAuth | undefined },
): ServerConnector<Readonly<Record<string, string>>> {
  const given: Readonly<Record<string, unknown>> = { ...options }
  const url = endpointOf(options.url)
  const { id = 'mcp', name = url.host, description, timeoutMs, headers = {} } = options
  const link = httpLink({
    url,
    headers,
    versions: options.versions ?? 'auto',
    fetch: options.fetch,
    maxMessageBytes: options.maxMessageBytes ?? MAX_MESSAGE_BYTES,
    hear: () => strategy.hear,
  })
  const setup = setupOf(options, link, { connectTimeoutMs: 30_000, restarts: true })
  const auth = options.auth ?? impliedAuth(given)
  const server = { url: url.href, clock: setup.clock, knock: (signal: AbortSignal | undefined) => knock(setup, signal) }
  const strategy: AuthStrategy = 'strategyFor' in auth ? auth.strategyFor(server) : auth
  if (options.auth !== undefined) refuseIgnored(given, strategy)
  return serverConnector({
    profile: { id, name, description, auth: strategy, timeoutMs, check: { request: () => checkExchange(setup) } },
    appCredential: credentialFromOptions(given, { id, auth: strategy }),
    app: strategy.flow?.app(given),
    baseUrl: url.href,
    setup,
    isOpen: strategy.flow?.optional === true ? async () => (await knock(setup, undefined)).open : undefined,
  })
}

/** The login that the options speak of where `auth` is left out. */
function impliedAuth(given: Readonly<Record<string, unknown>>): AnyAuth {
  const app = Object.fromEntries(
    OAUTH_OPTIONS.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])),
  )
  if (given['token'] === undefined) return mcpOAuth(app)
  const [first] = Object.keys(app)
  if (first === undefined) return bearer()
  throw new ConnectorError('CONFIGURATION_ERROR', `An MCP server was composed with both token and ${first}.`, {
    hint: `Pass token for a static key, or ${first} for a login, but not both.`,
  })
}

/** Options of a login that belong in another place would be ignored, and nothing would say so. */
function refuseIgnored(given: Readonly<Record<string, unknown>>, { fields, flow }: AuthStrategy): void {
  const ignored = OAUTH_OPTIONS.filter((name) => given[name] !== undefined && !Object.hasOwn(fields, name))
  if (ignored.length === 0) return
  const where = flow?.interactive === true ? `mcpOAuth({ ${ignored.join(', ')} })` : 'the function that makes `auth`'
  throw new ConnectorError(
    'CONFIGURATION_ERROR',
    `An MCP server was composed with ${ignored.join(', ')} beside auth.`,
    {
      hint: `Pass ${ignored.join(', ')} to ${where}.`,
    },
  )
}

function endpointOf(address: string | URL): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw new ConnectorError('CONFIGURATION_ERROR', 'The url of an MCP server is not a web address.', {
      hint: 'Pass the whole address of its endpoint: https://example.com/mcp.',
    })
  }
  if (url.username !== '' || url.password !== '') {
    throw new ConnectorError('CONFIGURATION_ERROR', 'The url of an MCP server holds a credential.', {
      hint: 'A url turns up in logs. Pass `token`, or `auth: basic()` with username and password.',
    })
  }
  return url
}
