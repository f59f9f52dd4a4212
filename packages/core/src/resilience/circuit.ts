import { ConnectorError } from '../errors/connector-error.ts'
import type { Clock } from '../ports/clock.ts'
import { cell, KeyedRows } from './keyed-rows.ts'
import { PackedWindow } from './packed-window.ts'

export type CircuitState = 'closed' | 'open' | 'half_open'

export interface CircuitChange {
  readonly key: string
  readonly from: CircuitState
  readonly to: CircuitState
  /** Calls and failures that opened it; 0 where the change has another reason. */
  readonly calls: number
  readonly failures: number
  /** How long it stays open, in milliseconds; 0 unless it opened. */
  readonly openMs: number
}

export interface CircuitOptions {
  readonly clock: Pick<Clock, 'monotonic'>
  /** Fewer calls than this in the window say nothing. Default 10. */
  readonly minimumCalls?: number | undefined
  /** Share of failures, from 0 to 1, at which it opens. Default 0.5. */
  readonly failureRate?: number | undefined
  /** Milliseconds that are looked back over. Default 10,000. */
  readonly windowMs?: number | undefined
  /** Milliseconds it stays open at first; doubled each time that a probe fails. Default 10,000. */
  readonly openMs?: number | undefined
  /** Most milliseconds it stays open. Default 60,000. */
  readonly maxOpenMs?: number | undefined
  /** Calls let through to try whether the provider is back; all of them must succeed. Default 1. */
  readonly probes?: number | undefined
  /** Milliseconds after which an untouched circuit is forgotten, and so closed, untold. Default 5 minutes. */
  readonly idleMs?: number | undefined
  /** Told of every change, after it is made. It must not throw. */
  readonly onChange?: ((change: CircuitChange) => void) | undefined
}

const BUCKETS = 5
const WINDOW = 0
/** 0: closed. Above 0: open until that monotonic time. HALF_OPEN: probing. */
const UNTIL = WINDOW + BUCKETS + 1
const WIDTH = UNTIL + 1
/** Nothing is counted unless the circuit is closed, so the window's columns serve: how often in a row it opened. */
const OPENED = WINDOW
/** Probes that were let through, and those that have succeeded. */
const STARTED = WINDOW + 1
const SUCCEEDED = WINDOW + 2

const HALF_OPEN = -1
/** How soon to come again while probes are out: they will have told by then, or it opens anew. */
const PROBING_RETRY_MS = 1000

/**
 * Stops calling a provider that fails, for each key (a connection, a host) on its own.
 *
 * ```ts
 * const token = breaker.acquire(key)
 * if (token < 0) throw new ConnectorError('CIRCUIT_OPEN', '...', { retryAfterMs: -token })
 * ```
 * Every token is given back once: to `success`, `failure`, or `cancel` if the call ended without saying anything about
 * the provider. A token of an era that is over changes nothing: a late failure cannot open what has closed since.
 */
export class CircuitBreaker {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #minimumCalls: number
  readonly #failureRate: number
  readonly #openMs: number
  readonly #maxOpenMs: number
  readonly #probes: number
  readonly #onChange: CircuitOptions['onChange']
  readonly #window: PackedWindow
  readonly #rows: KeyedRows

