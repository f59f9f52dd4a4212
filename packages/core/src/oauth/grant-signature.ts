import { ConnectorError } from '../errors/connector-error.ts'
import type { Grant } from '../auth/grant.ts'
import type { ResponseHeaders, SignableRequest, Signature } from '../ports/transport.ts'

/**
 * Attaches an access token: as a bearer token (RFC 6750), or with a proof of the key that it is bound to (RFC 9449).
 * @param token a pasted token, used if there is no grant
 * @param nonce the nonce for the next proof
 */
export function grantSignature(
  request: SignableRequest,
  token: string | undefined,
  grant: Grant | undefined,
  nonce?: string,
): Signature | Promise<Signature> {
  const accessToken = grant?.accessToken ?? token
  if (accessToken === undefined) {
    throw new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The request has no access token.', {
      reason: 'not_connected',
      outcome: 'not_processed',
    })
  }
  if (grant?.tokenType !== 'DPoP') return { headers: { authorization: `Bearer ${accessToken}` } }
  return import('./dpop.ts').then(async ({ requestProof }) => ({
    headers: { authorization: `DPoP ${accessToken}`, dpop: await requestProof(request, grant, nonce) },
  }))
}

const MAX_ORIGINS = 100

/** The nonces for the next DPoP proofs (RFC 9449, section 9), by origin. They are not secret. */
export interface ServiceNonces {
  of(url: string): string | undefined
  /** Stores the nonce of a response. Returns true if the request was rejected only because its nonce was old. */
  onResponse(url: string, response: { readonly status: number; readonly headers: ResponseHeaders }): boolean
}

export function rememberNonces(): ServiceNonces {
  const nonces = new Map<string, string>()
  return {
    of: (url) => (nonces.size === 0 ? undefined : nonces.get(new URL(url).origin)),
    onResponse(url, { status, headers }) {
      const nonce = headers.get('dpop-nonce')
      if (nonce === null || nonce === '') return false
      const { origin } = new URL(url)
      const isNew = nonces.get(origin) !== nonce
      nonces.delete(origin)
      nonces.set(origin, nonce)
      for (const oldest of nonces.keys()) {
        if (nonces.size <= MAX_ORIGINS) break
        nonces.delete(oldest)
      }
      return isNew && status === 401 && /\buse_dpop_nonce\b/.test(headers.get('www-authenticate') ?? '')
    },
  }
}
