import { ConnectorError } from '../errors/connector-error.ts'
import { anyHolder } from './strategy.ts'
import type { AuthStrategy, Holder } from './strategy.ts'
import type { CredentialField, CredentialSettings } from './credential-fields.ts'

interface BasicField<Name extends string> {
  /** The name of the field, as the host and its users pass it: `apiToken`. */
  readonly name?: Name | undefined
  /** The provider's label for it. */
  readonly label: string
}

/**
 * Sends a user name and a password as `Authorization: Basic` (RFC 7617), in UTF-8.
 * @param options.username how the provider calls the user name. It is shown unless it is `secret`
 * @param options.password how the provider calls the password
 * @param options.settings settings that follow from the credential, such as the account whose data it reads
 */
export function basic<const Username extends string = 'username', const Password extends string = 'password'>(
  options: {
    readonly username?: BasicField<Username> & { readonly secret?: boolean }
    readonly password?: BasicField<Password>
    readonly settings?: CredentialSettings<Readonly<Record<Username | Password, string>>>
    readonly holders?: readonly Holder[]
  } = {},
): AuthStrategy<Readonly<Record<Username | Password, CredentialField>>> {
  const { username: { name: usernameField = 'username', ...username } = { label: 'User name' } } = options
  const { password: { name: passwordField = 'password', ...password } = { label: 'Password' } } = options
  const fields: Readonly<Record<string, CredentialField>> = {
    [usernameField]: { label: username.label, secret: username.secret ?? false },
    [passwordField]: { label: password.label, secret: true, verbatim: true },
  }
  return {
    kind: 'basic',
    fields,
    holders: options.holders ?? anyHolder,
    settings: options.settings,
    sign: (_request, credential: Readonly<Record<string, string>>) => {
      const { [usernameField]: name = '', [passwordField]: secret = '' } = credential
      // The first colon ends the user name, and TextEncoder replaces a lone surrogate.
      if (name.includes(':') || !(name + secret).isWellFormed()) throw unusableBasic()
      let binary = ''
      // A spread of a long credential would overflow the stack.
      for (const byte of new TextEncoder().encode(`${name}:${secret}`)) binary += String.fromCharCode(byte)
      return { headers: { authorization: `Basic ${btoa(binary)}` } }
    },
  }
}

const unusableBasic = (): ConnectorError =>
  new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'Basic authentication cannot carry the user name or the password.', {
    reason: 'unusable_key',
    outcome: 'not_processed',
    hint: 'Use a user name without a colon, and no invisible characters.',
  })
