import { ConnectorError } from './connector-error.ts'

/**
 * Rejects a call that was not sent, at a breaker or a limit, where thousands may be rejected in a second. The error is
 * created once the caller listens, because runtimes do extra work for a promise that is rejected earlier, and because a
 * stack of the stages costs more than the rest and names no function of the app.
 */
export const refuse = (...error: ConstructorParameters<typeof ConnectorError>): Promise<never> =>
  Promise.resolve().then(() => {
    throw new ConnectorError(...error)
  })
