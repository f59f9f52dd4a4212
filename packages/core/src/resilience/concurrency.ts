import type { Clock } from '../ports/clock.ts'
import type { Barrier } from './barrier.ts'
import { KeyedRows } from './keyed-rows.ts'

const DEFAULT_IDLE_MS = 60_000

/** Counts the calls in flight of each key, for providers that cap them (Twilio, Asana, Mailchimp). */
export class Concurrency {
  readonly #name: string
  readonly #rows: KeyedRows<'inFlight'>

  /**
   * @param options.name separates the waiting rooms of this cap from those of another at the same gate
   * @param options.idleMs milliseconds after which a key without calls can be dropped. @default 60_000
   */
  constructor(options: {
    readonly clock: Pick<Clock, 'monotonic'>
    readonly name?: string | undefined
    readonly idleMs?: number | undefined
  }) {
    this.#name = options.name ?? ''
    this.#rows = new KeyedRows({
      cells: { inFlight: 0 },
      clock: options.clock,
      idleMs: options.idleMs ?? DEFAULT_IDLE_MS,
      isIdle: ({ inFlight }, row) => inFlight.get(row) === 0,
    })
  }

  inFlight(key: string): number {
    const row = this.#rows.find(key)
    return row < 0 ? 0 : this.#rows.columns.inFlight.get(row)
  }

  enter(key: string, nowMs: number): void {
    this.#rows.columns.inFlight.add(this.#rows.rowOf(key, nowMs), 1)
  }

  leave(key: string): void {
    const { inFlight } = this.#rows.columns
    const row = this.#rows.find(key)
    if (row >= 0) inFlight.set(row, Math.max(inFlight.get(row) - 1, 0))
  }

  /** Returns a barrier that allows at most `max` calls of `key` in flight. */
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
