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

  close(): void {
    const reason = new ConnectorError('CANCELLED', 'The client was closed.')
    this.#closing.abort(reason)
    for (const end of this.#ends) end(reason)
    this.#ends.clear()
  }
}
