import type { Attempt } from './call.ts'
import type { Exchange } from '../connector/exchange.ts'
import type { Reply } from '../connector/reply.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { TransportError } from '../ports/transport.ts'
import { connectionFailure } from './connection-failure.ts'

/** Runs the opaque request of a service that does not use HTTP. */
export async function exchange(attempt: Attempt, request: Exchange): Promise<Reply> {
  const { signal, extend = nothing, call } = attempt
  attempt.sent = true
  try {
    const body = await request.run({
      signal,
      extend,
      requestId: call.requestId,
      sign: attempt.signer?.sign,
      sent: (seen) => {
        attempt.sent = seen
      },
    })
    return { status: 200, headers: noHeaders, body }
  } catch (error) {
    const reason: unknown = signal?.reason
    if (ConnectorError.is(reason)) throw reason
    if (!(error instanceof TransportError)) throw await inputFaultOr(error, attempt)
    attempt.sent = error.sent
    throw connectionFailure(error, call.serverId)
  }
}

/** Returns the error about an input that the protocol cannot encode, or `error`. Nothing was sent in the first case. */
async function inputFaultOr(error: unknown, attempt: Attempt): Promise<unknown> {
  if (!(error instanceof TypeError || error instanceof RangeError)) return error
  const { inputFault } = await import('./input-fault.ts')
  const failure = new ConnectorError('API_INTERNAL_ERROR', 'The request could not be encoded.', {}, { cause: error })
  const fault = inputFault(failure, attempt.call)
  if (fault === failure) return error
  attempt.sent = false
  return fault
}

const nothing = () => undefined

const noHeaders = { get: () => null }
