import pRetry from 'p-retry'
import type { Attempt } from './call.ts'
import { codes } from '../errors/codes.ts'
import type { ErrorCode } from '../errors/codes.ts'
import { annotate, ConnectorError, isLasting } from '../errors/connector-error.ts'
import { sleep } from '../ports/clock.ts'
import { fullJitter } from '../resilience/backoff.ts'
import { RetryBudget } from '../resilience/retry-budget.ts'
import { aboutAttempt, timeLeft } from './call.ts'
import type { ConnectorContext } from './connector-context.ts'
import { cancelled, withCancelled } from './lifetime.ts'
import type { RequestStage, StageFor } from './stage.ts'

/**
 * Sends a request again where that is safe and can help.
 *
 * A read, an idempotent write and a write under an idempotency key are sent again after any failure that may pass.
 * Any other write is sent again only with proof that the provider did not process it. p-retry counts and ends the
 * loop; whether and when is decided here, since it depends on the effect, the provider's word and the time left.
 */
export const retry: StageFor<RequestStage> = (scope) => {
  const { attempts } = scope.policies.retry
  const budget = new RetryBudget({ clock: scope.clock })
  return (next) => (attempt) => {
    const now = scope.clock.monotonic()
    budget.deposit(scope.serverId, now)
    budget.deposit(attempt.call.connection.key, now)
    attempt.number = 1
    return next(attempt).catch((failure: unknown) => {
      if (attempts <= 1 || !mayRepeat(attempt, failure)) throw settled(attempt, failure)
      let current = attempt
      let wasSent = false
      return pRetry(
        (number) => {
          // The first attempt has been made, outside of the loop, so that a call which goes well does not pay for it.
          if (number === 1) throw failure
          // An object of its own: what the previous attempt still waits for must not send this one.
          current = { ...attempt, number, sent: false, signal: undefined, sign: undefined, extend: undefined }
          return next(current)
        },
        {
          retries: attempts - 1,
          minTimeout: 0,
          shouldRetry: ({ error }) => {
            wasSent ||= mayHaveHappened(current, error)
            return waitFor(error, current, scope, budget)
          },
        },
      ).catch((error: unknown) => {
        // p-retry replaces a reason that is no Error with one of its own.
        const { signal } = attempt.call.options
        const end = signal?.aborted && !ConnectorError.is(error) ? cancelled(signal) : error
        const isUnsure = wasSent && !current.sent && attempt.effect !== 'read' && ConnectorError.is(end)
        // The last attempt may not have left; an earlier one did.
        throw settled(current, isUnsure ? annotate(end, { outcome: 'unknown' }) : end)
      })
    })
  }
}

/** Even a call without a time limit does not wait longer than this. */
const MAX_RETRY_WAIT_MS = 24 * 3_600_000

/** Waits until the request may be sent again; false if it must not, or not in time. */
async function waitFor(
  error: unknown,
  attempt: Attempt,
  { policies, clock, random, lifetime, emit, logger }: ConnectorContext,
  budget: RetryBudget,
): Promise<boolean> {
  const { call } = attempt
  if (!mayRepeat(attempt, error)) return false
  const backoffMs = fullJitter(attempt.number, policies.retry, random)
  const delayMs = Math.max(backoffMs, error.details.retryAfterMs ?? 0)
  // Waiting longer than the caller does helps nobody: the failure, with its retryAfterMs, goes up now.
  if (delayMs >= timeLeft(call, clock) || delayMs > MAX_RETRY_WAIT_MS) return false
  if (!budget.withdraw(call.connection.key, call.serverId)) {
    logger.warn(
      { event: 'request.not_retried', ...aboutAttempt(attempt), code: error.code },
      'Not retried: too many retries already.',
    )
    return false
  }
  emit('request.retrying', () => ({ ...aboutAttempt(attempt), code: error.code, delayMs }))
  logger.info({ event: 'request.retrying', ...aboutAttempt(attempt), code: error.code, delayMs }, 'Retrying a request.')
  const { signal } = call.options
  try {
    await sleep(clock, delayMs, lifetime.until(signal))
  } catch (reason) {
    throw withCancelled(reason, signal)
  }
  return true
}

function mayRepeat(attempt: Attempt, error: unknown): error is ConnectorError {
  // The table, not `error.retryable`: whether an unknown outcome forbids a repeat is decided below.
  if (!ConnectorError.is(error) || !codes[error.code].retryable || isLasting(error.details.reason)) return false
  // A session that was not opened in its own time limit: another attempt would multiply that limit. A socket that did
  // not connect is an MCP_CONNECTION_ERROR with the same reason, and may be tried again.
  if (error.code === 'TIMEOUT' && error.details.reason === 'connect_timeout') return false
  // Refused in here, by the breaker or the limiter: they know when it can help, and have said so.
  if (error.code === 'CIRCUIT_OPEN' || (error.code === 'MCP_RATE_LIMIT_EXCEEDED' && !attempt.sent)) return false
  return attempt.repeatable || !attempt.sent || error.details.outcome === 'not_processed'
}

/** The failure for the caller: with the number of attempts, the outcome of a write, and advice that fits it. */
function settled(attempt: Attempt, error: unknown): unknown {
  if (!ConnectorError.is(error)) return error
  const { effect, number, sent, call } = attempt
  if (effect === 'read') return annotate(error, { attempts: number })
  const { details } = error
  const outcome = details.outcome ?? (!sent || refusals.has(error.code) ? 'not_processed' : 'unknown')
  if (outcome !== 'unknown') return annotate(error, { attempts: number, outcome })
  const check = call.tool.reconcile ?? codes.OUTCOME_UNKNOWN.advice
  // The hint of a failure that can pass by itself could invite to send it again. That of a lost connection says how it was
  // lost, such as how a program ended.
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

/** How a provider says that it will not do what it was asked. After anything else, it may have done it. */
const refusals = new Set<ErrorCode>([
  'MCP_CLIENT_ERROR',
  'MCP_AUTHENTICATION_FAILURE',
  'MCP_RATE_LIMIT_EXCEEDED',
  'QUOTA_EXCEEDED',
  'PERMISSION_DENIED',
  'INVALID_INPUT',
])
