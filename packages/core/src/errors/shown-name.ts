import { providerText } from './provider-text.ts'

/** Maximum length of the name of a connector, a tool or a connection. */
export const MAX_NAME_LENGTH = 128

/** Maximum length of a request id. */
export const MAX_REQUEST_ID_LENGTH = 200

/** Returns whether `name` is a valid name. Check it before any work whose cost grows with its length. */
export const isName = (name: unknown): name is string =>
  typeof name === 'string' && name !== '' && name.length <= MAX_NAME_LENGTH

/** Returns a caller's name for an error message: of bounded length, and without invisible characters. */
export const shownName = (name: unknown): string =>
  typeof name === 'string' ? providerText(name, { maxLength: MAX_NAME_LENGTH }) : `(${typeof name})`
