import { count, type Counts } from './counts.ts'

/** What must hold whatever happens. */
export type Invariant =
  /** A grant ends only where nothing could be done. */
  | 'no_grant_lost'
  /** A grant that the server would still renew is never given up. */
  | 'no_good_grant_given_up'
  /** What was lost is told as lost, and once. */
  | 'losses_are_told'
  /** Two processes that live never spend one token. */
  | 'one_spender'
  /** A lease that has not lapsed is respected. */
  | 'leases_are_respected'
  /** Whoever looks at a grant that is due, and that nobody else is at, renews it or meets a fault. */
  | 'no_idle_look'
  /** While its access token works, a token that may have been spent is not shown again. */
  | 'no_needless_risk'
  /** A grant is replaced by its own descendant and by nothing else. */
  | 'only_descendants_replace'
  /** What a person did stands. */
  | 'people_win'
  /** Who has seen that a connection is gone does not use it. */
  | 'removal_is_respected'
  | 'states_follow_the_table'
  /** News are told once, of what has happened, and of all that has happened. */
  | 'news_are_told'
  /** Without faults, a token is renewed once, in the last part of its life. */
  | 'one_refresh_per_expiry'
  /** After a failure nobody tries again before the time that was noted. */
  | 'no_storm'
  /** A wait that is noted is at most 15 minutes, or an hour after a refusal without a reason; one of a wrong clock is void. */
  | 'waits_are_bounded'
  /** An operation of the store that never responds does not block the calls that come ten seconds later. */
  | 'no_call_blocked'
  /** A fresh token that was refused is not refreshed again because of the next refusal. */
  | 'no_refresh_storm'
  /** An id_token is verified once the server lists its key and the keys may be fetched again. */
  | 'keys_are_fetched_again'
  | 'only_known_errors'
  | 'comes_to_rest'

export interface Violation {
  readonly invariant: Invariant
  readonly message: string
}

/** What all who watch one schedule have found: the first rule that was broken, and what was counted. */
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
