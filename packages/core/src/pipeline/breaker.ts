import { ConnectorError, isLasting } from '../errors/connector-error.ts'
import { refuse } from '../errors/refuse.ts'
import type { Attempt } from './call.ts'
import type { Reply } from '../connector/reply.ts'
import type { RequestStage, StageFor } from './stage.ts'

/**
 * Stops sending to a connection that keeps failing, and sends a few probes until it works again.
 *
 * A failure is a sign that the service is down: no response, a timeout, a 5xx, a host that is unknown or refuses to connect.
 * A 4xx is a success. A request that this process could not send, and a certificate that it rejected, do not count. A stream
 * that fails counts as a failure after the success of its response, unless it took too long.
 */
export const breaker: StageFor<RequestStage> = ({ circuit, serverId }) => {
  const learn = (attempt: Attempt, error: unknown): void => {
    const { key } = attempt.call.connection
    if (ConnectorError.is(error) && error.code !== 'TIMEOUT' && failures.has(error.code)) {
      circuit.failure(key, circuit.acquire(key))
    }
  }
  return (next) => (attempt) => {
    attempt.onStreamFailure?.add(learn)
    const { key } = attempt.call.connection
    const token = circuit.acquire(key)
    if (token < 0) {
      return refuse('CIRCUIT_OPEN', `${serverId} has been failing, so nothing was sent.`, {
        retryAfterMs: Math.ceil(-token),
        outcome: 'not_processed',
      })
    }
    let reply: Promise<Reply>
    try {
      reply = next(attempt)
    } catch (error) {
      // A stage of the host that throws instead of rejecting must not block a probe forever.
      circuit.cancel(key, token)
      throw error
    }
    return reply.then(
      (received) => {
        circuit.success(key, token)
        return received
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
  // The time limit passed before anything was sent, for example while reading the store.
  if (error.code === 'TIMEOUT' && !sent) return 'nothing'
  // A rejected certificate says nothing about the service or the credential.
  if (isLasting(error.details.reason)) return 'nothing'
  if (failures.has(error.code)) return 'failure'
  // A request that was cancelled, or rejected before it was sent, says nothing about the service.
  return sent && error.code !== 'CANCELLED' ? 'success' : 'nothing'
}
