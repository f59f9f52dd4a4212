import { ConnectorError } from '../errors/connector-error.ts'

/** The life of one connector in a client: closing it ends everything under way, at once. */
export class Lifetime {
  readonly #closing = new AbortController()
  readonly #underWay = new Set<AbortController>()
  readonly #listeners: ((reason: ConnectorError) => void)[] = []

  get closed(): boolean {
    return this.#closing.signal.aborted
  }

  /** Closing also aborts `controller`. A plain set, since a listener on a signal costs more than the rest of a call. */
  add(controller: AbortController): void {
    this.#underWay.add(controller)
  }

  remove(controller: AbortController): void {
    this.#underWay.delete(controller)
  }

  /** A signal for waiting: ends with the caller's, or with the closing. */
  until(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
  }

  onClose(listener: (reason: ConnectorError) => void): void {
    this.#listeners.push(listener)
  }

  close(): void {
    const reason = new ConnectorError('CANCELLED', 'The client was closed.')
    this.#closing.abort(reason)
    for (const controller of this.#underWay) controller.abort(reason)
    this.#underWay.clear()
    for (const listener of this.#listeners) listener(reason)
  }
}
