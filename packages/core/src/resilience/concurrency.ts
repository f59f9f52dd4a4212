import type { Clock } from '../ports/clock.ts'
import type { Barrier } from './barrier.ts'
import { cell, KeyedRows } from './keyed-rows.ts'

const DEFAULT_IDLE_MS = 60_000

/** How many calls of each key are in flight, for providers that cap them (Twilio, Asana, Mailchimp). */
export class Concurrency {
  readonly #name: string
  readonly #rows: KeyedRows

  /**
   * @param options.name sets the waiting rooms of this cap apart from those of another at the same gate
   * @param options.idleMs milliseconds after which a key without calls may be forgotten; default a minute
   */
  constructor(options: {
    readonly clock: Pick<Clock, 'monotonic'>
    readonly name?: string | undefined
    readonly idleMs?: number | undefined
  }) {
    this.#name = options.name ?? ''
    this.#rows = new KeyedRows({
      width: 1,
      clock: options.clock,
      idleMs: options.idleMs ?? DEFAULT_IDLE_MS,
      isIdle: (data, offset) => cell(data, offset) === 0,
    })
  }

  inFlight(key: string): number {
    const offset = this.#rows.find(key)
    return offset < 0 ? 0 : cell(this.#rows.data, offset)
  }

  enter(key: string, nowMs: number): void {
    const offset = this.#rows.rowOf(key, nowMs)
    this.#rows.data[offset] = cell(this.#rows.data, offset) + 1
  }

  leave(key: string): void {
    const offset = this.#rows.find(key)
    if (offset >= 0) this.#rows.data[offset] = Math.max(cell(this.#rows.data, offset) - 1, 0)
  }

  /** At most `max` calls of `key` at once, as something to wait for at a gate. */
  barrier(key: string, max: number): Barrier {
    return new ConcurrencyBarrier(this, this.#name, key, max)
  }
}

class ConcurrencyBarrier implements Barrier {
  readonly cost = 1
  readonly #concurrency: Concurrency
  readonly #name: string
  readonly #key: string
  readonly #max: number

  constructor(concurrency: Concurrency, name: string, key: string, max: number) {
    this.#concurrency = concurrency
    this.#name = name
    this.#key = key
    this.#max = max
  }

  get room(): string {
    return `concurrency ${this.#name} ${this.#key}`
  }

  waitMs(ahead: number): number {
    return this.#concurrency.inFlight(this.#key) + ahead < this.#max ? 0 : Infinity
  }

  take(nowMs: number): void {
    this.#concurrency.enter(this.#key, nowMs)
  }

  leave(): void {
    this.#concurrency.leave(this.#key)
  }
}
