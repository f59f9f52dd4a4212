import { causeOf, ConnectorError } from '@mcpclient/core'

/** What a server said with a 401 or 403: its `WWW-Authenticate` header (RFC 6750, RFC 9728). Kept as an error's cause. */
class Challenge {
  readonly header: string
  constructor(header: string) {
    this.header = header
  }
}

/** Causes of causes are looked at so far. */
const DEEPEST = 4

/** The header of the refusal that an error came of; undefined if there was none. */
export function challengeIn(error: unknown): string | undefined {
  let cause = causeOf(error)
  for (let depth = 0; depth < DEEPEST && cause !== undefined; depth++) {
    if (cause instanceof Challenge) return cause.header
    cause = causeOf(cause)
  }
  return undefined
}

/** @param signed whether the request carried a credential; undefined where the composition has none */
export function refusedCredential(serverId: string, response: Response, signed: boolean | undefined): ConnectorError {
  const header = response.headers.get('www-authenticate')
  const details = { status: 401, outcome: 'not_processed' } as const
  const cause = { cause: new Challenge(header ?? '') }
  if (signed === true) {
    const refused = {
      ...details,
      hint: 'It has ended, was taken back, or is not for this server: give another, or connect().',
    }
    return new ConnectorError('MCP_AUTHENTICATION_FAILURE', `${serverId} refused the credential.`, refused, cause)
  }
  const hint =
    signed === undefined
      ? 'Compose the server with `auth` or `token`.'
      : 'Call connect(), and send the person to the URL that it answers.'
  const asked = { ...details, reason: 'not_connected', hint }
  return new ConnectorError('MCP_AUTHENTICATION_FAILURE', `${serverId} asks for a credential.`, asked, cause)
}

/**
 * The refusal of a request that needs more than was agreed to (RFC 6750, section 3.1); undefined if it was refused for
 * another reason. The credential is not what is wrong, so it is none of the codes by which one is renewed.
 */
export async function needsMore(serverId: string, response: Response): Promise<ConnectorError | undefined> {
  const header = response.headers.get('www-authenticate')
  if (header === null) return undefined
  const { readChallenge } = await import('@mcpclient/core/oauth')
  const challenge = await readChallenge(header)
  if (challenge?.error !== 'insufficient_scope') return undefined
  return new ConnectorError(
    'PERMISSION_DENIED',
    `${serverId} needs more than was agreed to.`,
    { status: 403, outcome: 'not_processed', reason: 'needs_scope', scopes: challenge.scopes ?? [] },
    { cause: new Challenge(header) },
  )
}
