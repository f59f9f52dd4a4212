import type { ResponseHeaders, SignableRequest, Signature } from '../ports/transport.ts'
import type { CredentialFields, CredentialOf } from './credential-fields.ts'
import type { Grant } from './grant.ts'
import type { GrantFlow } from './grant-flow.ts'

/** Who may hold a credential: the app itself, given at composition, or a connection of one of its tenants. */
export type Holder = 'app' | 'connection'

/**
 * How a credential is got, kept alive and attached to a request. A strategy is a value, made by `apiKey`, `basic`,
 * `bearer`, `oauth2`, `oidc`, `clientCredentials`, `jwtBearer` or `customAuth`; it runs after the connector's own code,
 * and only for the hosts that the connector declares.
 *
 * @typeParam App what the composition says of the app besides a credential: `clientId` and so on
 */
export interface AuthStrategy<Fields extends CredentialFields = CredentialFields, App extends object = object> {
  readonly kind: string
  readonly fields: Fields
  readonly holders: readonly Holder[]
  /** How grants are got and kept alive; absent where the credential is all there is. */
  readonly flow?: GrantFlow | undefined
  /** Only for the compiler. */
  readonly app?: App
  /**
   * @param credential what a person typed in, or the composition gave
   * @param grant what the flow got with it
   */
  // A method, so that a strategy of particular fields is still a strategy.
  sign(request: SignableRequest, credential: CredentialOf<Fields>, grant?: Grant): Signature | Promise<Signature>
  /**
   * Returns the strategy with the scopes that follow from those of the connector's tools. Absent if its scopes do not
   * depend on them.
   */
  forTools?(scopes: readonly string[]): AuthStrategy<Fields, App>
  /**
   * Told of each answer to a request that it signed, where a signature depends on what the service said last: the nonce
   * of a DPoP proof (RFC 9449, section 9). True: the request was refused for want of just that, and not processed, so it
   * should be signed and sent once more.
   */
  onResponse?(url: string, answer: { readonly status: number; readonly headers: ResponseHeaders }): boolean
}

/** Unless a strategy says otherwise, the app and its tenants' connections may both hold a credential. */
export const anyHolder: readonly Holder[] = ['app', 'connection']
