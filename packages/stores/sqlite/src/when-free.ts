import { ConnectorError, sleep } from '@mcpclient/core'
import type { Clock } from '@mcpclient/core'
import { isBusy } from './sqlite-failure.ts'

/** Another process holds the lock for as long as one write takes. */
const MAX_STEP_MS = 25
const MAX_WAIT_MS = 10_000

/**
 * Runs the work as soon as no other connection holds the lock. It waits here, because SQLite would block the whole
 * process.
 * @throws ConnectorError `TIMEOUT` after ten seconds
 */
export async function whenFree<Value>(clock: Clock, work: () => Value): Promise<Value> {
  let waitedMs = 0
  for (let stepMs = 1; ; stepMs = Math.min(stepMs * 2, MAX_STEP_MS)) {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error)) throw error
      if (waitedMs >= MAX_WAIT_MS) throw stillBusy(waitedMs, error)
    }
    await sleep(clock, stepMs)
    waitedMs += stepMs
  }
}

/** Runs the work while a host composes, which cannot wait for a promise. */
export function whenFreeSync<Value>(work: () => Value): Value {
  const waiting = new Int32Array(new SharedArrayBuffer(4))
  for (let waitedMs = 0; ; waitedMs += MAX_STEP_MS) {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error)) throw error
      if (waitedMs >= MAX_WAIT_MS) throw stillBusy(waitedMs, error)
    }
    Atomics.wait(waiting, 0, 0, MAX_STEP_MS)
  }
}

const stillBusy = (waitedMs: number, cause: unknown): ConnectorError =>
  new ConnectorError(
    'TIMEOUT',
    `Another program locked the store's file for ${String(waitedMs / 1000)} seconds.`,
    {
      outcome: 'not_processed',
      hint: 'Find the program with an open transaction: a shell, a backup, a stopped process.',
    },
    { cause },
  )
