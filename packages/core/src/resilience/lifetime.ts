import type { Outcome } from '../errors/connector-error.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Clock } from '../ports/clock.ts'
import { startDeadline } from './deadlines.ts'

type End = (reason: ConnectorError) => void

/** The limits of a wait: the caller's signal, and a time limit that ends on the clock's monotonic scale. */
export interface WaitLimits {
  readonly options: { readonly signal?: AbortSignal | undefined }
  readonly limitMs: number
  readonly deadline: number
}

/** Grace period for the request stages, which know more about a sent request than the backstop. */
const BACKSTOP_GRACE_MS = 100

/** The lifetime of one connector in a client. Closing it aborts all its calls immediately. */
export class Lifetime {
  readonly #closing = new AbortController()
  // A set of functions, because a listener on a signal costs more than the rest of a call.
  readonly #ends = new Set<End>()
  readonly #clock: Clock
  #closed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get closed(): boolean {
    return this.#closed
  }

  /** @throws ConnectorError CANCELLED once the client is closed */
  assertOpen(): void {
    if (this.#closed) throw new ConnectorError('CANCELLED', 'The client was closed.', { outcome: 'not_processed' })
  }

  /** Adds a function that is called on close. */
  add(end: End): void {
    this.#ends.add(end)
  }

  remove(end: End): void {
    this.#ends.delete(end)
  }

  /** Returns a signal that aborts with the caller's signal, or when the connector closes. */
  until(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
  }

  /**
   * Waits for a promise within the limits of a call. Rejects with CANCELLED or TIMEOUT. The work behind the promise continues,
   * so that a refreshed grant is still stored.
   * @param what the subject of the wait, for the message: `the credential store`
   * @param outcome whether the provider may have received the request
   */
  race<Value>(
    promise: Promise<Value>,
    limits: WaitLimits,
    what: string | (() => string),
    outcome: Outcome | undefined = 'not_processed',
  ): Promise<Value> {
    return this.#within(promise, limits, what, (reason, reject) => {
      reject(reason.with({ outcome }))
      return undefined
    })
  }

  /**
   * Aborts a call that waits in code outside this library, such as a host's own stage. The `timeout` stage aborts a sent
   * request earlier.
   * @param outcome returns whether the provider may have received the request
   */
  backstop<Value>(promise: Promise<Value>, limits: WaitLimits, outcome: () => Outcome | undefined): Promise<Value> {
    return this.#within(promise, limits, 'a stage or a connector', (reason, reject) => {
      const isUnsent = outcome() === 'not_processed'
      if (isUnsent) {
        reject(reason.with({ outcome: 'not_processed' }))
        return undefined
      }
      return this.#clock.schedule(BACKSTOP_GRACE_MS, () => reject(reason.with({ outcome: outcome() })))
    })
  }

  /** Waits for a promise whose result the call does not need, at most `ms`. Never rejects. */
  async patiently(promise: Promise<unknown>, ms: number): Promise<void> {
    let cancel: (() => void) | undefined
    const over = new Promise<void>((resolve) => {
      cancel = this.#clock.schedule(Math.max(0, ms), resolve)
    })
    await Promise.race([promise.catch(() => undefined), over])
    cancel?.()
  }

  close(): void {
    const reason = new ConnectorError('CANCELLED', 'The client was closed.')
    this.#closed = true
    this.#closing.abort(reason)
    // Each call adds its own details to its error.
    for (const end of this.#ends) end(reason.with({}))
    this.#ends.clear()
  }

  /** @param onEnd rejects now, or later and returns the function that cancels that */
  #within<Value>(
    promise: Promise<Value>,
    { options: { signal }, limitMs, deadline }: WaitLimits,
    what: string | (() => string),
    onEnd: (reason: ConnectorError, reject: (reason: unknown) => void) => (() => void) | undefined,
  ): Promise<Value> {
    return new Promise((resolve, reject) => {
      let cancelEnd: (() => void) | undefined
      const end = (reason: ConnectorError) => {
        release()
        cancelEnd = onEnd(reason, reject)
      }
      const onTime = () => {
        const subject = typeof what === 'string' ? what : what()
        end(
          new ConnectorError(
            'TIMEOUT',
            `The time limit of ${Math.round(limitMs)} ms passed while waiting for ${subject}.`,
          ),
        )
      }
      const onAbort = () => end(cancelled(signal))
      const release = () => {
        stopTimer?.()
        this.remove(end)
        signal?.removeEventListener('abort', onAbort)
      }
      const finish = () => {
        release()
        cancelEnd?.()
      }
      let stopTimer: (() => void) | undefined
      promise.then(resolve, reject).finally(finish)
      if (signal?.aborted) return onAbort()
      this.add(end)
      signal?.addEventListener('abort', onAbort, { once: true })
      stopTimer = startDeadline(this.#clock, deadline - this.#clock.monotonic(), onTime)
    })
  }
}

export const cancelled = (signal: AbortSignal | undefined): ConnectorError =>
  new ConnectorError('CANCELLED', 'The caller cancelled the call.', {}, { cause: signal?.reason })

/** Returns the error of a rejected wait: CANCELLED if the caller's signal aborted it, with any reason. */
export const withCancelled = (error: unknown, signal: AbortSignal | undefined): unknown =>
  signal?.aborted === true && error === signal.reason ? cancelled(signal) : error
