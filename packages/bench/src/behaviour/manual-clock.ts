import type { Clock } from '@mcpclient/core'

interface Timer {
  readonly dueAt: number
  readonly run: () => void
}

export interface ManualClock extends Clock {
  /** Advances by `ms` milliseconds, runs due timers, and settles promises after each. */
  advance(ms: number): Promise<void>
}

/** Creates a clock that a program advances: half an hour of outage is simulated in a moment. */
export function createManualClock(): ManualClock {
  let elapsed = 1000
  const timers = new Set<Timer>()
  const nextDue = (until: number): Timer | undefined => {
    let next: Timer | undefined
    for (const timer of timers) {
      if (timer.dueAt <= until && (next === undefined || timer.dueAt < next.dueAt)) next = timer
    }
    return next
  }
  return {
    now: () => Date.UTC(2026, 0, 1) + elapsed,
    monotonic: () => elapsed,
    schedule(delayMs, run) {
      const timer = { dueAt: elapsed + delayMs, run }
      timers.add(timer)
      return () => {
        timers.delete(timer)
      }
    },
    async advance(ms) {
      const until = elapsed + ms
      for (let timer = nextDue(until); timer !== undefined; timer = nextDue(until)) {
        timers.delete(timer)
        elapsed = Math.max(elapsed, timer.dueAt)
        timer.run()
        await settle()
      }
      // A timer may have advanced the clock itself.
      elapsed = Math.max(elapsed, until)
      await settle()
    },
  }
}

/** Waits for a turn of the event loop, after which every promise without other dependencies has settled. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
