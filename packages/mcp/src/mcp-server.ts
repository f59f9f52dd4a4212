import { ConnectorError, credentialFromOptions } from '@mcpclient/core'
import type { CustomConnector } from '@mcpclient/core'
import { bearer } from '@mcpclient/core/define'
import type { AuthStrategy, CredentialOf } from '@mcpclient/core/define'
import { mcpOAuth, OAUTH_OPTIONS } from './auth/mcp-oauth.ts'
import type { McpOAuthOptions } from './auth/mcp-oauth.ts'
import type { ServerAuth } from './auth/server-auth.ts'
import type { McpServerTypes } from './client/mcp-server-types.ts'
import { serverConnector } from './client/server-connector.ts'
import { httpLink } from './http/http-link.ts'
import { McpServerClient } from './mcp-server-client.ts'
import type { ServerOptions } from './options.ts'
import type { Versions } from './protocol/link.ts'
import { checkExchange, probe } from './session/probe.ts'
import { DEFAULT_MAX_MESSAGE_BYTES, serverContext } from './session/server-context.ts'

const DEFAULT_CONNECT_TIMEOUT_MS = 30_000

export interface HttpServerOptions extends ServerOptions {
  /** The server's MCP endpoint: `https://example.com/mcp`. */
  readonly url: string | URL
  /** Sent with every request. What differs between tenants belongs in the credential: see `auth`. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * The protocol revisions to speak. `auto` probes the server once and caches the result.
   * @default 'auto'
   */
  readonly versions?: Versions | undefined
  /**
   * Sends the requests: a `fetch` with a connection pool, or a server in this process.
   * @default the platform's fetch
   */
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
 * Creates a connector for an MCP server over Streamable HTTP.
 *
 * With `token`, the app holds one bearer token for all tenants. With `auth: bearer()` or another strategy of
 * `@mcpclient/core/define`, each tenant connects its own credential, or the app passes one here. With `mcpOAuth()`, users
 * consent at the server's authorization server if the server requires a credential. Without `auth` and `token`, `auth` is
 * `mcpOAuth()`, whose options may then be passed here.
 * @throws ConnectorError CONFIGURATION_ERROR if the options are invalid or contradict each other
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
    maxMessageBytes: options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
    onResponse: () => strategy.onResponse,
  })
  const server = serverContext(options, link, { connectTimeoutMs: DEFAULT_CONNECT_TIMEOUT_MS, restarts: true })
  const auth = options.auth ?? defaultAuth(given)
  const strategy: AuthStrategy =
    'strategyFor' in auth
      ? auth.strategyFor({ url: url.href, clock: server.clock, probe: (signal) => probe(server, signal) })
      : auth
  if (options.auth !== undefined) refuseIgnored(given, strategy)
  return serverConnector({
    profile: { id, name, description, auth: strategy, timeoutMs, check: { request: () => checkExchange(server) } },
    appCredential: credentialFromOptions(given, { id, auth: strategy }),
    app: strategy.flow?.app(given),
    baseUrl: url.href,
    server,
    isOpen: strategy.flow?.optional === true ? async () => (await probe(server, undefined)).open : undefined,
    open: (host, pool) => new McpServerClient(host, pool),
  })
}

/** Returns the strategy that the other options imply if `auth` is left out. */
function defaultAuth(given: Readonly<Record<string, unknown>>): AnyAuth {
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

/** Refuses login options next to `auth`, which would be ignored silently. */
function refuseIgnored(given: Readonly<Record<string, unknown>>, { fields, flow }: AuthStrategy): void {
  const ignored = OAUTH_OPTIONS.filter((name) => given[name] !== undefined && !Object.hasOwn(fields, name))
  if (ignored.length === 0) return
  const names = ignored.join(', ')
  const where = flow?.interactive === true ? `mcpOAuth({ ${names} })` : 'the function that creates `auth`'
  throw new ConnectorError('CONFIGURATION_ERROR', `An MCP server was composed with ${names} next to auth.`, {
    hint: `Pass ${names} to ${where}.`,
  })
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
      hint: 'A url appears in logs. Pass `token`, or `auth: basic()` with username and password.',
    })
  }
  return url
}
