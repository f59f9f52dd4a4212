import { ConnectorError } from '@mcpclient/core'
import type { AuthStrategy, CredentialFields } from '@mcpclient/core/define'
import type { GrantProtocol } from '@mcpclient/core/oauth'
import { assertIssuedFor } from './assert-issued-for.ts'

export interface UnattendedOptions<Fields extends CredentialFields> {
  readonly kind: string
  readonly fields: Fields
  readonly scopes?: readonly string[] | undefined
  /** The app's registration at the authorization server, if that is not the credential itself. */
  readonly app?: Readonly<Record<string, unknown>> | undefined
  readonly load: () => Promise<GrantProtocol>
}

/** Creates a strategy that obtains its tokens without a user, and a new one when a token expires. */
export function unattendedStrategy<Fields extends CredentialFields>(
  options: UnattendedOptions<Fields>,
): AuthStrategy<Fields> {
  const { kind, fields, scopes = [], app = {}, load } = options
  return {
    kind,
    fields,
    holders: ['app', 'connection'],
    flow: {
      refresh: { rotation: 'keep' },
      renewal: 'obtain',
      scopes,
      interactive: false,
      incrementalConsent: false,
      appFields: {},
      app: () => app,
      load,
    },
    sign({ url }, _credential, grant) {
      if (grant === undefined) {
        throw new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'There is no access token for this request.', {
          reason: 'not_connected',
          outcome: 'not_processed',
        })
      }
      assertIssuedFor(grant, url)
      return { headers: { authorization: `Bearer ${grant.accessToken}` } }
    },
  }
}
