import { ConnectorError, isLasting } from '../errors/connector-error.ts'
import type { Attempt } from './call.ts'
import type { Reply } from '../connector/reply.ts'
import type { RequestStage, StageFor } from './stage.ts'

/**
 * Stops sending to a connection that keeps failing, and lets a few probes find out when it works again.
 *
 * Counts what says that the service is down: no response, too slow, 5xx, an unknown or refusing host. A 4xx counts as a
 * response. What this process itself could not send, or did not trust enough to send to, counts neither way.
 */
export const breaker: StageFor<RequestStage> = ({ circuit, serverId }) => {
  return (next) => (attempt) => {
    const { key } = attempt.call.connection
    const token = circuit.acquire(key)
    if (token < 0) return refuse(serverId, -token)
    let answer: Promise<Reply>
    try {
      answer = next(attempt)
    } catch (error) {
      // A stage of the host that throws instead of rejecting must not keep a probe's place for ever.
      circuit.cancel(key, token)
      throw error
    }
    return answer.then(
      (reply) => {
        circuit.success(key, token)
        return reply
      },
      (error: unknown) => {
        const verdict = verdictOn(error, attempt)
        if (verdict === 'failure') circuit.failure(key, token)
        else if (verdict === 'success') circuit.success(key, token)
        else circuit.cancel(key, token)
        throw error
      },
    )
  }
}

const failures = new Set(['MCP_CONNECTION_ERROR', 'TIMEOUT', 'MCP_SERVER_ERROR'])

function verdictOn(error: unknown, { sent }: Attempt): 'failure' | 'success' | 'nothing' {
  if (!ConnectorError.is(error)) return 'nothing'
  // A time limit that passed before anything was sent, for example in the store.
  if (error.code === 'TIMEOUT' && !sent) return 'nothing'
  // A certificate that is not accepted says nothing about the service or the credential.
  if (isLasting(error.details.reason)) return 'nothing'
  if (failures.has(error.code)) return 'failure'
  // Cancelled, or refused before it was sent: that says nothing about the service.
  return sent && error.code !== 'CANCELLED' ? 'success' : 'nothing'
}

const refuse = (serverId: string, retryAfterMs: number): Promise<never> =>
  Promise.reject(
    new ConnectorError('CIRCUIT_OPEN', `${serverId} has been failing, so nothing was sent.`, {
      retryAfterMs: Math.ceil(retryAfterMs),
      outcome: 'not_processed',
    }),
  )
