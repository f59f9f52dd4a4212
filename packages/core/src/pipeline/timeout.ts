import { isExchange } from '../connector/call.ts'
import type { Reply } from '../connector/reply.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { timeLeft } from './connector-scope.ts'
import { cancelled } from './lifetime.ts'
import type { RequestStage, StageFor } from './stage.ts'

/**
 * Ends a request that takes too long, that its caller gives up, or that the closing client leaves behind. It settles
 * at that moment, whatever the transport does with the signal.
 */
export const timeout: StageFor<RequestStage> = ({ policies, profile, clock, lifetime, serverId }) => {
  const standard = profile.timeoutMs ?? policies.timeouts.requestMs
  return (next) => (attempt) => {
    const { call } = attempt
    const { signal } = call.options
    if (lifetime.closed) return Promise.reject(new ConnectorError('CANCELLED', 'The client was closed.'))
    if (signal?.aborted) return Promise.reject(cancelled(signal))
    const limitMs = Math.min(call.tool.timeoutMs ?? standard, timeLeft(call, clock))
    if (limitMs <= 0) return Promise.reject(tooSlow(serverId, call.options.timeoutMs ?? policies.timeouts.callMs))

    const controller = new AbortController()
    attempt.signal = controller.signal
    return new Promise<Reply>((resolve, reject) => {
      const end = (reason: ConnectorError) => {
        release()
        reject(reason)
        controller.abort(reason)
      }
      const onTime = () => end(tooSlow(serverId, limitMs))
      lifetime.add(end)
      let released = false
      let cancelTimer = clock.schedule(limitMs, onTime)
      if (isExchange(attempt.request)) {
        attempt.extend = () => {
          if (released || controller.signal.aborted) return
          cancelTimer()
          cancelTimer = clock.schedule(Math.min(limitMs, Math.max(0, timeLeft(call, clock))), onTime)
        }
      }
      const onCancel = () => end(cancelled(signal))
      signal?.addEventListener('abort', onCancel, { once: true })
      const release = () => {
        released = true
        cancelTimer()
        lifetime.remove(end)
        signal?.removeEventListener('abort', onCancel)
      }
      next(attempt).then(
        (reply) => {
          if (reply.body instanceof ReadableStream) {
            // A stream goes on after its answer began: only its caller and the closing client may still end it.
            cancelTimer()
            resolve({ ...reply, body: afterwards(reply.body as ReadableStream<Uint8Array>, release) })
            return
          }
          release()
          resolve(reply)
        },
        (error: unknown) => {
          release()
          reject(error)
        },
      )
    })
  }
}

/** The same stream, and `done` when it has ended, failed or been left. */
function afterwards(stream: ReadableStream<Uint8Array>, done: () => void): ReadableStream<Uint8Array> {
  const reader = stream.getReader()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const chunk = await reader.read()
        if (!chunk.done) {
          controller.enqueue(chunk.value)
          return
        }
        controller.close()
      } catch (error) {
        controller.error(error)
      }
      done()
    },
    async cancel(reason) {
      done()
      await reader.cancel(reason)
    },
  })
}

const tooSlow = (serverId: string, ms: number): ConnectorError =>
  new ConnectorError('TIMEOUT', `${serverId} did not answer within ${Math.round(ms)} ms.`)
