import type { Verifier } from '@mcpclient/core/define'
import { refused } from '../verification/verdict.ts'
import { hmac } from './hmac.ts'
import * as options from './preset-options.ts'

/** A token of Atlassian has a few hundred characters. */
const MAX_JWT_LENGTH = 8192

/**
 * Verifies Jira Cloud: `X-Hub-Signature`, which holds SHA-256, of a webhook with a secret; else the token in `Authorization`
 * with which Atlassian proves the webhooks that an app with OAuth 2.0 registers. The secret is that of the webhook, or the
 * client secret of the app.
 *
 * The token proves who sent a delivery, and nothing about the body. Atlassian documents the secret, but neither the
 * algorithm nor the claims: HS256 and `exp` are required here.
 *
 * Source: https://developer.atlassian.com/cloud/jira/platform/webhooks/#webhooks-authentication-for-oauth-2-0-apps
 */
export function jira(): Verifier {
  const signed = hmac(options.jira)
  return {
    async verify(delivery, secrets) {
      const authorization = delivery.header('authorization')
      if (authorization === undefined || delivery.header('x-hub-signature') !== undefined) {
        return signed.verify(delivery, secrets)
      }
      const bounded = authorization.length > MAX_JWT_LENGTH ? '' : authorization
      const [, token] = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(bounded) ?? []
      if (token === undefined) return refused('token_malformed')
      const { verifySecretToken } = await import('./secret-token.ts')
      return verifySecretToken(token, secrets, delivery.now)
    },
  }
}
