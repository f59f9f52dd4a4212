import * as oauth from 'oauth4webapi'
import type { Grant } from '../auth/grant.ts'
import type { TokenPurchase } from './definition.ts'
import { endpoint } from './endpoint.ts'
import type { Session } from './session.ts'
import { requestToken } from './token-request.ts'

/** Trades an access token for one that lives longer, at providers without refresh tokens. */
export async function purchase(session: Session, bought: TokenPurchase, grant: Grant): Promise<Grant> {
  const { context, proof } = session
  const { method = 'POST', sends = [], grantType, tokenParameter } = bought
  const url = endpoint(bought.url, context)
  const parameters = new URLSearchParams({
    grant_type: grantType,
    ...(sends.includes('client_id') && { client_id: proof.clientId }),
    ...(sends.includes('client_secret') && { client_secret: proof.clientSecret ?? '' }),
    [tokenParameter]: grant.accessToken,
  })
  const { grant: fresh } = await requestToken(session, {
    doing: 'a longer-lived token',
    scopes: grant.scopes,
    refreshes: grant,
    send: (options) => {
      const fetch = options[oauth.customFetch]
      if (fetch === undefined) throw new TypeError('a token request goes over our transport')
      const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' }
      return fetch(url, { method: method as 'POST', headers, body: parameters, redirect: 'manual' })
    },
  })
  return fresh
}
