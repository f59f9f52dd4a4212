import { ConnectorError } from '../errors/connector-error.ts'

type End = (reason: ConnectorError) => void

/** The life of one connector in a client: closing it ends everything under way, at once. */
export class Lifetime {
  readonly #closing = new AbortController()
  // A plain set of functions, since a listener on a signal costs more than the rest of a call.
  readonly #ends = new Set<End>()

  get closed(): boolean {
    return this.#closing.signal.aborted
  }

  /** Closing calls `end`. */
  add(end: End): void {
    this.#ends.add(end)
  }

  remove(end: End): void {
    this.#ends.delete(end)
  }

  /** A signal for waiting: ends with the caller's, or with the closing. */
  until(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
  }

  /** What `promise` answers, unless the caller gives up or the client is closed first: then nothing has been sent yet. */
  race<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
    return new Promise((resolve, reject) => {
      const end = (reason: ConnectorError) => {
        release()
        reject(reason.with({ outcome: 'not_processed' }))
      }
      const onAbort = () => end(cancelled(signal))
      const release = () => {
        this.remove(end)
        signal?.removeEventListener('abort', onAbort)
      }
      if (signal?.aborted) return onAbort()
      this.add(end)
      signal?.addEventListener('abort', onAbort, { once: true })
      promise.then(resolve, reject).finally(release)
    })
  }

  close(): void {
    const reason = new ConnectorError('CANCELLED', 'The client was closed.')
    this.#closing.abort(reason)
    // Each call adds its own facts to the error it gets.
    for (const end of this.#ends) end(reason.with({}))
    this.#ends.clear()
  }
}

export const cancelled = (signal: AbortSignal | undefined): ConnectorError =>
  new ConnectorError('CANCELLED', 'The caller cancelled the call.', {}, { cause: signal?.reason })
