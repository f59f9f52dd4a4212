/** What a credential consists of, field by field, so that a form can ask for it and a store can keep it. */
export type CredentialFields = Readonly<Record<string, CredentialField>>

export interface CredentialField {
  /** What a person calls it: "API key". */
  readonly label: string
  /** False for what may be shown, such as a user name. */
  readonly secret: boolean
  readonly description?: string | undefined
}

export type CredentialOf<Fields> = { readonly [K in keyof Fields]: string }

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
 * How a credential is attached to a request. A strategy is a value, made by `apiKey`, `basic`, `bearer` or
 * `customAuth`; it runs after the connector's own code, and only for the hosts that the connector declares.
 */
export interface AuthStrategy<Fields extends CredentialFields = CredentialFields> {
  readonly kind: string
  readonly fields: Fields
  readonly holders: readonly Holder[]
  // A method, so that a strategy of particular fields is still a strategy.
  sign(request: SignableRequest, credential: CredentialOf<Fields>): Signature | Promise<Signature>
}

/** Unless a strategy says otherwise, the app and its tenants' connections may both hold a credential. */
export const anyHolder: readonly Holder[] = ['app', 'connection']
