import { ConnectorError } from '../errors/connector-error.ts'

export interface WatchedStreamContext {
  readonly serverId: string
  /** Maximum number of decoded bytes. */
  readonly maxBytes: number
  /** Starts the idle timer. Returns the function that stops it. */
  startIdle(): () => void
  /** Called once the stream has ended, failed or been cancelled. */
  onDone(): void
}

export interface WatchedStream {
  readonly stream: ReadableStream<Uint8Array>
  /** Fails the stream immediately, even if the source never settles. */
  fail(reason: ConnectorError): void
}

/**
 * Limits a byte stream while it is read. The source is read only while a consumer waits, so a slow consumer never causes an
 * idle timeout.
 */
export function watchedStream(
  source: ReadableStream<Uint8Array>,
  { serverId, maxBytes, startIdle, onDone }: WatchedStreamContext,
): WatchedStream {
  const reader = source.getReader()
  let output: ReadableStreamDefaultController<Uint8Array> | undefined
  let size = 0
  let isOver = false
  const finish = (): boolean => {
    if (isOver) return false
    isOver = true
    onDone()
    return true
  }
  /** Cancels the source without waiting for it, because it may never settle. */
  const cancelSource = (reason: unknown): void => {
    reader.cancel(reason).catch(() => undefined)
  }
  const fail = (reason: unknown): void => {
    if (!finish()) return
    output?.error(reason)
    cancelSource(reason)
  }
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        output = controller
      },
      async pull(controller) {
        const stopIdle = startIdle()
        try {
          const { done, value } = await reader.read()
          if (isOver) return
          if (done) {
            finish()
            controller.close()
            return
          }
          size += value.byteLength
          if (size > maxBytes) fail(tooLong(serverId, maxBytes))
          else controller.enqueue(value)
        } catch (error) {
          fail(error)
        } finally {
          stopIdle()
        }
      },
      cancel(reason) {
        finish()
        cancelSource(reason)
      },
    },
    { highWaterMark: 0 },
  )
  return { stream, fail }
}

const tooLong = (serverId: string, maxBytes: number): ConnectorError =>
  new ConnectorError('DATA_TRANSFORMATION_ERROR', `The stream of ${serverId} is longer than ${maxBytes} bytes.`, {
    hint: "Request less data, raise maxResponseBytes, or set maxBytes in the tool's stream.",
  })
