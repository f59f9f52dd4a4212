import { anyHolder } from './strategy.ts'
import type { AuthStrategy, CredentialField, Holder } from './strategy.ts'

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
      password: { label: options.password?.label ?? 'Password', secret: true },
    },
    holders: options.holders ?? anyHolder,
    sign: (_request, { username, password }) => {
      const bytes = new TextEncoder().encode(`${username}:${password}`)
      let binary = ''
      // One by one: a spread of a long credential overflows the stack.
      for (const byte of bytes) binary += String.fromCharCode(byte)
      return { headers: { authorization: `Basic ${btoa(binary)}` } }
    },
  }
}
