/** Time as a port, so that tests never sleep. All durations are milliseconds. */
export interface Clock {
  /** Wall-clock time: milliseconds since the epoch. May jump; use it only for dates that others read. */
  now(): number
  /** Milliseconds from an arbitrary origin; never jumps back. */
  monotonic(): number
  /** Runs `run` once after `delayMs`. Returns the function that cancels it. */
  schedule(delayMs: number, run: () => void): () => void
}

/** `setTimeout` fires at once for a longer delay than this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule: (delayMs, run) => {
    const timer = setTimeout(run, Math.min(delayMs, LONGEST_TIMER_MS))
    return () => {
      clearTimeout(timer)
    }
  },
}

/**
 * Waits `ms` milliseconds; rejects with the signal's reason as soon as it aborts.
 */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.reject(signal.reason as Error)
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      cancel()
      reject(signal?.reason as Error)
    }
    const cancel = clock.schedule(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
