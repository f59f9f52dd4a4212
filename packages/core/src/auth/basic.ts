import { ConnectorError } from '../errors/connector-error.ts'
import { anyHolder } from './strategy.ts'
import type { AuthStrategy, Holder } from './strategy.ts'
import type { CredentialField } from './credential-fields.ts'

/**
 * `Authorization: Basic` (RFC 7617), in UTF-8.
 * @param options.username what the user name is called at this provider
 * @param options.password what the password is called at this provider
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
      // A colon would move into the password; TextEncoder would replace a lone surrogate.
      if (username.includes(':') || !(username + password).isWellFormed()) throw unusableBasic()
      let binary = ''
      // One by one: a spread of a long credential overflows the stack.
      for (const byte of new TextEncoder().encode(`${username}:${password}`)) binary += String.fromCharCode(byte)
      return { headers: { authorization: `Basic ${btoa(binary)}` } }
    },
  }
}

const unusableBasic = (): ConnectorError =>
  new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The user name or the password cannot be sent by Basic.', {
    reason: 'unusable_key',
    outcome: 'not_processed',
    hint: 'Use a user name without a colon, and text without invisible characters.',
  })
