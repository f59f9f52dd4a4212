import { ConnectorError } from '../errors/connector-error.ts'

/** Time limit of one request to a store, a key provider or a policy of the host, in milliseconds. */
export const STORE_TIMEOUT_MS = 10_000

const UNAVAILABLE = 'store_unavailable'
const OUTAGES: ReadonlySet<string> = new Set(['MCP_CONNECTION_ERROR', 'TIMEOUT', 'MCP_SERVER_ERROR'])

/** Marks an outage of the store, so that it is not mistaken for a failure of the connection. */
export const ofStore = (error: unknown): unknown =>
  ConnectorError.is(error) && OUTAGES.has(error.code) && error.details.reason === undefined
    ? error.with({ reason: UNAVAILABLE })
    : error

export const storeUnavailable = (message: string): ConnectorError =>
  new ConnectorError('MCP_CONNECTION_ERROR', message, { reason: UNAVAILABLE, outcome: 'not_processed' })

/** Returns whether the store failed, which says nothing about the connection. */
export const isStoreFailure = (error: unknown): boolean =>
  !ConnectorError.is(error) || error.details.reason === UNAVAILABLE

/** The reason of every failure that concerns one row, and not the store. */
export const UNREADABLE = 'unreadable'

/**
 * Makes the error of a row that cannot be read.
 * @param key the key of the row; it names a tenant, so it stays in the process, in the cause
 * @param message a sentence about the row, including what to do
 */
export const unreadable = (key: string, message: string, cause?: unknown): ConnectorError =>
  new ConnectorError('CONFIGURATION_ERROR', message, { reason: UNREADABLE }, { cause: placed(key, cause) })

export const isUnreadable = (error: unknown): boolean => ConnectorError.is(error) && error.details.reason === UNREADABLE

/** Returns a cause that names the row, for debugging inside the process. */
export const placed = (key: string, cause?: unknown): Error =>
  new Error(`at the store key ${JSON.stringify(key)}`, { cause })
