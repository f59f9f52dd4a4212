import type { Attempt } from './call.ts'
import { codes } from '../errors/codes.ts'
import type { ErrorCode } from '../errors/codes.ts'
import { annotate, ConnectorError, isLasting } from '../errors/connector-error.ts'
import { sleep } from '../ports/clock.ts'
import { fullJitter } from '../resilience/backoff.ts'
import { RetryBudget } from '../resilience/retry-budget.ts'
import { retryLoop } from '../resilience/retry-loop.ts'
import { aboutAttempt, timeLeft } from './call.ts'
import type { ConnectorContext } from './connector-context.ts'
import { withCancelled } from '../resilience/lifetime.ts'
import type { RequestStage, StageFor } from './stage.ts'

/**
 * Retries a request if that is safe and can succeed.
 *
 * A read, an idempotent write and a write with an idempotency key are retried after every temporary failure. Any other
 * write is retried only if the provider provably did not process it.
 */
export const retry: StageFor<RequestStage> = (scope) => {
  const { attempts: maxAttempts } = scope.policies.retry
  const budget = new RetryBudget({ clock: scope.clock })
  return (next) => (attempt) => {
    const now = scope.clock.monotonic()
    budget.deposit(scope.serverId, now)
    budget.deposit(attempt.call.connection.key, now)
    attempt.number = 1
    return next(attempt).catch((failure: unknown) => {
      if (maxAttempts <= 1 || !mayRepeat(attempt, failure)) throw withOutcome(attempt, failure)
      let current = attempt
      let mayBeDone = false
      return retryLoop({
        failure,
        maxAttempts,
        mayRetry: (error) => {
          mayBeDone ||= mayHaveHappened(current, error)
          return waitToRepeat(current, error, scope, budget)
        },
        run: (number) => {
          current = nextAttempt(attempt, number)
          return next(current)
        },
      }).catch((reason: unknown) => {
        const error = withCancelled(reason, attempt.call.options.signal)
        // The last attempt was not sent, but an earlier one was.
        const isUnsure = mayBeDone && !current.sent && attempt.effect !== 'read' && ConnectorError.is(error)
        throw withOutcome(current, isUnsure ? annotate(error, { outcome: 'unknown' }) : error)
      })
    })
  }
}

/** Creates the next attempt. It is a new object, because work that the previous attempt left behind must not send it. */
const nextAttempt = (first: Attempt, number: number): Attempt => ({
  ...first,
  number,
  sent: false,
  signal: undefined,
  signer: undefined,
  extend: undefined,
  blocks: undefined,
})

/** Maximum wait before one retry, even for a call without a time limit. */
const MAX_RETRY_WAIT_MS = 24 * 3_600_000

/** Waits until the request can be retried. Resolves to false if it must not be retried, or not in time. */
async function waitToRepeat(
  attempt: Attempt,
  error: unknown,
  { policies, clock, random, lifetime, emit, logger }: ConnectorContext,
  budget: RetryBudget,
): Promise<boolean> {
  const { call } = attempt
  if (!mayRepeat(attempt, error)) return false
  const backoffMs = fullJitter(attempt.number, policies.retry, random)
  const delayMs = Math.max(backoffMs, error.details.retryAfterMs ?? 0)
  // A wait beyond the time limit of the call cannot help, so the failure is thrown now, with its retryAfterMs.
  if (delayMs >= timeLeft(call, clock) || delayMs > MAX_RETRY_WAIT_MS) return false
  if (!budget.withdraw(call.connection.key, call.serverId)) {
    logger.warn(
      { event: 'request.not_retried', ...aboutAttempt(attempt), code: error.code },
      'Not retried: the retry budget is exhausted.',
    )
    return false
  }
  emit('request.retrying', () => ({ ...aboutAttempt(attempt), code: error.code, delayMs }))
  logger.info({ event: 'request.retrying', ...aboutAttempt(attempt), code: error.code, delayMs }, 'Retrying a request.')
  await sleep(clock, delayMs, lifetime.until(call.options.signal))
  return true
}

/** Returns whether a retry is safe and can succeed. */
function mayRepeat(attempt: Attempt, error: unknown): error is ConnectorError {
  // Not `error.retryable`, because the last line decides whether an unknown outcome forbids a retry.
  if (!ConnectorError.is(error) || !codes[error.code].retryable || isLasting(error.details.reason)) return false
  // The session was not opened within its own time limit, which another attempt would multiply. A socket that did not
  // connect is an MCP_CONNECTION_ERROR with the same reason, and is retried.
  if (error.code === 'TIMEOUT' && error.details.reason === 'connect_timeout') return false
  // The breaker or the limiter rejected it, and set retryAfterMs.
  if (error.code === 'CIRCUIT_OPEN' || (error.code === 'MCP_RATE_LIMIT_EXCEEDED' && !attempt.sent)) return false
  return attempt.repeatable || !attempt.sent || error.details.outcome === 'not_processed'
}

/** Adds the number of attempts, the outcome of a write, and advice that fits it. */
function withOutcome(attempt: Attempt, error: unknown): unknown {
  if (!ConnectorError.is(error)) return error
  const { effect, number, sent, call } = attempt
  if (effect === 'read') return annotate(error, { attempts: number })
  const { details } = error
  const outcome = details.outcome ?? (!sent || refusals.has(error.code) ? 'not_processed' : 'unknown')
  if (outcome !== 'unknown') return annotate(error, { attempts: number, outcome })
  const check = call.tool.reconcile ?? codes.OUTCOME_UNKNOWN.advice
  // The hint of a temporary failure may suggest a retry, so it is dropped. The hint of a lost connection is kept.
  const keepsHint = !codes[error.code].retryable || error.code === 'MCP_CONNECTION_ERROR'
  const hint = keepsHint && details.hint !== undefined ? `${check} ${details.hint}` : check
  const unknown = { attempts: number, outcome, hint }
  const isLost = error.code === 'MCP_CONNECTION_ERROR' || error.code === 'TIMEOUT'
  if (!sent || !isLost || attempt.repeatable) return annotate(error, unknown)
  return new ConnectorError(
    'OUTCOME_UNKNOWN',
    `${call.toolName} was sent to ${call.serverId}, but no response arrived (${error.message})`,
    { ...details, ...unknown },
    { cause: error },
  )
}

/** Returns whether a failed attempt may have changed something at the provider. */
const mayHaveHappened = ({ sent }: Attempt, error: unknown): boolean =>
  sent && !(ConnectorError.is(error) && (error.details.outcome === 'not_processed' || refusals.has(error.code)))

/** Codes of requests that the provider rejected. After any other code, it may have processed the request. */
const refusals = new Set<ErrorCode>([
  'MCP_CLIENT_ERROR',
  'MCP_AUTHENTICATION_FAILURE',
  'MCP_RATE_LIMIT_EXCEEDED',
  'QUOTA_EXCEEDED',
  'PERMISSION_DENIED',
  'INVALID_INPUT',
])
