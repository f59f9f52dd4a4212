import { ConnectorError } from '../errors/connector-error.ts'
import type { Grant } from '../auth/grant.ts'
import type { SignableRequest, Signature } from '../ports/transport.ts'

/**
 * Attaches an access token: as a bearer token (RFC 6750), or with a proof of the key that it is bound to (RFC 9449).
 * @param token what was pasted instead of got
 * @param nonce what the service wants to see in the next proof
 */
export function grantSignature(
  request: SignableRequest,
  token: string | undefined,
  grant: Grant | undefined,
  nonce?: string,
): Signature | Promise<Signature> {
  const accessToken = grant?.accessToken ?? token
  if (accessToken === undefined) {
    throw new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'There is no access token for this request.', {
      reason: 'not_connected',
      outcome: 'not_processed',
    })
  }
  if (grant?.tokenType !== 'DPoP') return { headers: { authorization: `Bearer ${accessToken}` } }
  return import('./dpop.ts').then(async ({ requestProof }) => ({
    headers: { authorization: `DPoP ${accessToken}`, dpop: await requestProof(request, grant, nonce) },
  }))
}
