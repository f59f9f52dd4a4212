import { ConnectorError } from '../errors/connector-error.ts'
import { isName, MAX_NAME_LENGTH, shownName } from '../errors/shown-name.ts'

/** One account of one tenant at one connector; the app's own account has no tenant. */
export interface Connection {
  /** Unique in the client, and in its stores. */
  readonly key: string
  readonly serverId: string
  readonly tenant: string | undefined
  readonly name: string
  /** The key of its credential in the store; connectors of one family share it. */
  readonly storeKey: string
}

/** Whose account a connection is, as the provider knows it. */
export interface Account {
  readonly id: string
  readonly name?: string | undefined
}

const DEFAULT_CONNECTION = 'default'

/**
 * Returns the name of a connection. It becomes part of store keys and of the keys of limits.
 * @param name undefined for the default connection
 * @throws ConnectorError INVALID_INPUT
 */
export function connectionName(name: string | undefined): string {
  if (name === undefined) return DEFAULT_CONNECTION
  if (isName(name) && name.isWellFormed() && !/\p{Cc}/u.test(name)) return name
  throw new ConnectorError('INVALID_INPUT', `"${shownName(name)}" cannot be the name of a connection.`, {
    hint: `Use a string of 1 to ${MAX_NAME_LENGTH} characters, without control characters.`,
    outcome: 'not_processed',
  })
}
