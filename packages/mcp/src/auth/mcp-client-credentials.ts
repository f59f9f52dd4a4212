import type { CredentialField } from '@mcpclient/core/define'
import type { ServerAuth } from './server-auth.ts'
import { unattendedStrategy } from './unattended-strategy.ts'

type Scopes = { readonly scopes?: readonly string[] | undefined }
type SecretFields = { readonly clientId: CredentialField; readonly clientSecret: CredentialField }
type KeyFields = {
  readonly clientId: CredentialField
  readonly privateKey: CredentialField
  readonly keyId: CredentialField & { readonly optional: true }
}

const clientId: CredentialField = { label: 'Client id', secret: false }
const secretFields: SecretFields = { clientId, clientSecret: { label: 'Client secret', secret: true } }
const keyFields: KeyFields = {
  clientId,
  privateKey: { label: 'Private key', secret: true, description: 'PKCS#8 as PEM, or a JSON Web Key.' },
  keyId: { label: 'Key id', secret: false, optional: true },
}

/**
 * Client credentials (RFC 6749, section 4.4): the app acts for itself. Register it at the server's authorization server,
 * and pass its id and secret to `mcpServer` next to `auth`, or per tenant to `connect`. With
 * `clientAuthentication: 'private_key_jwt'`, pass its id and private key.
 * @param options.scopes the scopes to request; absent: those that the server requires
 */
export function mcpClientCredentials(
  options?: Scopes & { readonly clientAuthentication?: undefined },
): ServerAuth<SecretFields>
export function mcpClientCredentials(
  options: Scopes & { readonly clientAuthentication: 'private_key_jwt' },
): ServerAuth<KeyFields>
export function mcpClientCredentials(
  options: Scopes & { readonly clientAuthentication?: 'private_key_jwt' | undefined } = {},
): ServerAuth<SecretFields> | ServerAuth<KeyFields> {
  const { scopes, clientAuthentication } = options
  const strategyWith = <Fields extends SecretFields | KeyFields>(fields: Fields): ServerAuth<Fields> => ({
    strategyFor: ({ url }) =>
      unattendedStrategy({
        kind: 'client-credentials',
        fields,
        scopes,
        async load() {
          const { clientCredentialsProtocol } = await import('@mcpclient/core/oauth')
          return clientCredentialsProtocol({ protectedResource: url, clientAuthentication })
        },
      }),
  })
  return clientAuthentication === undefined ? strategyWith(secretFields) : strategyWith(keyFields)
}
