import { anyHolder } from './strategy.ts'
import type { AuthStrategy, Holder } from './strategy.ts'
import type { CredentialFields, CredentialOf } from './credential-fields.ts'
import type { SignableRequest, Signature } from '../ports/transport.ts'

/**
 * Any other scheme: request signatures, several headers at once.
 *
 * This is the one place where an author's code sees a credential. Keep it a pure function of its two arguments.
 */
export function customAuth<const Fields extends CredentialFields>(options: {
  readonly kind: string
  readonly fields: Fields
  readonly holders?: readonly Holder[]
  readonly sign: (request: SignableRequest, credential: CredentialOf<Fields>) => Signature | Promise<Signature>
}): AuthStrategy<Fields> {
  return { ...options, holders: options.holders ?? anyHolder }
}
