import { systemClock } from '@mcpclient/core'
import type { Clock } from '@mcpclient/core'

export interface ShiftingClock extends Clock {
  /** Lets `ms` milliseconds have passed, at once. */
  shift(ms: number): void
}

/**
 * The system's clock, which a test can put forward: a store that talks to a database needs real time to go on, and
 * nobody wants to wait an hour for a token to end. Timers that run are not put forward.
 */
export function shiftingClock(): ShiftingClock {
  let ahead = 0
  return {
    now: () => systemClock.now() + ahead,
    monotonic: () => systemClock.monotonic() + ahead,
    schedule: (delayMs, run) => systemClock.schedule(delayMs, run),
    shift: (ms) => {
      ahead += ms
    },
  }
}
