import type { ResponseHeaders } from '../ports/transport.ts'
import { readLimitHeaders } from '../resilience/limit-headers.ts'
import type { LimitReading } from '../resilience/limit-headers.ts'
import type { ConnectorScope } from './connector-scope.ts'

/** What an answer's headers say about waiting, in this provider's way of saying it. */
export const retryAfterOf = (
  { status, headers }: { readonly status: number; readonly headers: ResponseHeaders },
  { profile, clock }: ConnectorScope,
): LimitReading => readLimitHeaders(headers, { status, nowMs: clock.now(), dialect: profile.limitHeaders })
