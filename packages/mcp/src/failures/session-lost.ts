import type { ConnectorError } from '@mcpclient/core'

/**
 * The reason why a session ended. `expired`: the server does not know the session any more and did not run the request. `closed`:
 * the connection is gone.
 */
export type LossReason = 'expired' | 'closed'

/** Thrown for a request whose session ended. */
export class SessionLost extends Error {
  override readonly name = 'SessionLost'
  readonly reason: LossReason
  /** The failure to report if the request cannot be sent again. */
  readonly failure: ConnectorError

  constructor(reason: LossReason, failure: ConnectorError) {
    super(failure.message, { cause: failure })
    this.reason = reason
    this.failure = failure
  }
}
