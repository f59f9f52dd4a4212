import { ConnectorError } from '../errors/connector-error.ts'
import type { FlowContext } from '../auth/grant-flow.ts'
import { sendRequest, GET_JSON } from './server-request.ts'
import { checkEndpoint, hostOf } from './endpoints.ts'

/** Metadata of a protected resource (RFC 9728, section 2): the members that a client acts on. */
export interface ProtectedResource {
  /** As the server spells it: the value of the `resource` parameter. */
  readonly resource: string
  /** Issuers that may be asked for a token. */
  readonly authorizationServers: readonly string[]
  readonly scopes?: readonly string[] | undefined
}

/**
 * Asks a resource which authorization servers it trusts; undefined where it publishes no metadata. Never cached: it is
 * asked when a person connects, and then an old answer would send them to the wrong place.
 * @param url the resource
 * @param metadataUrl where its challenge says that the metadata are
 * @throws ConnectorError CONFIGURATION_ERROR if the metadata are another resource's
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
      throw new ConnectorError('CONFIGURATION_ERROR', `The metadata of ${hostOf(url)} are those of another resource.`, {
        reason: 'resource_mismatch',
        outcome: 'not_processed',
        hint: "The server's protected resource metadata must name the URL that is asked, or a path above it.",
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

/** A resource may speak for what lies under it. */
function covers(resource: string, url: string): boolean {
  if (!URL.canParse(resource)) return false
  const above = new URL(resource)
  const asked = new URL(url)
  const path = above.pathname.endsWith('/') ? above.pathname : `${above.pathname}/`
  return above.origin === asked.origin && above.hash === '' && `${asked.pathname}/`.startsWith(path)
}

const texts = (list: unknown): readonly string[] =>
  Array.isArray(list) ? list.filter((item): item is string => typeof item === 'string') : []
