import { ConnectorError } from '../errors/connector-error.ts'
import type { CredentialField } from './credential-fields.ts'
import type { AuthStrategy } from './strategy.ts'

/** A field that a user leaves out if the connection receives no webhooks. */
type OptionalField = CredentialField & { readonly optional: true }

/**
 * Adds the optional field `signingSecret` to the credential of a connection: the secret with which the provider signs the
 * webhooks of that account, if it is another one than the credential itself. Set `connectionSecret: 'signingSecret'` of the
 * webhook to verify with it.
 * @param field how the provider calls the secret; `secret: false` for a public key
 * @throws ConnectorError CONFIGURATION_ERROR for a strategy with grants, which stores no credential
 *
 * @example
 * withSigningSecret(bearer({ label: 'API key' }), { label: 'Verification key', secret: false })
 */
export function withSigningSecret<Auth extends AuthStrategy>(
  auth: Auth,
  field: { readonly label: string; readonly description?: string; readonly secret?: boolean },
): AuthStrategy<Auth['fields'] & { readonly signingSecret: OptionalField }, AppOf<Auth>> {
  if (auth.flow !== undefined) {
    throw new ConnectorError('CONFIGURATION_ERROR', `withSigningSecret() cannot extend ${auth.kind}.`, {
      hint: 'Subscribe each connection instead: a channel has a secret of its own.',
    })
  }
  const signingSecret: OptionalField = { secret: true, ...field, optional: true }
  return { ...auth, fields: { ...auth.fields, signingSecret } } as never
}

type AppOf<Auth> = Auth extends { readonly app?: infer App extends object } ? App : object
