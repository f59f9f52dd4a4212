import { ConnectorError } from '../errors/connector-error.ts'

/**
 * The error of a row that does not open.
 * @param place the key of the row: it names a tenant, so it stays in the process, with the cause
 * @param problem the rest of a sentence about the row, what to do included
 */
export const unreadable = (place: string, problem: string, cause?: unknown): ConnectorError =>
  new ConnectorError('CONFIGURATION_ERROR', problem, { reason: UNREADABLE }, { cause: placed(place, cause) })

/** The reason of every failure that lies in one row, and not in the store. */
export const UNREADABLE = 'unreadable'

export const isUnreadable = (error: unknown): boolean => ConnectorError.is(error) && error.details.reason === UNREADABLE

/** Says where it happened, for whoever debugs it inside the process. */
export const placed = (place: string, cause?: unknown): Error =>
  new Error(`at the key ${JSON.stringify(place)} of the store`, { cause })

export const dataKeyGone = (place: string, dataKeyId: string): ConnectorError =>
  unreadable(
    place,
    `A stored value is under the data key "${dataKeyId}", which its tenant does not have: it was shredded, the row of ` +
      `the data key was lost, or tenantOf has changed. Restore the row, or delete the value.`,
  )
