import { ConnectorError } from '../errors/connector-error.ts'
import type { Clock } from '../ports/clock.ts'
import { KeyedRows } from './keyed-rows.ts'
import { PackedWindow } from './packed-window.ts'

export type CircuitState = 'closed' | 'open' | 'half_open'

export interface CircuitChange {
  readonly key: string
  readonly from: CircuitState
  readonly to: CircuitState
  /** Calls and failures that opened it; 0 if it changed for another reason. */
  readonly calls: number
  readonly failures: number
  /** Milliseconds for which it stays open; 0 unless it opened. */
  readonly openMs: number
}

export interface CircuitOptions {
  readonly clock: Pick<Clock, 'monotonic'>
  /**
   * Calls in the window below which it never opens.
   * @default 10
   */
  readonly minimumCalls?: number | undefined
  /**
   * Share of failures, from 0 to 1, at which it opens.
   * @default 0.5
   */
  readonly failureRate?: number | undefined
  /**
   * Length of the window in milliseconds.
   * @default 10_000
   */
  readonly windowMs?: number | undefined
  /**
   * Milliseconds for which it stays open at first. Doubles each time that a probe fails.
   * @default 10_000
   */
  readonly openMs?: number | undefined
  /**
   * Upper bound of `openMs`.
   * @default 60_000
   */
  readonly maxOpenMs?: number | undefined
  /**
   * Calls that test a half-open circuit. It closes when all of them succeed.
   * @default 1
   */
  readonly probes?: number | undefined
  /**
   * Milliseconds after which an unused circuit is dropped, and thereby closed without a change event.
   * @default 300_000
   */
  readonly idleMs?: number | undefined
  /** Receives every change after it is made. Must not throw. */
  readonly onChange?: ((change: CircuitChange) => void) | undefined
}

const BUCKETS = 5
const WINDOW = 1
/**
 * `until` is the state: CLOSED, HALF_OPEN, or the monotonic time until which the circuit is open. Calls are counted
 * only while it is closed, so the cells of their window hold the trial of an open circuit: how often in a row it
 * opened, and how many probes were started and succeeded.
 */
const CELLS = { until: 0, opened: WINDOW, started: WINDOW + 1, succeeded: WINDOW + 2 }

const CLOSED = 0
const HALF_OPEN = -1
/** Wait of a caller while probes are in flight. By then they have closed the circuit or opened it again. */
const PROBING_RETRY_MS = 1000
/** More doublings overflow. */
const MAX_DOUBLINGS = 52

/**
 * Stops calls to a failing provider, separately for each key (a connection, a host).
 *
 * ```ts
 * const token = breaker.acquire(key)
 * if (token < 0) throw new ConnectorError('CIRCUIT_OPEN', '...', { retryAfterMs: -token })
 * ```
 * Return every token once: to `success`, to `failure`, or to `cancel` if the call says nothing about the provider. A
 * token from before the last change is ignored, so a late failure cannot open a circuit that has closed again.
 */
export class CircuitBreaker {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #minimumCalls: number
  readonly #failureRate: number
  readonly #openMs: number
  readonly #maxOpenMs: number
  readonly #probes: number
  readonly #onChange: CircuitOptions['onChange']
  /** Successes first, failures second. */
  readonly #window: PackedWindow
  readonly #rows: KeyedRows<keyof typeof CELLS>

