import type { Clock } from '@mcpclient/core'
import { createShiftedClock } from '../clients/shifted-clock.ts'

export interface CountingClock extends Clock {
  /** Returns the number of timers that are alive. */
  timers(): number
  /** Shifts the time of day. Timers take their real time. */
  skip(ms: number): void
}

/** Creates the system's clock with a count of its timers. */
export function createCountingClock(): CountingClock {
  const clock = createShiftedClock()
  const alive = new Set<object>()
  return {
    ...clock,
    schedule(delayMs, run) {
      const timer = {}
      alive.add(timer)
      const cancel = clock.schedule(delayMs, () => {
        alive.delete(timer)
        run()
      })
      return () => {
        alive.delete(timer)
        cancel()
      }
    },
    timers: () => alive.size,
  }
}
