import { causeOf } from '../errors/connector-error.ts'
import type { ConnectorError } from '../errors/connector-error.ts'
import type { Call } from './call.ts'

/** Returns an error about the input if a value in it cannot be encoded, and nothing was sent; else `failure`. */
export async function explainFailure(failure: ConnectorError, call: Call): Promise<ConnectorError> {
  const { code, details } = failure
  const place = details.issues?.[0]?.path
  // An invalid path value names only `path`, and a schema that throws names nothing.
  const isVague = code === 'INVALID_INPUT' && (place === 'path' || (place === '' && causeOf(failure) !== undefined))
  const isCandidate = code === 'API_INTERNAL_ERROR' || isVague
  if (!isCandidate || call.progress.requests > 0) return failure
  const { inputFault } = await import('./input-fault.ts')
  return inputFault(failure, call)
}
