import { ConnectorError } from '../errors/connector-error.ts'

/** Milliseconds after which a shared operation of the store or the key provider counts as stuck and is not joined. */
export const STUCK_AFTER_MS = 10_000

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
