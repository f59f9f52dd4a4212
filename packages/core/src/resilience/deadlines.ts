import type { Clock } from '../ports/clock.ts'

/** A timer that fires later than this was delayed by a blocked event loop, not by the provider. */
const STALL_MS = 50

/**
 * Calls `expire` after `delayMs`. If the event loop was blocked far beyond that, pending input is processed first, so
 * that a response which arrived in time still counts.
 * @returns a function that cancels the deadline
 */
export function startDeadline(clock: Clock, delayMs: number, expire: () => void): () => void {
  const dueAt = clock.monotonic() + delayMs
  let cancel = clock.schedule(Math.max(0, delayMs), () => {
    if (clock.monotonic() - dueAt <= STALL_MS) expire()
    else cancel = clock.schedule(0, expire)
  })
  return () => cancel()
}

/** A deadline in the list, and the handle to remove it. */
export interface Deadline {
  readonly at: number
  readonly expire: () => void
  before: Deadline | undefined
  after: Deadline | undefined
}

/**
 * Deadlines with the same limit, behind one shared timer, because a timer per request would cost more than the rest of
 * its stage. They are added in order of time, so the list needs no sorting. There is no timer while the list is empty.
 */
export class Deadlines {
  readonly #clock: Clock
  readonly #limitMs: number
  #first: Deadline | undefined
  #last: Deadline | undefined
  #cancelTimer: (() => void) | undefined
  #waitedForInput = false

  /** @param limitMs milliseconds from `add` to expiry */
  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock
    this.#limitMs = limitMs
  }

  /**
   * Adds a deadline.
   * @param nowMs the monotonic time, read by the caller
   * @param expire called once, if the deadline is not removed first
   */
  add(nowMs: number, expire: () => void): Deadline {
    const deadline: Deadline = { at: nowMs + this.#limitMs, expire, before: this.#last, after: undefined }
    if (this.#last === undefined) this.#first = deadline
    else this.#last.after = deadline
    this.#last = deadline
    this.#cancelTimer ??= this.#clock.schedule(this.#limitMs, this.#onTimer)
    return deadline
  }

  remove(deadline: Deadline): void {
    const { before, after } = deadline
    // It was removed already.
    if (before === undefined && this.#first !== deadline) return
    if (before === undefined) this.#first = after
    else before.after = after
    if (after === undefined) this.#last = before
    else after.before = before
    deadline.before = undefined
    deadline.after = undefined
    if (this.#first !== undefined) return
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  // The deadline for which the timer was set is usually gone by now, so the timer may find nothing due and is set again.
  readonly #onTimer = (): void => {
    this.#cancelTimer = undefined
    const nowMs = this.#clock.monotonic()
    // After a blocked event loop, pending input is processed first: see startDeadline.
    if (!this.#waitedForInput && this.#first !== undefined && nowMs - this.#first.at > STALL_MS) {
      this.#waitedForInput = true
      this.#cancelTimer = this.#clock.schedule(0, this.#onTimer)
      return
    }
    this.#waitedForInput = false
    for (let due = this.#first; due !== undefined && due.at <= nowMs + ROUNDING_MS; due = this.#first) {
      this.remove(due)
      due.expire()
    }
    if (this.#first === undefined || this.#cancelTimer !== undefined) return
    this.#cancelTimer = this.#clock.schedule(Math.max(0, this.#first.at - nowMs), this.#onTimer)
  }
}

/** Timers use whole milliseconds and may fire slightly early. */
const ROUNDING_MS = 1
