/** The source of time and timers, so that tests never sleep. All durations are milliseconds. */
export interface Clock {
  /** Returns wall-clock time: milliseconds since the epoch. It may jump, so use it only for dates that others read. */
  now(): number
  /** Returns milliseconds since an arbitrary origin. Never jumps back. */
  monotonic(): number
  /** Runs `run` once after `delayMs`. Returns the function that cancels it. */
  schedule(delayMs: number, run: () => void): () => void
}

/** Maximum delay of `setTimeout`, which fires immediately for longer ones. */
const MAX_TIMER_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule: (delayMs, run) => {
    const timer = setTimeout(run, Math.min(delayMs, MAX_TIMER_MS))
    return () => {
      clearTimeout(timer)
    }
  },
}

/** The system's time with timers that do not keep the process alive, for work such as closing idle connections. */
export const backgroundClock: Clock = {
  ...systemClock,
  schedule(delayMs, run) {
    const timer = setTimeout(run, Math.min(delayMs, MAX_TIMER_MS))
    // Node's timers are objects, a browser's are numbers.
    const handle = timer as unknown as { unref?(): void }
    handle.unref?.()
    return () => {
      clearTimeout(timer)
    }
  },
}

/** Resolves after `ms` milliseconds. Rejects with the signal's reason as soon as it aborts. */
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
