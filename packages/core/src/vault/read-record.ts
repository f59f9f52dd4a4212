import { ConnectorError } from '../errors/connector-error.ts'
import { spareRoles } from './connection-record.ts'
import type { ConnectionRecord } from './connection-record.ts'
import { connectionStates } from './connection-state.ts'
import { isUnreadable, placed, UNREADABLE } from '../ports/store-failure.ts'

type Shape = (value: unknown) => boolean

const isObject: Shape = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const isString: Shape = (value) => typeof value === 'string'
const isNumber: Shape = (value) => typeof value === 'number'
const isStrings: Shape = (value) => isObject(value) && Object.values(value as object).every(isString)
const has =
  (shapes: Readonly<Record<string, Shape>>): Shape =>
  (value) =>
    isObject(value) && Object.entries(shapes).every(([name, shape]) => shape((value as Record<string, unknown>)[name]))
const absentOr =
  (shape: Shape): Shape =>
  (value) =>
    value === undefined || shape(value)

const isGrant = has({ accessToken: isString, issuedAt: isNumber, refreshToken: absentOr(isString) })
const isHolder = has({ credential: isStrings, grant: absentOr(isGrant) })
const isRole: Shape = (value) => spareRoles.some((role) => role === value)
const isSpare: Shape = (value) =>
  isHolder(value) && has({ role: isRole, since: isNumber, until: absentOr(isNumber) })(value)

/** Checks the fields that the code relies on. A newer version wrote a state that is unknown. */
const isRecord = has({
  credential: isStrings,
  grant: absentOr(isGrant),
  generation: absentOr(isNumber),
  state: absentOr((value) => connectionStates.some((state) => state === value)),
  trouble: absentOr(has({ reason: isString, since: isNumber })),
  lease: absentOr(has({ owner: isString, until: isNumber, generation: isNumber })),
  unresolved: absentOr(has({ since: isNumber, how: isString })),
  settings: absentOr(isObject),
  account: absentOr(isObject),
  left: absentOr((value) => Array.isArray(value) && value.every(isString)),
  quarantined: absentOr(isHolder),
  spares: absentOr((value) => Array.isArray(value) && value.every(isSpare)),
})

/**
 * Parses the record in a row.
 * @param storeKey for the error's cause only, because it names a tenant
 * @throws ConnectorError `CONFIGURATION_ERROR` with the reason `unreadable`
 */
export function parseRecord(value: string, storeKey: string): ConnectionRecord {
  let record: unknown
  try {
    record = JSON.parse(value)
  } catch {
    record = undefined
  }
  if (isRecord(record)) return record as ConnectionRecord
  throw new ConnectorError(
    'CONFIGURATION_ERROR',
    'A stored connection cannot be read.',
    { reason: UNREADABLE, hint: HINT },
    { cause: placed(storeKey) },
  )
}

const HINT = 'Connect the account again, or restore the row. An encrypted store needs encrypted() with the same keys.'

/** The errors of the rows that cannot be read, by the record that is used instead. */
const failures = new WeakMap<ConnectionRecord, ConnectorError>()

/** Returns the record for a row that cannot be read: connecting again replaces it, disconnecting removes it. */
export function unreadableRecord(error: unknown, now: number): ConnectionRecord {
  const message = ConnectorError.is(error) ? error.message : 'A stored connection cannot be read.'
  const failure = new ConnectorError(
    'CONFIGURATION_ERROR',
    message,
    { reason: UNREADABLE, hint: HINT, outcome: 'not_processed' },
    { cause: error },
  )
  const record: ConnectionRecord = {
    credential: {},
    state: 'unreadable',
    trouble: { reason: UNREADABLE, hint: `${message} ${HINT}`, since: now },
  }
  failures.set(record, failure)
  return record
}

/** Returns the error of a row that cannot be read; undefined if it can. */
export const readFailureOf = (record: ConnectionRecord): ConnectorError | undefined => failures.get(record)

/** Returns the record in a row, or an `unreadable` one. */
export function recordIn(value: string, storeKey: string, now: number): ConnectionRecord {
  try {
    return parseRecord(value, storeKey)
  } catch (error) {
    if (!isUnreadable(error)) throw error
    return unreadableRecord(error, now)
  }
}
