import type { ResponseHeaders } from '../ports/transport.ts'
import type { Grant } from './grant.ts'
import type { GrantFlow } from './grant-flow.ts'

/** What a credential consists of, field by field, so that a form can ask for it and a store can keep it. */
export type CredentialFields = Readonly<Record<string, CredentialField>>

export interface CredentialField {
  /** What a person calls it: "API key". */
  readonly label: string
  /** False for what may be shown, such as a user name. */
  readonly secret: boolean
  readonly description?: string | undefined
  /** True for what may be left out. */
  readonly optional?: boolean | undefined
  /** True for text that may begin or end with whitespace, such as a password. */
  readonly verbatim?: boolean | undefined
}

type OptionalField<Fields> = {
  [K in keyof Fields]: Fields[K] extends { readonly optional: true } ? K : never
}[keyof Fields]

// Without `| undefined`, or a strategy with an optional field would be none for the compiler.
export type CredentialOf<Fields> = { readonly [K in Exclude<keyof Fields, OptionalField<Fields>>]: string } & {
  readonly [K in OptionalField<Fields>]?: string
}

/** Who may hold a credential: the app itself, given at composition, or a connection of one of its tenants. */
export type Holder = 'app' | 'connection'

/** A request as it is about to leave, shown to the strategy that signs it. */
export interface SignableRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer> | FormData | undefined
}

/** What a signature adds. Nothing of the request can be taken away or redirected. */
export interface Signature {
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
}

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
   * Told of each answer to a request that it signed, where a signature depends on what the service said last: the nonce
   * of a DPoP proof (RFC 9449, section 9). True: the request was refused for want of just that, and not processed, so it
   * should be signed and sent once more.
   */
  hear?(url: string, answer: { readonly status: number; readonly headers: ResponseHeaders }): boolean
}

/** Unless a strategy says otherwise, the app and its tenants' connections may both hold a credential. */
export const anyHolder: readonly Holder[] = ['app', 'connection']
