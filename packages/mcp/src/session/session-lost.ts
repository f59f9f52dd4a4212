import type { ConnectorError } from '@mcpclient/core'
import type { LossReason } from './supervisor.ts'

/** A request failed because its session is over. `forgotten` means that the server did not run the request. */
export class SessionLost extends Error {
  override readonly name = 'SessionLost'
  readonly how: LossReason
  /** What the caller is told if nothing can be done. */
  readonly error: ConnectorError

  constructor(how: LossReason, error: ConnectorError) {
    super(error.message, { cause: error })
    this.how = how
    this.error = error
  }
}
