import type { ConnectorError } from './connector-error.ts'

/** Returns an error for the log, without `authorizeUrl`, because the state in it is for the user alone. */
export function loggedError(failure: ConnectorError): object {
  const { authorizeUrl: _forTheUser, ...details } = failure.details
  return { ...failure.toJSON(), details }
}
