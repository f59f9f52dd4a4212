import type { Grant } from '../auth/grant.ts'
import { grantSignature } from './grant-signature.ts'
import { chosenScopes } from './definition.ts'
import type { EndpointUrl, ScopeChoice, TokenServer } from './definition.ts'
import { unattendedFlow } from './unattended-flow.ts'
import { anyHolder } from '../auth/strategy.ts'
import type { AuthStrategy, Holder } from '../auth/strategy.ts'
import type { CredentialField } from '../auth/credential-fields.ts'
import type { SignableRequest } from '../ports/transport.ts'

type Server = TokenServer & ({ readonly tokenUrl: EndpointUrl } | { readonly issuer: EndpointUrl })

export type ClientCredentialsDefinition = Server & {
  readonly scopes?: ScopeChoice | undefined
  /** Returns whether the scope `granted` includes the scope `wanted`. Equal scopes are always included. */
  readonly covers?: ((granted: string, wanted: string) => boolean) | undefined
  readonly holders?: readonly Holder[] | undefined
}

export type ClientSecretFields = { readonly clientId: CredentialField; readonly clientSecret: CredentialField }
export type ClientKeyFields = {
  readonly clientId: CredentialField
  readonly privateKey: CredentialField
  readonly keyId: CredentialField & { readonly optional: true }
}

type ByKey = { readonly clientAuthentication: 'private_key_jwt' }
type BySecret = { readonly clientAuthentication?: 'post' | 'basic' | undefined }

/**
 * Authenticates an app that acts for itself (RFC 6749, section 4.4). The credential is its id and secret, or its id and
 * private key. The composition or each connection holds it.
 *
 * @example
 * const auth = clientCredentials({ tokenUrl: 'https://login.example.com/oauth/token', scopes: ['reports.read'] })
 */
export function clientCredentials(definition: ClientCredentialsDefinition & BySecret): AuthStrategy<ClientSecretFields>
export function clientCredentials(definition: ClientCredentialsDefinition & ByKey): AuthStrategy<ClientKeyFields>
export function clientCredentials(
  definition: ClientCredentialsDefinition,
): AuthStrategy<ClientSecretFields> | AuthStrategy<ClientKeyFields> {
  return strategyOf(definition, [])
}

function strategyOf(given: ClientCredentialsDefinition, ofTools: readonly string[]) {
  const definition = { ...given, scopes: chosenScopes(given.scopes, ofTools) }
  const clientId: CredentialField = { label: 'Client id', secret: false }
  const withSecret: ClientSecretFields = { clientId, clientSecret: { label: 'Client secret', secret: true } }
  const withKey: ClientKeyFields = {
    clientId,
    privateKey: { label: 'Private key', secret: true, description: 'PKCS#8 as PEM, or a JSON Web Key.' },
    keyId: { label: 'Key id', secret: false, optional: true },
  }
  const strategy = {
    kind: 'client-credentials',
    holders: definition.holders ?? anyHolder,
    flow: unattendedFlow(definition, async () => {
      const { clientCredentialsProtocol } = await import('./unattended.ts')
      return clientCredentialsProtocol(definition)
    }),
    forTools: (scopes: readonly string[]) => strategyOf(given, scopes) as never,
    sign: (request: SignableRequest, _credential: unknown, grant?: Grant) => grantSignature(request, undefined, grant),
  }
  return definition.clientAuthentication === 'private_key_jwt'
    ? { ...strategy, fields: withKey }
    : { ...strategy, fields: withSecret }
}
