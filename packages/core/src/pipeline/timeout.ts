import { isExchange } from '../connector/exchange.ts'
import type { Reply } from '../connector/reply.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { Deadlines, startDeadline } from '../resilience/deadlines.ts'
import { timeLeft } from './call.ts'
import { cancelled } from '../resilience/lifetime.ts'
import type { RequestStage, StageFor } from './stage.ts'
import { watchedStream } from './watched-stream.ts'
import type { WatchedStream } from './watched-stream.ts'

/**
 * Aborts a request on timeout, on the caller's signal, or when the client closes. Rejects immediately, even if the
 * transport ignores the signal.
 */
export const timeout: StageFor<RequestStage> = ({ policies, profile, clock, lifetime, serverId }) => {
  const standardMs = profile.timeoutMs ?? policies.timeouts.requestMs
  const deadlines = new Deadlines(clock, standardMs)
  /** Calls `expire` after the limit. Requests with the standard limit share a timer. */
  const startTimer = (limitMs: number, nowMs: number, expire: () => void): (() => void) => {
    if (limitMs !== standardMs) return startDeadline(clock, limitMs, expire)
    const deadline = deadlines.add(nowMs, expire)
    return () => {
      deadlines.remove(deadline)
    }
  }

  return (next) => (attempt) => {
    const { call, streams } = attempt
    const { signal } = call.options
    if (lifetime.closed) return Promise.reject(new ConnectorError('CANCELLED', 'The client was closed.'))
    if (signal?.aborted) return Promise.reject(cancelled(signal))
    const nowMs = clock.monotonic()
    const requestMs = call.tool.timeoutMs ?? standardMs
    const limitMs = Math.min(requestMs, call.deadline - nowMs)
    if (limitMs <= 0) return Promise.reject(notSent(serverId, call.limitMs))

    const controller = new AbortController()
    attempt.signal = controller.signal
    attempt.refused = undefined
    return new Promise<Reply>((resolve, reject) => {
      let failStream: WatchedStream['fail'] | undefined
      const end = (reason: ConnectorError) => {
        release()
        reject(reason)
        failStream?.(reason)
        controller.abort(reason)
      }
      // If an error status has arrived, it takes precedence over the timeout of its body.
      const onTime = () =>
        end(attempt.refused?.() ?? (attempt.sent ? tooSlow(serverId, limitMs) : notSent(serverId, limitMs)))
      const onCancel = signal && (() => end(cancelled(signal)))
      lifetime.add(end)
      let released = false
      let stopTimer = startTimer(limitMs, nowMs, onTime)
      if (isExchange(attempt.request)) {
        attempt.extend = () => {
          if (released) return
          stopTimer()
          stopTimer = startDeadline(clock, Math.min(limitMs, timeLeft(call, clock)), onTime)
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
          if (streams === undefined || !(reply.body instanceof ReadableStream) || released) {
            release()
            resolve(reply)
            return
          }
          // While the stream is read, an idle limit replaces the request's limit. The call's own limit stays in force.
          stopTimer()
          stopTimer = startDeadline(clock, timeLeft(call, clock), () => end(tooLong(serverId, call.limitMs)))
          const idleMs = streams.idleTimeoutMs ?? requestMs
          const { stream, fail } = watchedStream(reply.body as ReadableStream<Uint8Array>, {
            serverId,
            maxBytes: streams.maxBytes ?? policies.maxResponseBytes,
            startIdle: () => startTimer(idleMs, clock.monotonic(), () => end(silent(serverId, idleMs))),
            onDone: release,
          })
          failStream = fail
          resolve({ ...reply, body: stream })
        },
        (error: unknown) => {
          release()
          reject(error)
        },
      )
    })
  }
}

const tooSlow = (serverId: string, ms: number): ConnectorError =>
  new ConnectorError('TIMEOUT', `${serverId} did not respond within ${Math.round(ms)} ms.`)

const notSent = (serverId: string, ms: number): ConnectorError =>
  new ConnectorError('TIMEOUT', `The request to ${serverId} was not sent within ${Math.round(ms)} ms.`)

const silent = (serverId: string, ms: number): ConnectorError =>
  new ConnectorError('TIMEOUT', `The stream of ${serverId} sent nothing for ${Math.round(ms)} ms.`)

const tooLong = (serverId: string, ms: number): ConnectorError =>
  new ConnectorError('TIMEOUT', `The stream of ${serverId} did not end within ${Math.round(ms)} ms.`)
