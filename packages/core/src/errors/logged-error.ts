import type { ConnectorError } from './connector-error.ts'

/** Returns an error as it is logged. The URL is for the user alone, because its state could replace the provider's response. */
export function loggedError(failure: ConnectorError): object {
  const { authorizeUrl: _forTheUser, ...details } = failure.details
  return { ...failure.toJSON(), details }
}
