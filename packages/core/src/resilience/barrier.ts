/**
 * One thing that can hold a call back: a rate, a block, a cap on concurrency. A {@link Gate} asks every barrier of a
 * call before it takes from any, so that a call takes from all or from none.
 */
export interface Barrier {
  /** Names the waiting room: calls held by barriers of one name wait together, and share fairly. Unique over kinds. */
  readonly room: string
  /** What passing takes of this barrier, in its own unit. Greater than 0. */
  readonly cost: number
  /**
   * Milliseconds until this call could pass, if `ahead` of cost went before it; 0: now; `Infinity`: when somebody
   * leaves, and nobody can say when that is. Takes nothing.
   * @throws ConnectorError CONFIGURATION_ERROR if the call can never pass
   */
  waitMs(ahead: number, nowMs: number): number
  /** Takes the cost. Called only when `waitMs` has just answered 0. */
  take(nowMs: number): void
  /** Gives back what a call in flight holds. Absent: it holds nothing. */
  leave?(): void
}
