import { causeOf, ConnectorError } from '../errors/connector-error.ts'
import type { Call } from './call.ts'
import { findUnencodable } from './find-unencodable.ts'

/**
 * Returns the failure of a call whose input cannot be encoded, with the path of the offending value; else `failure`.
 * Schemas and connectors throw errors of their own over such a value, or name only the place that it was meant for.
 */
export function inputFault(failure: ConnectorError, call: Call): ConnectorError {
  const isText = failure.code === 'INVALID_INPUT' || causeOf(failure) instanceof URIError
  const found = findUnencodable(call.input, isText ? 'path' : 'json')
  if (found === undefined) return failure
  const { path, problem } = found
  const { serverId, toolName, requestId } = call
  const where = path === '' ? 'the input' : path
  return new ConnectorError(
    'INVALID_INPUT',
    `${toolName} cannot be sent: ${where} ${problem}.`,
    { serverId, toolName, requestId, issues: [{ path, message: `It ${problem}.` }], outcome: 'not_processed' },
    { cause: failure },
  )
}
