import { ConnectorError } from '../errors/connector-error.ts'
import { anyHolder } from './strategy.ts'
import type { AuthStrategy, Holder } from './strategy.ts'
import type { CredentialField } from './credential-fields.ts'

/**
 * Sends a user name and a password as `Authorization: Basic` (RFC 7617), in UTF-8.
 * @param options.username the provider's label for the user name
 * @param options.password the provider's label for the password
 */
export function basic(
  options: {
    readonly username?: { readonly label: string; readonly secret?: boolean }
    readonly password?: { readonly label: string }
    readonly holders?: readonly Holder[]
  } = {},
): AuthStrategy<{ readonly username: CredentialField; readonly password: CredentialField }> {
  return {
    kind: 'basic',
    fields: {
      username: { label: options.username?.label ?? 'User name', secret: options.username?.secret ?? false },
      password: { label: options.password?.label ?? 'Password', secret: true, verbatim: true },
    },
    holders: options.holders ?? anyHolder,
    sign: (_request, { username, password }) => {
      // The first colon ends the user name, and TextEncoder replaces a lone surrogate.
      if (username.includes(':') || !(username + password).isWellFormed()) throw unusableBasic()
      let binary = ''
      // A spread of a long credential would overflow the stack.
      for (const byte of new TextEncoder().encode(`${username}:${password}`)) binary += String.fromCharCode(byte)
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
