import type { ResponseHeaders } from '../ports/transport.ts'
import { readLimitHeaders } from '../resilience/limit-headers.ts'
import type { ConnectorContext } from './connector-context.ts'

/**
 * How long an answer's headers ask to wait, in milliseconds, in this provider's way of saying it.
 * @param status what the answer means, which is not always what its HTTP status says
 */
export const retryAfterOf = (
  status: number,
  headers: ResponseHeaders,
  { profile, clock }: ConnectorContext,
): number | undefined =>
  readLimitHeaders(headers, { status, nowMs: clock.now(), dialect: profile.limitHeaders }).retryAfterMs
