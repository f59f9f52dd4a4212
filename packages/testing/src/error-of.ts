import { ConnectorError } from '@mcpclient/core'

/**
 * The error that `work` ends in: for tests that look at more of a refusal than one matcher says.
 * @throws Error if it ends well, or in an error that is no `ConnectorError`, which then is the cause
 */
export async function errorOf(work: Promise<unknown>): Promise<ConnectorError> {
  const end = await work.then(
    () => undefined,
    (error: unknown) => ({ error }),
  )
  if (end === undefined) throw new Error('It did not fail.')
  if (ConnectorError.is(end.error)) return end.error
  throw new Error('It failed, but not with a ConnectorError.', { cause: end.error })
}
