import pRetry from 'p-retry'

export interface RetryLoopOptions<Result> {
  /** The error of the first attempt. The caller makes that attempt, so a call that succeeds does not pay for the loop. */
  readonly failure: unknown
  /** Maximum number of attempts, including the first. */
  readonly maxAttempts: number
  /**
   * Waits until the next attempt can start. Resolves to false if there must be none. A rejection ends the loop with its own
   * error.
   */
  readonly mayRetry: (failure: unknown) => Promise<boolean>
  /**
   * Makes an attempt.
   * @param number the number of the attempt, starting at 2
   */
  readonly run: (number: number) => Promise<Result>
}

/**
 * Retries an operation whose first attempt failed. Resolves to the first success, or rejects with the last error unchanged.
 *
 * p-retry counts the attempts and ends the loop. Its own delays are off, because only `mayRetry` knows the wait. It would
 * replace a reason that is not an error, and never retry a TypeError, so both are wrapped.
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
