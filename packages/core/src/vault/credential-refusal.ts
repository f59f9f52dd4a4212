import { ConnectorError } from '../errors/connector-error.ts'

/** The reason of a call that was rejected with 401 although its token is fresh. */
export const REFUSED_AFTER_REFRESH = 'refused_after_refresh'

/** A word for programs. Anything else came from outside, and does not belong in the audit. */
const WORD = /^[a-zA-Z]+(?:_[a-zA-Z0-9]+)*$/
const MAX_WORD_LENGTH = 48

/** Returns whether the provider rejected the credential. */
export const isRejection = (error: unknown): boolean =>
  ConnectorError.is(error) && error.code === 'MCP_AUTHENTICATION_FAILURE'

/** Returns whether the provider accepted the credential, but does not allow the request. */
export const isForbidden = (error: unknown): boolean =>
  ConnectorError.is(error) && error.code === 'MCP_CLIENT_ERROR' && error.details.status === 403

/** Returns the failure of a request that was rejected although its token is fresh. */
export function refusedAfterRefresh(failure: unknown): unknown {
  if (!ConnectorError.is(failure) || failure.details.reason !== undefined) return failure
  return failure.with({
    reason: REFUSED_AFTER_REFRESH,
    hint: 'The provider rejects a fresh token too: check what the account and the app may do there.',
  })
}

/** Returns the outcome for the audit: refused by the provider or by the host's own policy, or failed. */
export const auditOutcome = (error: unknown): 'refused' | 'failed' =>
  isRejection(error) || (ConnectorError.is(error) && error.code === 'PERMISSION_DENIED') ? 'refused' : 'failed'

/** Returns the reason of a failure in one word, for the audit. */
export function reasonOf(error: unknown): string {
  if (!ConnectorError.is(error)) return 'unknown'
  const { reason } = error.details
  return reason !== undefined && reason.length <= MAX_WORD_LENGTH && WORD.test(reason) ? reason : error.code
}
