import { systemClock } from '@mcpclient/core'
import type { Clock } from '@mcpclient/core'

/** `setTimeout` fires at once for a longer delay than this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The system's time, with timers that keep no process alive: what they do is tidying up. */
export const backgroundClock: Clock = {
  ...systemClock,
  schedule(delayMs, run) {
    const timer = setTimeout(run, Math.min(delayMs, LONGEST_TIMER_MS))
    // Node's timers are objects, a browser's are numbers.
    const handle = timer as unknown as { unref?(): void }
    handle.unref?.()
    return () => {
      clearTimeout(timer)
    }
  },
}
