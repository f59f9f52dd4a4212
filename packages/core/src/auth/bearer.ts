import { anyHolder } from './strategy.ts'
import type { AuthStrategy, Holder } from './strategy.ts'
import type { CredentialField } from './credential-fields.ts'

/**
 * Sends a token that does not expire as `Authorization: Bearer` (RFC 6750). For tokens that expire use `oauth2`.
 */
export function bearer(
  options: { readonly label?: string; readonly description?: string; readonly holders?: readonly Holder[] } = {},
): AuthStrategy<{ readonly token: CredentialField }> {
  return {
    kind: 'bearer',
    fields: { token: { label: options.label ?? 'Token', secret: true, description: options.description } },
    holders: options.holders ?? anyHolder,
    sign: (_request, { token }) => ({ headers: { authorization: `Bearer ${token}` } }),
  }
}
