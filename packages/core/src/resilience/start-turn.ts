import { sleep, systemClock } from '../ports/clock.ts'

/** Maximum number of calls that start in one turn of the event loop. */
const MAX_STARTS = 100

/** Number of calls that started since the last turn, or since a call ended. One count, because all clients share the loop. */
let starts = 0
let turn: Promise<void> | undefined

/**
 * Spreads the start of thousands of calls over turns of the event loop, so that they do not block it. Returns undefined if
 * a call may start now, else a promise of its turn. Uses real time, not the host's clock.
 */
export function startTurn(): Promise<void> | undefined {
  starts += 1
  if (starts > MAX_STARTS) {
    starts = 1
    const next = (turn ?? Promise.resolve()).then(() => sleep(systemClock, 0))
    turn = next
    void next.then(() => {
      if (turn === next) turn = undefined
    })
  }
  return turn
}

/** Resets the count: a call ends only if the event loop turns. */
export function endTurn(): void {
  if (turn === undefined) starts = 0
}
