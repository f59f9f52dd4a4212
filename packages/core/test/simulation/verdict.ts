import { count, type Counts } from './counts.ts'

/** The rules that hold in every schedule. */
export type Invariant =
  /** A grant is lost only if that is unavoidable. */
  | 'no_grant_lost'
  /** A grant that the server would still refresh is never dropped. */
  | 'no_valid_grant_dropped'
  /** A lost grant is reported as lost, once. */
  | 'losses_are_reported'
  /** Two running processes never use the same refresh token. */
  | 'one_use_per_token'
  /** A lease is not taken over before it expires. */
  | 'leases_are_respected'
  /** A process that reads a due grant without a lease refreshes it, unless a fault prevents that. */
  | 'due_grants_are_refreshed'
  /** A refresh token that may have been used is not presented again while its access token works. */
  | 'no_needless_risk'
  /** A grant is replaced only by its own descendant. */
  | 'only_descendants_replace'
  /** A change by the user is never overwritten. */
  | 'user_actions_win'
  /** A process that has read that a connection is gone does not use it. */
  | 'removal_is_respected'
  | 'states_follow_the_table'
  /** Each change emits its events exactly once. */
  | 'events_are_emitted'
  /** Without faults, a token is refreshed once, in the last part of its life. */
  | 'one_refresh_per_expiry'
  /** After a failure no process retries before the recorded time. */
  | 'no_storm'
  /** A recorded wait is at most 15 minutes, or an hour after a refusal without a reason, except by a wrong clock. */
  | 'waits_are_bounded'
  /** A store operation that never responds does not block calls that start ten seconds later. */
  | 'no_call_blocked'
  /** A fresh token that was refused is not refreshed again after the next refusal. */
  | 'no_refresh_storm'
  /** An id_token is verified once the server lists its key and the keys may be fetched again. */
  | 'keys_are_fetched_again'
  | 'only_known_errors'
  | 'comes_to_rest'

export interface Violation {
  readonly invariant: Invariant
  readonly message: string
}

/** The result of one schedule: the first broken rule, and the counts. */
export class Verdict {
  violation: Violation | undefined
  readonly counts: Counts = new Map()

  fail(invariant: Invariant, message: string): void {
    this.violation ??= { invariant, message }
  }

  check(invariant: Invariant, holds: boolean, message: () => string): void {
    count(this.counts, 'checks')
    if (!holds) this.fail(invariant, message())
  }
}
