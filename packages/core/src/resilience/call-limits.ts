import { ConnectorError } from '../errors/connector-error.ts'
import { MAX_REQUEST_ID_LENGTH } from '../errors/shown-name.ts'

/** Maximum delay of a timer. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1
/** Maximum number of pages that a call holds in memory. `pages()` has no such limit. */
const MAX_PAGES = 100_000

/**
 * Validates the limits of a call.
 * @throws ConnectorError INVALID_INPUT if a value is not a limit
 */
export function assertLimits(options: { readonly timeoutMs?: unknown; readonly maxPages?: unknown }): void {
  const { timeoutMs, maxPages } = options
  if (timeoutMs !== undefined && !(typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS)) {
    throw invalid('timeoutMs', `a number of milliseconds up to ${MAX_TIMEOUT_MS}`)
  }
  const isCount = typeof maxPages === 'number' && Number.isInteger(maxPages) && maxPages >= 1 && maxPages <= MAX_PAGES
  if (maxPages !== undefined && !isCount) throw invalid('maxPages', `a whole number from 1 to ${MAX_PAGES}`)
}

const invalid = (path: string, what: string): ConnectorError =>
  new ConnectorError('INVALID_INPUT', `${path} must be ${what}.`, {
    issues: [{ path, message: `must be ${what}` }],
    hint: `Pass ${what}, or leave ${path} out for the default.`,
    outcome: 'not_processed',
  })

export function assertRequestId(requestId: unknown): void {
  if (typeof requestId === 'string' && requestId !== '' && requestId.length <= MAX_REQUEST_ID_LENGTH) return
  throw new ConnectorError('INVALID_INPUT', 'The requestId is invalid.', {
    hint: `Pass a string of 1 to ${MAX_REQUEST_ID_LENGTH} characters, or leave it out.`,
    outcome: 'not_processed',
  })
}
