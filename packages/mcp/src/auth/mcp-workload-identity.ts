import type { CredentialField } from '@mcpclient/core/define'
import type { ServerAuth } from './server-auth.ts'
import { unattendedStrategy } from './unattended-strategy.ts'

type Fields = { readonly clientId: CredentialField }

const fields: Fields = { clientId: { label: 'Client id', secret: false } }

/**
 * A workload that its platform vouches for, with a JWT instead of a secret (SEP-1933, RFC 7523). Its `clientId` is given to
 * `mcpServer` beside `auth`.
 * @param options.assertion asked for the platform's JWT, which names the authorization server as its audience, whenever an
 *   access token is due
 * @param options.scopes absent: those that the server says it needs
 */
export function mcpWorkloadIdentity(options: {
  readonly assertion: () => string | Promise<string>
  readonly scopes?: readonly string[] | undefined
}): ServerAuth<Fields> {
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
