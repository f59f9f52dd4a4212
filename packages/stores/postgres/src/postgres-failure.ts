import { ConnectorError } from '@mcpclient/core'
import type { ErrorCode, Outcome } from '@mcpclient/core'

/** PostgreSQL's five characters, unlike EPIPE of the system (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const SQLSTATE = /^(?:[0-9][0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/
/** Nothing is wrong with the statement: it only met another one, and can be made again. */
const TRANSIENT = new Set(['40001', '40P01'])
/** No such table, schema, column or function. */
const MISSING = new Set(['42P01', '3F000', '42703', '42883'])
/** Not allowed, wrong password, no such role, no such database. */
const NOT_ALLOWED = new Set(['42501', '28000', '28P01', '3D000'])
/** Cancelled, or waited too long for a lock. */
const TOO_SLOW = new Set(['57014', '55P03', '25P03', '25P04'])
/** Shut down, too many connections, connection lost, or led to a server that only reads. */
const UNREACHABLE = /^(?:08...|57P0[1-5]|53300|25006)$/
/** What the system says where no connection came about. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'CONNECT_TIMEOUT'])

const codeOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined

/** Whether the same statement may succeed when it is made again at once. */
export const isTransient = (error: unknown): boolean => TRANSIENT.has(codeOf(error) ?? '')

/**
 * What the database or the driver said, as an error with advice. What they said stays in the cause: it can hold the
 * statement and its values.
 */
export function failureOf(error: unknown, kind: 'read' | 'write'): ConnectorError {
  if (ConnectorError.is(error)) return error
  const code = codeOf(error)
  const state = code !== undefined && SQLSTATE.test(code) ? code : undefined
  const outcome = kind === 'write' ? outcomeOf(code, state) : undefined
  const make = (errorCode: ErrorCode, message: string, hint?: string): ConnectorError =>
    new ConnectorError(errorCode, message, { hint, providerCode: state, outcome }, { cause: error })
  if (state === undefined) {
    if (error instanceof TypeError) return make('API_INTERNAL_ERROR', 'The driver of the database failed.')
    return make(
      'MCP_CONNECTION_ERROR',
      'The database of the store could not be reached.',
      'Check its address and network.',
    )
  }
  if (MISSING.has(state)) {
    const hint = 'Call `await migrate(client)` with the same schema and table before the store is used.'
    return make('CONFIGURATION_ERROR', 'The tables of the store are not there, or not up to date.', hint)
  }
  if (NOT_ALLOWED.has(state)) {
    const hint = 'Connect as the role that ran migrate(), or grant this role the tables and write it a policy.'
    return make('CONFIGURATION_ERROR', 'The database does not let this role use the store.', hint)
  }
  if (TOO_SLOW.has(state)) return make('TIMEOUT', 'The database took longer than it may.')
  if (UNREACHABLE.test(state)) {
    const hint = 'It is being restarted, has no free connection, or this server only reads: try again later.'
    return make('MCP_CONNECTION_ERROR', 'The database of the store cannot be used just now.', hint)
  }
  return make('API_INTERNAL_ERROR', `The database refused a statement of the store (SQLSTATE ${state}).`)
}

/** A statement that failed left nothing behind. One whose answer was lost may have been done. */
function outcomeOf(code: string | undefined, state: string | undefined): Outcome {
  if (state !== undefined) return UNREACHABLE.test(state) && state !== '53300' ? 'unknown' : 'not_processed'
  return code !== undefined && NEVER_SENT.has(code) ? 'not_processed' : 'unknown'
}
