import { ConnectorError } from '../errors/connector-error.ts'

/**
 * A call that finds a shared operation of the store or of the key provider stuck for this long does not wait for it, and
 * starts its own: 10 seconds.
 */
export const STUCK_AFTER_MS = 10_000

const UNAVAILABLE = 'store_unavailable'
const OUTAGES: ReadonlySet<string> = new Set(['MCP_CONNECTION_ERROR', 'TIMEOUT', 'MCP_SERVER_ERROR'])

/** Marks a failure of the store, so that it is not taken for one of the connection. */
export const ofStore = (error: unknown): unknown =>
  ConnectorError.is(error) && OUTAGES.has(error.code) && error.details.reason === undefined
    ? error.with({ reason: UNAVAILABLE })
    : error

export const storeUnavailable = (message: string): ConnectorError =>
  new ConnectorError('MCP_CONNECTION_ERROR', message, { reason: UNAVAILABLE, outcome: 'not_processed' })

/** Whether a failure lies in the store, and says nothing about the connection. */
export const isStoreFailure = (error: unknown): boolean =>
  !ConnectorError.is(error) || error.details.reason === UNAVAILABLE
