import { ConnectorError } from '../errors/connector-error.ts'
import { isName, MAX_NAME_LENGTH, shownName } from '../errors/shown-name.ts'

/** One account of one tenant at one connector. The app's own account has no tenant. */
export interface Connection {
  /** The key, unique in the client and in its stores. */
  readonly key: string
  readonly serverId: string
  readonly tenant: string | undefined
  readonly name: string
  /** The key of its credential in the store; connectors of one family share it. */
  readonly storeKey: string
}

/** The account of a connection, as the provider identifies it. */
export interface Account {
  readonly id: string
  readonly name?: string | undefined
}

const DEFAULT_CONNECTION = 'default'

/**
 * Validates the name of a connection. It becomes part of the keys of stores and limits.
 * @param name undefined for the default connection
 * @throws ConnectorError INVALID_INPUT if the name is invalid
 */
export function connectionName(name: string | undefined): string {
  if (name === undefined) return DEFAULT_CONNECTION
  if (isName(name) && name.isWellFormed() && !/\p{Cc}/u.test(name)) return name
  throw new ConnectorError('INVALID_INPUT', `The connection name "${shownName(name)}" is invalid.`, {
    hint: `Use a string of 1 to ${MAX_NAME_LENGTH} characters, without control characters.`,
    outcome: 'not_processed',
  })
}
