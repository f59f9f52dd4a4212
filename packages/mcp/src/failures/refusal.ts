import { causeOf, ConnectorError } from '@mcpclient/core'
import { withWords } from './server-words.ts'
import type { ServerWords } from './server-words.ts'

/** The `WWW-Authenticate` header of a 401 or 403 (RFC 6750, RFC 9728), attached to an error as its cause. */
class Challenge {
  readonly header: string
  constructor(header: string) {
    this.header = header
  }
}

/** Causes that are followed. */
const MAX_DEPTH = 4

/** Returns the `WWW-Authenticate` header of the refusal that caused an error, or undefined if there was none. */
export function challengeIn(error: unknown): string | undefined {
  let cause = causeOf(error)
  for (let depth = 0; depth < MAX_DEPTH && cause !== undefined; depth++) {
    if (cause instanceof Challenge) return cause.header
    cause = causeOf(cause)
  }
  return undefined
}

/** The hint for a 401 without metadata, which says nothing about a login. */
const STATIC_KEY = 'If it takes a static key, compose it with `token`, or with `auth: apiKey(...)` and the key.'

/**
 * Returns the error for a 401: the credential was refused, or one is required.
 * @param signed whether the request carried a credential; undefined if the composition has none
 */
export function refusedCredential(
  serverId: string,
  response: Response,
  signed: boolean | undefined,
  words: ServerWords,
): ConnectorError {
  const header = response.headers.get('www-authenticate')
  const details = { status: 401, outcome: 'not_processed', providerCode: words.code } as const
  const cause = { cause: new Challenge(header ?? '') }
  if (signed === true) {
    const refused = {
      ...details,
      hint: 'The credential expired, was revoked or is for another server: pass a valid one, or call connect().',
    }
    const message = withWords(`${serverId} refused the credential`, words)
    return new ConnectorError('MCP_AUTHENTICATION_FAILURE', message, refused, cause)
  }
  const login = 'Call connect(), and send the user to the URL that it returns.'
  const steps = [
    signed === undefined ? 'Compose the server with `auth` or `token`.' : login,
    header === null || !/\bresource_metadata\b/iu.test(header) ? STATIC_KEY : '',
  ]
  const required = { ...details, reason: 'not_connected', hint: steps.join(' ').trim() }
  const message = withWords(`${serverId} requires a credential`, words)
  return new ConnectorError('MCP_AUTHENTICATION_FAILURE', message, required, cause)
}

/**
 * Returns the error for missing scopes (RFC 6750, section 3.1), or undefined for another refusal. Its code does not refresh the credential, which is valid.
 */
export async function missingScopes(serverId: string, response: Response): Promise<ConnectorError | undefined> {
  const header = response.headers.get('www-authenticate')
  if (header === null) return undefined
  const { readChallenge } = await import('@mcpclient/core/oauth')
  const challenge = await readChallenge(header)
  if (challenge?.error !== 'insufficient_scope') return undefined
  return new ConnectorError(
    'PERMISSION_DENIED',
    `${serverId} needs more scopes than were granted.`,
    { status: 403, outcome: 'not_processed', reason: 'needs_scope', scopes: challenge.scopes ?? [] },
    { cause: new Challenge(header) },
  )
}

const METHOD_NOT_FOUND = -32601

/** Returns the error for a 4xx about the request itself, with the server's own words and its JSON-RPC error, if any. */
export function refusedRequest(serverId: string, status: number, words: ServerWords, cause: unknown): ConnectorError {
  const { rpc, message, code } = words
  // A request that ran returns 200, so a 4xx was sent before it could run.
  const details = { status, outcome: 'not_processed', providerCode: code } as const
  if (rpc !== undefined) {
    const kind = rpc.code === METHOD_NOT_FOUND ? 'TOOL_NOT_SUPPORTED' : 'MCP_CLIENT_ERROR'
    const text = withWords(`${serverId} returned error ${rpc.code}`, words)
    return new ConnectorError(kind, text, details, { cause })
  }
  if (status === 404 || status === 405) {
    const hint = 'Check that the url is the MCP endpoint, and that it speaks Streamable HTTP.'
    const text = withWords(`${serverId} has no MCP server at its url (HTTP ${status})`, words)
    return new ConnectorError('MCP_CLIENT_ERROR', text, { ...details, hint }, { cause })
  }
  const hint = message === undefined ? hints.get(status) : undefined
  const text = withWords(`${serverId} returned ${status}`, words)
  return new ConnectorError('MCP_CLIENT_ERROR', text, { ...details, hint }, { cause })
}

/** Hints for statuses that arrive without words. */
const hints: ReadonlyMap<number, string> = new Map([
  [400, 'Check the url, the headers and the protocol versions that the server accepts.'],
  [403, 'Check what this account, and this network address, may do at the server.'],
  [406, 'Check that the url is the MCP endpoint, and that it speaks Streamable HTTP.'],
  [415, 'Check that the url is the MCP endpoint, and that it speaks Streamable HTTP.'],
])
