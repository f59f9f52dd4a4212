import pRetry from 'p-retry'

export interface RetryLoopOptions<Result> {
  /** The reason of the first attempt. The caller makes that one, so a call that succeeds does not pay for the loop. */
  readonly failure: unknown
  /** Attempts in all, including the first. */
  readonly maxAttempts: number
  /**
   * Waits until the next attempt may start. Resolves with false if there must be none. A rejection ends the loop with
   * its own reason.
   */
  readonly mayRetry: (failure: unknown) => Promise<boolean>
  /**
   * Makes an attempt.
   * @param number counts attempts, so it starts with 2
   */
  readonly run: (number: number) => Promise<Result>
}

/**
 * Repeats an operation whose first attempt has failed. Resolves with the first success, or rejects with the last failure
 * as it was thrown.
 *
 * p-retry counts the attempts and ends the loop. Its own delays are off, because only `mayRetry` can tell how long to
 * wait. It would replace a reason that is not an error, and never retry a TypeError, so both are wrapped.
 */
export async function retryLoop<Result>(options: RetryLoopOptions<Result>): Promise<Result> {
  const { failure, maxAttempts, mayRetry, run } = options
  const attempt = async (number: number): Promise<Result> => {
    try {
      if (number === 1) throw failure
      return await run(number)
    } catch (reason) {
      throw reason instanceof Error && !(reason instanceof TypeError) ? reason : new Wrapped(reason)
    }
  }
  try {
    return await pRetry(attempt, {
      retries: maxAttempts - 1,
      minTimeout: 0,
      shouldRetry: ({ error }) => mayRetry(unwrap(error)),
    })
  } catch (error) {
    throw unwrap(error)
  }
}

class Wrapped extends Error {
  readonly reason: unknown
  constructor(reason: unknown) {
    super('An attempt failed.')
    this.reason = reason
  }
}

const unwrap = (error: unknown): unknown => (error instanceof Wrapped ? error.reason : error)
