import type { Clock } from '@mcpclient/core'
import { countCrypto, cryptoInFlight, cryptoSettled } from './crypto-in-flight.ts'

export interface FakeClock extends Clock {
  /** The number of pending timers. Nothing is left running when it is 0. */
  readonly pending: number
  /**
   * Advances time by `ms` milliseconds: runs due timers in order and settles promises after each, so timers that
   * are set meanwhile run, too. WebCrypto is waited for.
   *
   * Other work outside of the process's own promises (a socket, a file) takes real time; await it before.
   */
  readonly advance: (ms: number) => Promise<void>
  /** Advances from timer to timer until `promise` settles, and returns its value. */
  until<Value>(promise: Promise<Value>): Promise<Value>
  /** Sets the wall clock, as an administrator or a time server does. Timers and `monotonic` are not affected. */
  setWallClock(nowMs: number): void
}

interface Timer {
  readonly dueAt: number
  readonly run: () => void
}

/** Bounds timers that set themselves again without delay, which would run forever while no time passes. */
const MAX_AT_ONCE = 10_000
/** Bounds the wait for a promise beside a repeating timer, which may never settle. */
const MAX_UNTIL = 1_000_000
/** The turns of the event loop, without WebCrypto in flight, that settle pending promises; streams may need a second one. */
const TURNS = 2

/**
 * Creates a clock that stands still until a test advances it.
 * @param options.nowMs the wall clock at the start, milliseconds since the epoch; default 2026-01-01T00:00:00Z
 */
export function createFakeClock(options: { readonly nowMs?: number | undefined } = {}): FakeClock {
  countCrypto()
  let elapsed = 0
  let firedAtOnce = 0
  let wallOffset = options.nowMs ?? Date.UTC(2026, 0, 1)
  const timers = new Set<Timer>()
  /** The tail of the queue of advances, which must not overlap. */
  let last: Promise<unknown> = Promise.resolve()

  const oneAfterAnother = <Value>(work: (settle: Settle) => Promise<Value>): Promise<Value> => {
    const result = last.then(() => withTurns(work))
    last = result.catch(() => {})
    return result
  }

  /** Returns the timer that is due first; of several, the one that was set first, because a set preserves its order. */
  const firstTimer = (): Timer | undefined => {
    let first: Timer | undefined
    for (const timer of timers) if (first === undefined || timer.dueAt < first.dueAt) first = timer
    return first
  }

  const fire = async (timer: Timer, settle: Settle): Promise<void> => {
    timers.delete(timer)
    firedAtOnce = timer.dueAt > elapsed ? 0 : firedAtOnce + 1
    if (firedAtOnce > MAX_AT_ONCE)
      throw new Error(`${MAX_AT_ONCE} timers ran and no time passed: one sets itself again.`)
    elapsed = Math.max(elapsed, timer.dueAt)
    timer.run()
    await settle()
  }

  return {
    now: () => wallOffset + elapsed,
    monotonic: () => elapsed,
    schedule(delayMs, run) {
      const timer = { dueAt: elapsed + (delayMs > 0 ? delayMs : 0), run }
      timers.add(timer)
      return () => {
        timers.delete(timer)
      }
    },
    get pending() {
      return timers.size
    },
    advance: (ms) =>
      oneAfterAnother(async (settle) => {
        if (!(ms >= 0)) throw new Error(`Time passes forwards: advance(${ms}) cannot be.`)
        const end = elapsed + ms
        firedAtOnce = 0
        await settle()
        for (let timer = firstTimer(); timer !== undefined && timer.dueAt <= end; timer = firstTimer()) {
          await fire(timer, settle)
        }
        elapsed = end
      }),
    until: (promise) =>
      oneAfterAnother(async (settle) => {
        const waiting = new Set([promise])
        const over = promise.finally(() => waiting.clear())
        over.catch(() => {})
        firedAtOnce = 0
        await settle()
        for (let fired = 0; waiting.size > 0;) {
          const timer = firstTimer()
          if (timer === undefined) {
            // The promise waits for something outside of this process, which needs turns of the event loop.
            await settle()
            continue
          }
          if (++fired > MAX_UNTIL) throw new Error(`${MAX_UNTIL} timers ran, and the promise is still waiting.`)
          await fire(timer, settle)
        }
        return over
      }),
    setWallClock(nowMs) {
      wallOffset = nowMs - elapsed
    },
  }
}

/** Runs everything that waits only for promises and WebCrypto. */
type Settle = () => Promise<void>

/** Waits for a turn of the event loop. No test fakes messages, as some do with `setTimeout` and `setImmediate`. */
async function withTurns<Value>(work: (settle: Settle) => Promise<Value>): Promise<Value> {
  const { port1, port2 } = new MessageChannel()
  let next: (() => void) | undefined
  port1.addEventListener('message', () => {
    next?.()
  })
  port1.start()
  const turn = (): Promise<void> =>
    new Promise((resolve) => {
      next = resolve
      port2.postMessage(undefined)
    })
  try {
    return await work(async () => {
      for (let turns = 0; turns < TURNS;) {
        await turn()
        turns++
        if (cryptoInFlight() === 0) continue
        await cryptoSettled()
        turns = 0
      }
    })
  } finally {
    // An open port would keep the process alive.
    port1.close()
  }
}
