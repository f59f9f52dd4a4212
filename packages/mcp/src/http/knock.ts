import { ConnectorError } from '@mcpclient/core'
import type { Knock } from '../auth/server-auth.ts'
import type { ServerSetup } from '../server-setup.ts'
import { visit } from './check-exchange.ts'
import { challengeIn } from './refusal.ts'

/**
 * Comes without a credential, to hear what the server wants.
 * @throws ConnectorError if it could not be reached, or answers in another way than by yes or no
 */
export async function knock(setup: ServerSetup, signal: AbortSignal | undefined): Promise<Knock> {
  const late = new AbortController()
  const cancel = setup.clock.schedule(setup.connectTimeoutMs, () => {
    late.abort(new ConnectorError('TIMEOUT', 'The server did not answer in time.', { outcome: 'not_processed' }))
  })
  try {
    const either = signal === undefined ? late.signal : AbortSignal.any([late.signal, signal])
    const enter = () => visit(setup, { signal: either, requestId: crypto.randomUUID() })
    // A connection that was kept for reuse may have been closed by the server meanwhile; entering once more does no harm.
    await enter().catch((error: unknown) => {
      const isLost = ConnectorError.is(error) && error.code === 'MCP_CONNECTION_ERROR' && !either.aborted
      if (!isLost) throw error
      return enter()
    })
    return { open: true }
  } catch (error) {
    const challenge = challengeIn(error)
    if (challenge !== undefined) return { open: false, challenge }
    throw error
  } finally {
    cancel()
  }
}
