import { ConnectorError } from '@mcpclient/core'
import type { ErrorCode, Outcome } from '@mcpclient/core'

/** The five characters of PostgreSQL, unlike EPIPE of the system (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const SQLSTATE = /^(?:[0-9][0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/
/** The statement conflicted with another one and can be retried. */
const TRANSIENT = new Set(['40001', '40P01'])
/** No such table, schema, column or function. */
const MISSING = new Set(['42P01', '3F000', '42703', '42883'])
/** Not allowed, wrong password, no such role, no such database. */
const NOT_ALLOWED = new Set(['42501', '28000', '28P01', '3D000'])
/** Cancelled, or timed out waiting for a lock. */
const TOO_SLOW = new Set(['57014', '55P03', '25P03', '25P04'])
/** Shut down, too many connections, connection lost, or a read-only server. */
const UNREACHABLE = /^(?:08...|57P0[1-5]|53300|25006)$/
/** The system's codes for a connection that was never established. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'CONNECT_TIMEOUT'])

const codeOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined

/** Returns whether the same statement may succeed if it is retried immediately. */
export const isTransient = (error: unknown): boolean => TRANSIENT.has(codeOf(error) ?? '')

/**
 * Converts an error of the database or the driver to a `ConnectorError`. The original error is only the cause, because
 * it can contain the statement and its values.
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
    return make('CONFIGURATION_ERROR', 'The tables of the store are missing or out of date.', hint)
  }
  if (NOT_ALLOWED.has(state)) {
    const hint = 'Connect as the role that ran migrate(), or grant this role the tables and create a policy for it.'
    return make('CONFIGURATION_ERROR', 'The database does not let this role use the store.', hint)
  }
  if (TOO_SLOW.has(state)) return make('TIMEOUT', 'The database did not respond in time.')
  if (UNREACHABLE.test(state)) {
    const hint = 'Try again later: it restarts, has no free connection, or is read-only.'
    return make('MCP_CONNECTION_ERROR', 'The database of the store is not available.', hint)
  }
  return make('API_INTERNAL_ERROR', `The database refused a statement of the store (SQLSTATE ${state}).`)
}

/** Returns the outcome of a write. A failed statement changed nothing; one whose response was lost may have run. */
function outcomeOf(code: string | undefined, state: string | undefined): Outcome {
  if (state !== undefined) return UNREACHABLE.test(state) && state !== '53300' ? 'unknown' : 'not_processed'
  return code !== undefined && NEVER_SENT.has(code) ? 'not_processed' : 'unknown'
}
