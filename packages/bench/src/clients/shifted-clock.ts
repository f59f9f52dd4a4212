import type { Clock } from '@mcpclient/core'
import { systemClock } from '@mcpclient/core'

/** Returns the system's clock, which can be advanced: hours pass at once, timers take their real time. */
export function createShiftedClock(): Clock & { skip(ms: number): void } {
  let shift = 0
  return {
    now: () => systemClock.now() + shift,
    monotonic: () => systemClock.monotonic() + shift,
    schedule: (delayMs, run) => systemClock.schedule(delayMs, run),
    skip(ms) {
      shift += ms
    },
  }
}
