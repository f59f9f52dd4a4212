import type { Clock } from '../ports/clock.ts'

/** A timer that fires later than this was held up by this process, not by the provider. */
const STALL_MS = 50

/**
 * Calls `expire` after `delayMs`. If the event loop was blocked until long after that, pending input gets one turn first:
 * a response that arrived in time counts.
 * @returns cancels it
 */
export function startDeadline(clock: Clock, delayMs: number, expire: () => void): () => void {
  const dueAt = clock.monotonic() + delayMs
  let cancel = clock.schedule(Math.max(0, delayMs), () => {
    if (clock.monotonic() - dueAt <= STALL_MS) expire()
    else cancel = clock.schedule(0, expire)
  })
  return () => cancel()
}

/** One deadline in the list; also the handle that takes it out. */
export interface Deadline {
  readonly at: number
  readonly expire: () => void
  before: Deadline | undefined
  after: Deadline | undefined
}

/**
 * Deadlines that are all the same time away, behind one timer for them all: setting and clearing a timer for each request
 * would cost more than the rest of its stage. Since time only goes on, the list is in order without sorting.
 * Without deadlines there is no timer.
 */
export class Deadlines {
  readonly #clock: Clock
  readonly #limitMs: number
  #first: Deadline | undefined
  #last: Deadline | undefined
  #cancelTimer: (() => void) | undefined
  #waitedForInput = false

  /** @param limitMs milliseconds from being added to expiring */
  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock
    this.#limitMs = limitMs
  }

  /**
   * @param nowMs the monotonic time, read by the caller
   * @param expire called once, unless the deadline is removed before
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
    // Neither neighbours nor first: it has been taken out already.
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

  // The timer was set for a deadline that is mostly gone by now, so it may find nothing due, and is set anew.
  readonly #onTimer = (): void => {
    this.#cancelTimer = undefined
    const nowMs = this.#clock.monotonic()
    // After a blocked event loop, pending input gets one turn: see startDeadline.
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

/** Timers are in whole milliseconds, and may fire a little early. */
const ROUNDING_MS = 1
