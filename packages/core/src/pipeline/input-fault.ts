import { causeOf, ConnectorError } from '../errors/connector-error.ts'
import type { Call } from './call.ts'
import { findUnencodable } from './find-unencodable.ts'

/**
 * Returns an error with the path of the input value that cannot be encoded, or `failure` if there is none. Schemas and
 * connectors throw errors that do not name such a value.
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
