import { anyHolder } from './strategy.ts'
import type { AuthStrategy, Holder } from './strategy.ts'
import type { CredentialFields, CredentialOf, CredentialSettings } from './credential-fields.ts'
import type { SignableRequest, Signature } from '../ports/transport.ts'

/**
 * Defines any other scheme, such as request signatures or several headers.
 *
 * `sign` is the only author's function that receives a credential. It must be pure.
 */
export function customAuth<const Fields extends CredentialFields>(options: {
  readonly kind: string
  readonly fields: Fields
  readonly holders?: readonly Holder[]
  /** Settings that follow from the credential. */
  readonly settings?: CredentialSettings<CredentialOf<Fields>>
  readonly sign: (request: SignableRequest, credential: CredentialOf<Fields>) => Signature | Promise<Signature>
}): AuthStrategy<Fields> {
  return { ...options, holders: options.holders ?? anyHolder }
}
