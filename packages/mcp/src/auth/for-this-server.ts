import { ConnectorError } from '@mcpclient/core'
import type { Grant } from '@mcpclient/core/oauth'

/**
 * Refuses to show a token to another server than the one it was given for (RFC 8707), as when a composition names another
 * `url` under an old id.
 * @throws ConnectorError MCP_AUTHENTICATION_FAILURE
 */
export function forThisServer(grant: Grant, url: string): void {
  const { resource } = grant
  // A token that a person pasted says nothing of what it is for.
  if (resource === undefined || covers(resource, url)) return
  throw new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The token was given for another server.', {
    reason: 'resource_changed',
    hint: 'The url of the server is another one than when the account was connected. Connect it again.',
    outcome: 'not_processed',
  })
}

/** A resource may speak for what lies under it. */
function covers(resource: string, url: string): boolean {
  if (!URL.canParse(resource)) return false
  const above = new URL(resource)
  const asked = new URL(url)
  const path = above.pathname.endsWith('/') ? above.pathname : `${above.pathname}/`
  return above.origin === asked.origin && `${asked.pathname}/`.startsWith(path)
}
