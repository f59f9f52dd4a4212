import { ConnectorError } from '@mcpclient/core'
import { serverText } from '../failures/server-words.ts'

/** Redirects that one request follows. */
const MAX_REDIRECTS = 5
const STATUSES = new Set([301, 302, 303, 307, 308])

export interface RedirectContext {
  readonly serverId: string
  readonly method: string
  readonly from: URL
  readonly followed: number
  readonly secrets: readonly string[]
}

/**
 * Returns where to send the request again, or undefined if the response is no redirect. Only redirects within the
 * server's own origin, or to its https form, are followed: a credential and a tool's input belong to no other host.
 * @throws ConnectorError MCP_CLIENT_ERROR if the redirect is not followed
 */
export function redirectTarget(response: Response, context: RedirectContext): URL | undefined {
  const { status, headers, type } = response
  if (type !== 'opaqueredirect' && !STATUSES.has(status)) return undefined
  const { from, method, followed, secrets } = context
  const location = headers.get('location')
  if (location === null || !URL.canParse(location, from)) throw refused(context, status, 'without a valid location')
  const to = new URL(location, from)
  const shown = serverText(`${to.origin}${to.pathname}`, secrets, 200)
  if (from.protocol === 'https:' && to.protocol === 'http:') throw refused(context, status, `to plain http (${shown})`)
  if (!isWithinOrigin(from, to)) throw refused(context, status, `to another origin (${shown})`)
  if (method !== 'GET' && status !== 307 && status !== 308) throw refused(context, status, `a ${method} to ${shown}`)
  if (followed >= MAX_REDIRECTS) throw refused(context, status, `more than ${MAX_REDIRECTS} times`)
  return to
}

function isWithinOrigin(from: URL, to: URL): boolean {
  if (to.username !== '' || to.password !== '') return false
  if (from.origin === to.origin) return true
  const isUpgrade = from.protocol === 'http:' && to.protocol === 'https:'
  return isUpgrade && from.hostname === to.hostname && from.port === '' && to.port === ''
}

const refused = ({ serverId }: RedirectContext, status: number, where: string): ConnectorError =>
  new ConnectorError('MCP_CLIENT_ERROR', `${serverId} redirects ${where}, which is not followed.`, {
    status,
    reason: 'redirect_refused',
    outcome: 'not_processed',
    hint: 'Compose the server with the url that it redirects to, if you trust it.',
  })
