import type { ResponseHeaders, SignableRequest, Signature } from '../ports/transport.ts'
import type { CredentialFields, CredentialOf, CredentialSettings } from './credential-fields.ts'
import type { Grant } from './grant.ts'
import type { GrantFlow } from './grant-flow.ts'

/** The holder of a credential: the app itself, at composition, or a connection of a tenant. */
export type Holder = 'app' | 'connection'

/**
 * A way to obtain, refresh and attach a credential. Make one with `apiKey`, `basic`, `bearer`, `oauth2`, `oidc`,
 * `clientCredentials`, `jwtBearer` or `customAuth`. It runs after the connector's own code, and only for the hosts that
 * the connector declares.
 *
 * @typeParam App the options of the app at composition: `clientId` and so on
 */
export interface AuthStrategy<Fields extends CredentialFields = CredentialFields, App extends object = object> {
  readonly kind: string
  readonly fields: Fields
  readonly holders: readonly Holder[]
  /** Settings of the connector that follow from the credential, so that a host does not pass them again. */
  readonly settings?: CredentialSettings | undefined
  /** The flow for grants. Absent if the credential is all that is needed. */
  readonly flow?: GrantFlow | undefined
  /** Used by the compiler only. */
  readonly app?: App
  /**
   * Returns the headers or query parameters that authenticate a request.
   * @param credential the fields from the user or the composition
   * @param grant the grant of the flow, if there is one
   * @param app the app's registration with the provider, from the composition
   */
  // A method, so that a strategy of particular fields is still a strategy.
  sign(
    request: SignableRequest,
    credential: CredentialOf<Fields>,
    grant?: Grant,
    app?: Readonly<Record<string, unknown>>,
  ): Signature | Promise<Signature>
  /**
   * Returns the strategy with the scopes that follow from those of the connector's tools. Absent if its scopes do not
   * depend on them.
   */
  forTools?(scopes: readonly string[]): AuthStrategy<Fields, App>
  /**
   * Receives each response to a request that it signed, for signatures that depend on the previous response: the nonce
   * of a DPoP proof (RFC 9449, section 9). Returns true if the request was rejected only because of an old nonce. It
   * was not processed, so it is signed and sent once more.
   */
  onResponse?(url: string, response: { readonly status: number; readonly headers: ResponseHeaders }): boolean
}

/** The default holders: the app and the connections of its tenants. */
export const anyHolder: readonly Holder[] = ['app', 'connection']
