import { ConnectorError } from '@mcpclient/core'
import type { Grant } from '@mcpclient/core/oauth'

/**
 * Asserts that a token was issued for the server at `url` (RFC 8707). It was not if a composition changes the `url` of a
 * server and keeps its id.
 * @throws ConnectorError MCP_AUTHENTICATION_FAILURE if the token belongs to another server
 */
export function assertIssuedFor(grant: Grant, url: string): void {
  const { resource } = grant
  // A token that a user pasted does not name its resource.
  if (resource === undefined || covers(resource, url)) return
  throw new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The token was issued for another server.', {
    reason: 'resource_changed',
    hint: 'The url of the server changed after the account was connected. Connect it again.',
    outcome: 'not_processed',
  })
}

/** Returns whether `url` is the resource or lies below it. */
function covers(resource: string, url: string): boolean {
  if (!URL.canParse(resource)) return false
  const above = new URL(resource)
  const requested = new URL(url)
  const path = above.pathname.endsWith('/') ? above.pathname : `${above.pathname}/`
  return above.origin === requested.origin && `${requested.pathname}/`.startsWith(path)
}
