import { ConnectorError } from '@mcpclient/core'

/**
 * Returns the error that `work` fails with, for tests that check more of it than one matcher can.
 * @param work a promise, or a function that throws or returns a promise
 * @throws Error if it succeeds, or fails with an error that is not a `ConnectorError`, which then is the cause
 */
export async function errorOf(work: Promise<unknown> | (() => unknown)): Promise<ConnectorError> {
  const running = typeof work === 'function' ? (async () => work())() : work
  const end = await running.then(
    () => undefined,
    (error: unknown) => ({ error }),
  )
  if (end === undefined) throw new Error('It did not fail.')
  if (ConnectorError.is(end.error)) return end.error
  throw new Error('It failed, but not with a ConnectorError.', { cause: end.error })
}
