import { ConnectorError } from './connector-error.ts'

/**
 * A failure as a caller may have it. An error that is none of ours, such as one of the store, may show what it was about:
 * it becomes the cause of one that does not.
 * @param what failed, as the beginning of a sentence: `Connecting slack`
 */
export const ownFailure = (error: unknown, what: string): ConnectorError =>
  ConnectorError.is(error)
    ? error
    : new ConnectorError(
        'API_INTERNAL_ERROR',
        `${what} failed inside this library or its store.`,
        { hint: 'Look at the cause of this error with causeOf(); it may hold secrets.' },
        { cause: error },
      )
