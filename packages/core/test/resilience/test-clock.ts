import type { Clock } from '../../src/ports/clock.ts'

/** A clock that a test advances. It starts at 1,000,000 ms, because zero could hide a mistake. */
export class TestClock implements Clock {
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>()
  #monotonic = 1_000_000
  /** Milliseconds since the epoch at the start: 2026-11-21T12:00:00Z. */
  readonly #epoch = Date.UTC(2026, 10, 21, 12) - this.#monotonic

  /** The number of pending timers. */
  get timers(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#epoch + this.#monotonic
  }

  monotonic(): number {
    return this.#monotonic
  }

  schedule(delayMs: number, run: () => void): () => void {
    const timer = { at: this.#monotonic + delayMs, run }
    this.#timers.add(timer)
    return () => {
      this.#timers.delete(timer)
    }
  }

  /** Advances by `ms`. Runs every timer at its own time, in order, and then its continuations. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms
    for (let timer = this.#due(end); timer !== undefined; timer = this.#due(end)) {
      this.#monotonic = Math.max(timer.at, this.#monotonic)
      this.#timers.delete(timer)
      timer.run()
      await settled()
    }
    this.#monotonic = end
    await settled()
  }

  #due(end: number) {
    return [...this.#timers].filter(({ at }) => at <= end).toSorted((one, other) => one.at - other.at)[0]
  }
}

/** Runs every continuation that is already resolved. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
}
