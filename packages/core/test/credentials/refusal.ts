import { ConnectorError } from '../../src/errors/connector-error.ts'

/** The error that `work` has to end in. */
export async function refusal(work: Promise<unknown>): Promise<ConnectorError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!ConnectorError.is(error)) throw new Error('This should have been refused.', { cause: error })
  return error
}