  constructor(options: CircuitOptions) {
    const { clock, minimumCalls = 10, failureRate = 0.5, windowMs = 10_000, openMs = 10_000, probes = 1 } = options
    const { maxOpenMs = Math.max(60_000, openMs), idleMs = 300_000 } = options
    if (!(minimumCalls >= 1 && failureRate > 0 && failureRate <= 1 && windowMs > 0 && openMs > 0 && probes >= 1)) {
      throw new ConnectorError('CONFIGURATION_ERROR', 'The circuit breaker has invalid options.', {
        hint: 'Set minimumCalls and probes to at least 1, failureRate above 0 and at most 1, and durations above 0.',
      })
    }
    this.#clock = clock
    this.#minimumCalls = minimumCalls
    this.#failureRate = failureRate
    this.#openMs = openMs
    this.#maxOpenMs = maxOpenMs
    this.#probes = probes
    this.#onChange = options.onChange
    this.#rows = new KeyedRows({
      cells: CELLS,
      width: WINDOW + PackedWindow.widthOf(BUCKETS),
      clock,
      idleMs: Math.max(idleMs, windowMs),
      isIdle: ({ until, started, succeeded }, row, nowMs) =>
        until.get(row) === HALF_OPEN ? started.get(row) === succeeded.get(row) : until.get(row) <= nowMs,
    })
    this.#window = new PackedWindow(this.#rows, { cell: WINDOW, buckets: BUCKETS, bucketMs: windowMs / BUCKETS })
  }

  /** Number of circuits in memory. */
  get size(): number {
    return this.#rows.size
  }

  /** Returns a positive token if the call can be sent, else the milliseconds to wait as a negative number. */
  acquire(key: string): number {
    const rows = this.#rows
    let row = rows.find(key)
    if (row < 0) row = rows.rowOf(key)
    return rows.columns.until.get(row) === CLOSED ? rows.generation(row) : this.#probe(key, row)
  }

  /** Records that the call succeeded. */
  success(key: string, token: number): void {
    const row = this.#rowOf(key, token)
    if (row < 0) return
    const { until, succeeded } = this.#rows.columns
    const nowMs = this.#clock.monotonic()
    if (until.get(row) === CLOSED) {
      this.#window.addFirst(row, nowMs)
      this.#rows.touch(row, nowMs)
    } else if (succeeded.add(row, 1) >= this.#probes) {
      this.#change(key, row, 'closed', nowMs)
    }
  }

  /** Records that the call failed because of the provider. */
  failure(key: string, token: number): void {
    const row = this.#rowOf(key, token)
    if (row < 0) return
    const nowMs = this.#clock.monotonic()
    if (this.#rows.columns.until.get(row) !== CLOSED) {
      this.#change(key, row, 'open', nowMs)
      return
    }
    this.#window.addSecond(row, nowMs)
    const { first: successes, second: failures } = this.#window.counts(row, nowMs)
    const calls = successes + failures
    if (calls >= this.#minimumCalls && failures >= calls * this.#failureRate) {
      this.#change(key, row, 'open', nowMs, calls, failures)
    } else {
      this.#rows.touch(row, nowMs)
    }
  }

  /** Records that the call was cancelled, so that another probe can be sent. */
  cancel(key: string, token: number): void {
    const row = this.#rowOf(key, token)
    const { until, started } = this.#rows.columns
    if (row >= 0 && until.get(row) !== CLOSED) started.add(row, -1)
  }

  /** Returns the state. An open circuit stays open until the next `acquire`, even after its time. */
  state(key: string): CircuitState {
    const row = this.#rows.find(key)
    return row < 0 ? 'closed' : stateOf(this.#rows.columns.until.get(row))
  }

  /** Returns the row, or -1 if the circuit has changed since the token was given. */
  #rowOf(key: string, token: number): number {
    const row = this.#rows.find(key)
    return row >= 0 && this.#rows.generation(row) === token ? row : -1
  }

  #probe(key: string, row: number): number {
    const { until, started } = this.#rows.columns
    const nowMs = this.#clock.monotonic()
    const openUntil = until.get(row)
    if (openUntil > nowMs) return nowMs - openUntil
    if (openUntil !== HALF_OPEN) return this.#change(key, row, 'half_open', nowMs)
    if (started.get(row) >= this.#probes) return -Math.min(PROBING_RETRY_MS, this.#openMs)
    started.add(row, 1)
    return this.#rows.generation(row)
  }

  /** Changes the state, and returns the token of the new generation. A half-open circuit counts the caller as its first probe. */
  #change(key: string, row: number, to: CircuitState, nowMs: number, calls = 0, failures = 0): number {
    const { until, opened, started } = this.#rows.columns
    const from = stateOf(until.get(row))
    const times = from === 'closed' ? 0 : opened.get(row)
    const openMs = to === 'open' ? Math.min(this.#openMs * 2 ** Math.min(times, MAX_DOUBLINGS), this.#maxOpenMs) : 0
    this.#window.clear(row)
    if (to === 'closed') {
      until.set(row, CLOSED)
    } else if (to === 'open') {
      until.set(row, nowMs + openMs)
      opened.set(row, times + 1)
    } else {
      until.set(row, HALF_OPEN)
      opened.set(row, times)
      started.set(row, 1)
    }
    const token = this.#rows.renew(row)
    this.#rows.touch(row, nowMs)
    this.#onChange?.({ key, from, to, calls, failures, openMs })
    return token
  }
}

const stateOf = (until: number): CircuitState =>
  until === CLOSED ? 'closed' : until === HALF_OPEN ? 'half_open' : 'open'
