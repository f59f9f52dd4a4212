import type { CredentialField } from '@mcpclient/core/define'
import type { IdentityProvider } from './enterprise-protocol.ts'
import type { ServerAuth } from './server-auth.ts'
import { unattendedStrategy } from './unattended-strategy.ts'

export interface McpEnterpriseOptions {
  readonly identityProvider: IdentityProvider
  /** The app's id at the server's own authorization server. */
  readonly clientId: string
  readonly clientSecret?: string | undefined
  /** For `private_key_jwt`: PKCS#8 as PEM, or a JSON Web Key. */
  readonly privateKey?: string | Readonly<Record<string, unknown>> | undefined
  readonly keyId?: string | undefined
  /** @default the scopes that the server requires */
  readonly scopes?: readonly string[] | undefined
}

type Fields = { readonly idToken: CredentialField }

const fields: Fields = {
  idToken: { label: 'ID token', secret: true, description: 'From the login at the identity provider.' },
}

/**
 * Enterprise-managed authorization (SEP-990): the organization decides at its identity provider who may use the server,
 * and no user is asked for consent. Pass the ID token of the user's login to `connect`. It is exchanged for an assertion
 * that the server's authorization server accepts (RFC 8693, RFC 7523).
 *
 * ID tokens usually expire within an hour. If the access token has to be renewed after that, the connection requires
 * `connect` with a new ID token.
 */
export function mcpEnterprise(options: McpEnterpriseOptions): ServerAuth<Fields> {
  const { identityProvider, scopes, ...app } = options
  return {
    strategyFor: ({ url }) =>
      unattendedStrategy({
        kind: 'enterprise-managed',
        fields,
        scopes,
        app,
        async load() {
          const { enterpriseProtocol } = await import('./enterprise-protocol.ts')
          return enterpriseProtocol(url, identityProvider)
        },
      }),
  }
}
