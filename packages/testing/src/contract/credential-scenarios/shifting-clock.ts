import { systemClock } from '@mcpclient/core'
import type { Clock } from '@mcpclient/core'

export interface ShiftingClock extends Clock {
  /** Advances the clock by `ms` milliseconds at once. */
  shift(ms: number): void
}

/**
 * Returns the system's clock, which a test can advance: a store with a database needs real time to pass, and
 * no test can wait an hour for a token to expire. Running timers are not advanced.
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
