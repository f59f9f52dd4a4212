import { isExchange } from '../connector/call.ts'
import type { Reply } from '../connector/reply.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { Deadlines } from '../resilience/deadlines.ts'
import { timeLeft } from './connector-scope.ts'
import { cancelled } from './lifetime.ts'
import type { RequestStage, StageFor } from './stage.ts'

/**
 * Ends a request that takes too long, that its caller gives up, or that the closing client leaves behind. It settles
 * at that moment, whatever the transport does with the signal.
 */
export const timeout: StageFor<RequestStage> = ({ policies, profile, clock, lifetime, serverId }) => {
  const standardMs = profile.timeoutMs ?? policies.timeouts.requestMs
  const deadlines = new Deadlines(clock, standardMs)
  /** Calls `expire` in time; nearly all requests have the same limit, and share a timer. */
  const startTimer = (limitMs: number, nowMs: number, expire: () => void): (() => void) => {
    if (limitMs !== standardMs) return clock.schedule(limitMs, expire)
    const deadline = deadlines.add(nowMs, expire)
    return () => {
      deadlines.remove(deadline)
    }
  }

  return (next) => (attempt) => {
    const { call } = attempt
    const { signal } = call.options
    if (lifetime.closed) return Promise.reject(new ConnectorError('CANCELLED', 'The client was closed.'))
    if (signal?.aborted) return Promise.reject(cancelled(signal))
    const nowMs = clock.monotonic()
    const limitMs = Math.min(call.tool.timeoutMs ?? standardMs, call.deadline - nowMs)
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
      const onCancel = signal && (() => end(cancelled(signal)))
      lifetime.add(end)
      let released = false
      let stopTimer = startTimer(limitMs, nowMs, onTime)
      if (isExchange(attempt.request)) {
        attempt.extend = () => {
          if (released) return
          stopTimer()
          stopTimer = clock.schedule(Math.min(limitMs, Math.max(0, timeLeft(call, clock))), onTime)
        }
      }
      const release = () => {
        if (released) return
        released = true
        stopTimer()
        lifetime.remove(end)
        if (onCancel) signal.removeEventListener('abort', onCancel)
      }
      if (onCancel) signal.addEventListener('abort', onCancel, { once: true })
      next(attempt).then(
        (reply) => {
          if (attempt.streams && reply.body instanceof ReadableStream) {
            // A stream goes on after its answer began: only its caller and the closing client may still end it.
            stopTimer()
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