  constructor(options: CircuitOptions) {
    const { clock, minimumCalls = 10, failureRate = 0.5, windowMs = 10_000, openMs = 10_000, probes = 1 } = options
    const { maxOpenMs = Math.max(60_000, openMs), idleMs = 300_000 } = options
    if (!(minimumCalls >= 1 && failureRate > 0 && failureRate <= 1 && windowMs > 0 && openMs > 0 && probes >= 1)) {
      throw new ConnectorError('CONFIGURATION_ERROR', 'This circuit breaker cannot work.', {
        hint: 'minimumCalls and probes are at least 1, failureRate is above 0 and at most 1, durations are above 0.',
      })
    }
    this.#clock = clock
    this.#minimumCalls = minimumCalls
    this.#failureRate = failureRate
    this.#openMs = openMs
    this.#maxOpenMs = maxOpenMs
    this.#probes = probes
    this.#onChange = options.onChange
    this.#window = new PackedWindow({ column: WINDOW, buckets: BUCKETS, bucketMs: windowMs / BUCKETS })
    this.#rows = new KeyedRows({
      width: WIDTH,
      clock,
      idleMs: Math.max(idleMs, windowMs),
      isIdle: (data, offset, nowMs) =>
        cell(data, offset + UNTIL) === HALF_OPEN
          ? cell(data, offset + STARTED) === cell(data, offset + SUCCEEDED)
          : cell(data, offset + UNTIL) <= nowMs,
    })
  }

  /** How many circuits are remembered. */
  get size(): number {
    return this.#rows.size
  }

  /** A token above 0 if the call may go; else below 0, and without its sign the milliseconds to wait. */
  acquire(key: string): number {
    const rows = this.#rows
    let offset = rows.find(key)
    if (offset < 0) offset = rows.rowOf(key)
    return cell(rows.data, offset + UNTIL) === 0 ? rows.generation(offset) : this.#probe(key, offset)
  }

  /** The call succeeded. */
  success(key: string, token: number): void {
    const offset = this.#rowOf(key, token)
    if (offset < 0) return
    const nowMs = this.#clock.monotonic()
    const { data } = this.#rows
    if (cell(data, offset + UNTIL) === 0) {
      this.#window.countFirst(data, offset, nowMs)
      this.#rows.touch(offset, nowMs)
      return
    }
    const succeeded = cell(data, offset + SUCCEEDED) + 1
    data[offset + SUCCEEDED] = succeeded
    if (succeeded >= this.#probes) this.#change(key, offset, 'closed', nowMs)
  }

  /** The call failed in a way that speaks against the provider. */
  failure(key: string, token: number): void {
    const offset = this.#rowOf(key, token)
    if (offset < 0) return
    const nowMs = this.#clock.monotonic()
    const { data } = this.#rows
    if (cell(data, offset + UNTIL) !== 0) {
      this.#change(key, offset, 'open', nowMs)
      return
    }
    this.#window.countSecond(data, offset, nowMs)
    const failures = this.#window.second(data, offset, nowMs)
    const calls = this.#window.first(data, offset, nowMs) + failures
    if (calls >= this.#minimumCalls && failures >= calls * this.#failureRate) {
      this.#change(key, offset, 'open', nowMs, calls, failures)
    } else {
      this.#rows.touch(offset, nowMs)
    }
  }

  /** The call was abandoned: a probe gives its place to the next. */
  cancel(key: string, token: number): void {
    const offset = this.#rowOf(key, token)
    const { data } = this.#rows
    if (offset < 0 || cell(data, offset + UNTIL) === 0) return
    data[offset + STARTED] = cell(data, offset + STARTED) - 1
  }

  /** An open circuit stays open, however late it is, until somebody asks to pass. */
  state(key: string): CircuitState {
    const offset = this.#rows.find(key)
    return offset < 0 ? 'closed' : stateOf(cell(this.#rows.data, offset + UNTIL))
  }

  /** The row, if it is still in the era in which the token was given. */
  #rowOf(key: string, token: number): number {
    const offset = this.#rows.find(key)
    return offset >= 0 && this.#rows.generation(offset) === token ? offset : -1
  }

  #probe(key: string, offset: number): number {
    const nowMs = this.#clock.monotonic()
    const { data } = this.#rows
    const until = cell(data, offset + UNTIL)
    if (until > nowMs) return nowMs - until
    if (until !== HALF_OPEN) return this.#change(key, offset, 'half_open', nowMs)
    const started = cell(data, offset + STARTED)
    if (started >= this.#probes) return -Math.min(PROBING_RETRY_MS, this.#openMs)
    data[offset + STARTED] = started + 1
    return this.#rows.generation(offset)
  }

  /** Begins a new era, and answers its token. What is half open has let its first probe through. */
  #change(key: string, offset: number, to: CircuitState, nowMs: number, calls = 0, failures = 0): number {
    const { data } = this.#rows
    const from = stateOf(cell(data, offset + UNTIL))
    const opened = from === 'closed' ? 0 : cell(data, offset + OPENED)
    const openMs = to === 'open' ? Math.min(this.#openMs * 2 ** Math.min(opened, 52), this.#maxOpenMs) : 0
    this.#window.clear(data, offset)
    data[offset + UNTIL] = to === 'closed' ? 0 : to === 'open' ? nowMs + openMs : HALF_OPEN
    if (to !== 'closed') data[offset + OPENED] = opened + (to === 'open' ? 1 : 0)
    if (to === 'half_open') data[offset + STARTED] = 1
    const token = this.#rows.renew(offset)
    this.#rows.touch(offset, nowMs)
    this.#onChange?.({ key, from, to, calls, failures, openMs })
    return token
  }
}

const stateOf = (until: number): CircuitState => (until === 0 ? 'closed' : until === HALF_OPEN ? 'half_open' : 'open')
