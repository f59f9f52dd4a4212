import type { CredentialField } from '@mcpclient/core/define'
import type { ServerAuth } from './server-auth.ts'
import { unattendedStrategy } from './unattended-strategy.ts'

export interface McpWorkloadIdentityOptions {
  /** Returns the platform's JWT, whose audience is the authorization server. Called for each access token. */
  readonly assertion: () => string | Promise<string>
  /** @default the scopes that the server requires */
  readonly scopes?: readonly string[] | undefined
}

type Fields = { readonly clientId: CredentialField }

const fields: Fields = { clientId: { label: 'Client id', secret: false } }

/**
 * Workload identity (SEP-1933, RFC 7523): the platform vouches for the app with a JWT instead of a secret. Pass the
 * `clientId` to `mcpServer` next to `auth`.
 */
export function mcpWorkloadIdentity(options: McpWorkloadIdentityOptions): ServerAuth<Fields> {
  const { assertion, scopes } = options
  return {
    strategyFor: ({ url }) =>
      unattendedStrategy({
        kind: 'workload-identity',
        fields,
        scopes,
        async load() {
          const { assertionProtocol } = await import('@mcpclient/core/oauth')
          return assertionProtocol({ protectedResource: url }, async () => assertion())
        },
      }),
  }
}
