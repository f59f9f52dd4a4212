/**
 * A barrier that can delay a call: a rate limit, a block, a concurrency limit. A {@link Gate} checks every barrier of a
 * call before it takes from any, so a call takes from all or from none.
 */
export interface Barrier {
  /** The waiting room. Calls held by barriers with the same room share one fair queue. Unique across kinds. */
  readonly room: string
  /** The amount that a call takes from this barrier, in the barrier's own unit. Greater than 0. */
  readonly cost: number
  /**
   * Returns the milliseconds until this call can pass, without taking anything. 0: now. `Infinity`: once another call leaves,
   * at an unknown time.
   * @param ahead cost of the calls that go first
   * @throws ConnectorError CONFIGURATION_ERROR if the call can never pass
   */
  waitMs(ahead: number, nowMs: number): number
  /** Takes the cost. Called only right after `waitMs` returned 0. */
  take(nowMs: number): void
  /**
   * Releases what a call in flight holds. Absent if it holds nothing.
   * @param isServed false if the provider refused it because of a limit
   */
  leave?(isServed: boolean): void
}
