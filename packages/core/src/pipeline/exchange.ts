import type { Attempt, Exchange } from '../connector/call.ts'
import type { Reply } from '../connector/reply.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { TransportError } from '../ports/transport.ts'

/** Runs the one opaque request of a service that does not speak HTTP. */
export async function exchange(attempt: Attempt, request: Exchange): Promise<Reply> {
  const { signal, extend = nothing, call } = attempt
  attempt.sent = true
  try {
    const body = await request.run({
      signal,
      extend,
      requestId: call.requestId,
      sign: attempt.sign,
      sent: (seen) => {
        attempt.sent = seen
      },
    })
    return { status: 200, headers: noHeaders, body }
  } catch (error) {
    const reason: unknown = signal?.reason
    if (ConnectorError.is(reason)) throw reason
    if (!(error instanceof TransportError)) throw error
    attempt.sent = error.sent
    throw new ConnectorError('MCP_CONNECTION_ERROR', `${call.serverId} could not be reached.`, {}, { cause: error })
  }
}

const nothing = () => undefined

const noHeaders = { get: () => null }
