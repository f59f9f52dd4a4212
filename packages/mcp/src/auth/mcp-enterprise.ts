import type { CredentialField } from '@mcpclient/core/define'
import type { ServerAuth } from './server-auth.ts'
import { unattendedStrategy } from './unattended-strategy.ts'

/** The organization's identity provider, as this app is registered with it. */
export interface IdentityProvider {
  readonly tokenUrl: string
  readonly clientId: string
  readonly clientSecret?: string | undefined
}

export interface McpEnterpriseOptions {
  readonly identityProvider: IdentityProvider
  /** As the server's own authorization server knows this app. */
  readonly clientId: string
  readonly clientSecret?: string | undefined
  /** For `private_key_jwt`: PKCS#8 as PEM, or a JSON Web Key. */
  readonly privateKey?: string | Readonly<Record<string, unknown>> | undefined
  readonly keyId?: string | undefined
  /** Absent: those that the server says it needs. */
  readonly scopes?: readonly string[] | undefined
}

type Fields = { readonly idToken: CredentialField }

const fields: Fields = {
  idToken: { label: 'ID token', secret: true, description: 'From signing in at the identity provider.' },
}

/**
 * Enterprise-managed authorization (SEP-990): the organization decides at its identity provider who may use the server,
 * and nobody is asked to agree. The ID token with which a person signed in, given to `connect`, is exchanged there for an
 * assertion that the server's authorization server takes (RFC 8693, RFC 7523).
 *
 * The ID token ends, usually within the hour. When the access token then has to be renewed, the connection asks for
 * `connect` with a new one.
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
