import { ConnectorError } from '../errors/connector-error.ts'
import type { FlowContext } from '../auth/grant-flow.ts'
import { sendRequest, GET_JSON } from './server-request.ts'
import { checkEndpoint, hostOf } from './endpoints.ts'

/** The metadata members of a protected resource that a client needs (RFC 9728, section 2). */
export interface ProtectedResource {
  /** The value of the `resource` parameter, in the server's spelling. */
  readonly resource: string
  /** The issuers that the resource trusts. */
  readonly authorizationServers: readonly string[]
  readonly scopes?: readonly string[] | undefined
}

/**
 * Fetches the authorization servers that a resource trusts. Returns undefined if it publishes no metadata. Never
 * cached, because outdated metadata would send the user to the wrong server.
 * @param url the resource
 * @param metadataUrl the metadata URL of its challenge
 * @throws ConnectorError CONFIGURATION_ERROR if the metadata belongs to another resource
 */
export async function discoverProtectedResource(
  context: FlowContext,
  url: string,
  metadataUrl?: string,
): Promise<ProtectedResource | undefined> {
  checkEndpoint(url)
  const named = { namedBy: url, allowPrivateHosts: context.allowPrivateHosts }
  for (const candidate of candidates(url, metadataUrl, named)) {
    const { status, body } = await sendRequest(context, { ...GET_JSON, url: candidate })
    if (status >= 400 || typeof body !== 'object' || body === null || !('resource' in body)) continue
    const { resource } = body
    if (resource === null) continue
    if (typeof resource !== 'string' || !covers(resource, url)) {
      throw new ConnectorError('CONFIGURATION_ERROR', `The metadata of ${hostOf(url)} belongs to another resource.`, {
        reason: 'resource_mismatch',
        outcome: 'not_processed',
        hint: "Correct the server's protected resource metadata: it must name the requested URL or a parent path.",
      })
    }
    const issuers = 'authorization_servers' in body ? texts(body.authorization_servers) : []
    const scopes = 'scopes_supported' in body ? texts(body.scopes_supported) : undefined
    return { resource, authorizationServers: issuers.map((issuer) => checkEndpoint(issuer, named)), scopes }
  }
  return undefined
}

function candidates(
  url: string,
  metadataUrl: string | undefined,
  named: Parameters<typeof checkEndpoint>[1],
): readonly string[] {
  if (metadataUrl !== undefined) return [checkEndpoint(metadataUrl, named)]
  const { origin, pathname, search } = new URL(url)
  const root = `${origin}/.well-known/oauth-protected-resource`
  return pathname === '/' ? [root] : [`${root}${pathname}${search}`, root]
}

/** Returns whether a resource is the URL or a parent path of it. */
function covers(resource: string, url: string): boolean {
  if (!URL.canParse(resource)) return false
  const above = new URL(resource)
  const asked = new URL(url)
  const path = above.pathname.endsWith('/') ? above.pathname : `${above.pathname}/`
  return above.origin === asked.origin && above.hash === '' && `${asked.pathname}/`.startsWith(path)
}

const texts = (list: unknown): readonly string[] =>
  Array.isArray(list) ? list.filter((item): item is string => typeof item === 'string') : []
