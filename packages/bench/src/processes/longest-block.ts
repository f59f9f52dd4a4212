import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'

/** The period of the timer whose delays are measured. */
const RESOLUTION_MS = 1

/** Runs `work`, and returns the longest time in milliseconds for which it blocked the event loop. */
export async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delays.enable()
  await pause(20)
  delays.reset()
  await work()
  // The timer records a block when it next fires.
  await pause(20)
  delays.disable()
  return Math.max(0, delays.max / 1e6 - RESOLUTION_MS)
}
