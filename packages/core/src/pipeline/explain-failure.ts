import { causeOf } from '../errors/connector-error.ts'
import type { ConnectorError } from '../errors/connector-error.ts'
import type { Call } from './call.ts'

/** Names the input as the cause of a failure, if a value in it cannot be encoded. Nothing was sent then. */
export async function explainFailure(failure: ConnectorError, call: Call): Promise<ConnectorError> {
  const { code, details } = failure
  const place = details.issues?.[0]?.path
  // A path value names only its template; a schema that throws names nothing.
  const isVague = code === 'INVALID_INPUT' && (place === 'path' || (place === '' && causeOf(failure) !== undefined))
  const isCandidate = code === 'API_INTERNAL_ERROR' || isVague
  if (!isCandidate || call.progress.requests > 0) return failure
  const { inputFault } = await import('./input-fault.ts')
  return inputFault(failure, call)
}
